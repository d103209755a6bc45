extension ExpressionInput {
  /// Concatenates the samples of several matrices, over all their genes in order of appearance.
  ///
  /// A gene that one of the matrices lacks is missing there, which is an error unless a policy was chosen; in
  /// MatrixMarket, omitted values are 0. Duplicate samples throw.
  ///
  /// - Parameter paths: the files, for errors.
  package static func joined(
    _ inputs: [ExpressionInput], paths: [String], options: ExpressionMatrix.ReadingOptions,
    reading: inout ExpressionMatrix.Reading
  ) throws -> ExpressionInput {
    precondition(
      inputs.count == paths.count && !inputs.isEmpty, "ExpressionInput.joined: \(inputs.count) matrices")
    if inputs.count == 1 { return inputs[0] }
    let sparse = inputs.compactMap { input -> SparseExpressionMatrix? in
      if case .sparse(let matrix) = input { return matrix }
      return nil
    }
    if sparse.count == inputs.count {
      try refuseSamples(sparse.map(\.samples), paths)
      return .sparse(SparseExpressionMatrix(joining: sparse))
    }
    let dense = try inputs.map { try $0.dense() }
    try refuseSamples(dense.map(\.samples), paths)
    return .dense(try ExpressionMatrix(joining: dense, paths: paths, options: options, reading: &reading))
  }

  private static func refuseSamples(_ samples: [[String]], _ paths: [String]) throws {
    var seen: [String: Int] = [:]
    for (file, names) in samples.enumerated() {
      for name in names {
        if let other = seen.updateValue(file, forKey: name) {
          throw FormatError(
            .badData, path: paths[file],
            "found sample \(FormatError.quoted(name)), which \(FormatError.printable(paths[other].utf8)) has too, "
              + "expected unique names")
        }
      }
    }
  }

  /// Returns the union of genes in order of appearance, and the column of each matrix's genes in it.
  fileprivate static func union(_ genes: [[String]]) -> (genes: [String], columns: [[Int]]) {
    var all: [String] = []
    var index: [String: Int] = [:]
    let columns = genes.map { names in
      names.map { name in
        if let column = index[name] { return column }
        index[name] = all.count
        all.append(name)
        return all.count - 1
      }
    }
    return (all, columns)
  }
}

extension ExpressionMatrix {
  /// Concatenates matrices over the union of their genes.
  fileprivate init(
    joining matrices: [ExpressionMatrix], paths: [String], options: ReadingOptions, reading: inout Reading
  ) throws {
    let (genes, columns) = ExpressionInput.union(matrices.map(\.genes))
    let rows = matrices.reduce(0) { $0 + $1.samples.count }
    var values = [Float](repeating: .nan, count: rows * genes.count)
    var row = 0
    var absent = 0
    for (file, matrix) in matrices.enumerated() {
      for sample in matrix.samples.indices {
        for (value, column) in zip(matrix.values(ofSample: sample), columns[file]) {
          values[row * genes.count + column] = value
        }
        row += 1
      }
      let lacking = genes.count - matrix.genes.count
      absent += lacking * matrix.samples.count
      if lacking > 0, options.missingValues == .error {
        let own = Set(matrix.genes)
        throw FormatError(
          .badData, path: paths[file],
          "found no values of genes that the other files have: \(FormatError.counted(genes.filter { !own.contains($0) }))",
          remedy: .chooseMissingPolicy)
      }
    }
    self.init(
      samples: matrices.flatMap(\.samples), genes: genes, values: values,
      sampleColumn: matrices[0].sampleColumn)
    reading.missingCount += absent
    try fillMissing(options.missingValues, path: paths[0], &reading)
  }
}

extension SparseExpressionMatrix {
  /// Concatenates matrices over the union of their genes.
  fileprivate init(joining matrices: [SparseExpressionMatrix]) {
    let (genes, columns) = ExpressionInput.union(matrices.map(\.genes))
    var (starts, joined, values): ([Int], [Int32], [Float]) = ([0], [], [])
    for (file, matrix) in matrices.enumerated() {
      let target = columns[file].map { Int32($0) }
      let placed = matrix.regrouping(
        target, names: genes, zip(target, target.dropFirst()).allSatisfy { $0 < $1 })
      starts += placed.rowStarts.dropFirst().map { $0 + joined.count }
      joined += placed.columns
      values += placed.values
    }
    self.init(
      samples: matrices.flatMap(\.samples), genes: genes, rowStarts: starts, columns: joined, values: values,
      sampleColumn: matrices[0].sampleColumn)
  }
}
