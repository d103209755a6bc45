import LigaseRuntime

/// Expression values of samples × genes, most of them zero: only nonzero values are stored, row by row (CSR).
///
/// ```swift
/// let cells = try SparseExpressionMatrix(contentsOf: "filtered_feature_bc_matrix").countsPerMillion()
/// let dense = try cells.logTransformed().dense().topVariance(2000)
/// ```
///
/// The values of sample i are `values[rowStarts[i]..<rowStarts[i + 1]]`, and their genes the same range of
/// `columns`, in ascending order. Sample names are distinct, gene names are distinct, and no stored value is
/// zero.
public struct SparseExpressionMatrix: Sendable {
  /// The name of the column of sample names.
  package var sampleColumn: String
  /// The samples, in the order of the rows.
  public private(set) var samples: [String]
  /// The genes, in the order of the columns.
  public private(set) var genes: [String]
  /// The offset of the values of each sample, and the total number of values at the end.
  package internal(set) var rowStarts: [Int]
  /// The gene of each value.
  package internal(set) var columns: [Int32]
  /// The values.
  package internal(set) var values: [Float]

  /// Creates a matrix from names and values that satisfy these conditions.
  package init(
    samples: [String], genes: [String], rowStarts: [Int], columns: [Int32], values: [Float],
    sampleColumn: String = "cell"
  ) {
    precondition(
      rowStarts.count == samples.count + 1 && rowStarts.first == 0 && rowStarts.last == values.count
        && columns.count == values.count && genes.count <= Int(Int32.max),
      "SparseExpressionMatrix: \(rowStarts.count) row starts, \(columns.count) columns and \(values.count) values "
        + "for \(samples.count) samples × \(genes.count) genes")
    self.sampleColumn = sampleColumn
    self.samples = samples
    self.genes = genes
    self.rowStarts = rowStarts
    self.columns = columns
    self.values = values
  }

  /// Returns the value of one gene in one sample.
  public subscript(sample: Int, gene: Int) -> Float {
    let range = rowStarts[sample]..<rowStarts[sample + 1]
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if Int(columns[middle]) < gene { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && Int(columns[low]) == gene ? values[low] : 0
  }

  /// Returns some of the samples.
  package func selecting(samples chosen: Range<Int>) -> SparseExpressionMatrix {
    let first = rowStarts[chosen.lowerBound], end = rowStarts[chosen.upperBound]
    return SparseExpressionMatrix(
      samples: Array(samples[chosen]), genes: genes,
      rowStarts: rowStarts[chosen.lowerBound...chosen.upperBound].map { $0 - first },
      columns: Array(columns[first..<end]), values: Array(values[first..<end]), sampleColumn: sampleColumn)
  }

  /// The fraction of values that are not zero.
  package var density: Double {
    samples.isEmpty || genes.isEmpty ? 0 : Double(values.count) / Double(samples.count) / Double(genes.count)
  }

  /// Returns the matrix with its zeros; a matrix that is too large to address throws.
  public func dense() throws -> ExpressionMatrix {
    let (count, overflow) = samples.count.multipliedReportingOverflow(by: genes.count)
    guard !overflow, count <= Int.max / 8, let probe = PageMemory(count: count * 4) else {
      throw FormatError(
        .badData, path: "MatrixMarket",
        "found \(samples.count) samples × \(genes.count) genes, which do not fit into memory with their zeros"
      )
    }
    _ = probe
    let width = genes.count
    let dense = [Float](unsafeUninitializedCapacity: count) { target, filled in
      target.update(repeating: 0)
      filled = count
      for sample in samples.indices {
        for i in rowStarts[sample]..<rowStarts[sample + 1] {
          target[sample &* width &+ Int(columns[i])] = values[i]
        }
      }
    }
    return ExpressionMatrix(samples: samples, genes: genes, values: dense, sampleColumn: sampleColumn)
  }
}

// MARK: - Transformations

extension SparseExpressionMatrix: ExpressionTransforming {
  /// Returns ln(1 + x) of every value; a negative value throws, because it is neither a count nor an
  /// abundance.
  public consuming func logTransformed() throws -> SparseExpressionMatrix {
    try refuseNegative("log1p")
    for i in values.indices { values[i] = Float(log1p(Double(values[i]))) }
    return self
  }

  /// Returns the matrix with every sample scaled to a sum of one million; a sample without counts stays zero,
  /// and a negative value throws.
  public consuming func countsPerMillion() throws -> SparseExpressionMatrix {
    try refuseNegative("counts per million")
    for sample in samples.indices {
      let range = rowStarts[sample]..<rowStarts[sample + 1]
      // Missing values take no part.
      let total = values[range].reduce(0.0) { $1.isNaN ? $0 : $0 + Double($1) }
      for i in range { values[i] = Float(Double(values[i]) * 1e6 / total) }
    }
    return self
  }

  /// Returns the `count` genes with the largest variance over the samples (ties in the order of the file), in
  /// their order.
  package consuming func topVariance(_ count: Int) -> SparseExpressionMatrix {
    precondition(count >= 0, "SparseExpressionMatrix.topVariance: \(count) genes")
    if count >= genes.count { return self }
    let variances = geneVariances()
    let order = genes.indices.sorted {
      variances[$0] != variances[$1] ? variances[$0] > variances[$1] : $0 < $1
    }
    return keepingColumns(order[..<count].sorted())
  }

  /// Returns the genes of a list in its order, and those of it that are not in the matrix.
  package func selecting(genes wanted: [String]) -> (matrix: SparseExpressionMatrix, missing: [String]) {
    let index = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let chosen = wanted.compactMap { index[$0] }
    return (keepingColumns(chosen), wanted.filter { index[$0] == nil })
  }

  /// Returns the variance of each gene over the samples, about its mean, divided by the number of samples.
  package func geneVariances() -> [Double] {
    let n = Double(max(1, samples.count))
    var means = [Double](repeating: 0, count: genes.count)
    var present = [Int](repeating: 0, count: genes.count)
    for i in values.indices {
      means[Int(columns[i])] += Double(values[i])
      present[Int(columns[i])] += 1
    }
    for gene in genes.indices { means[gene] /= n }
    // Each omitted zero differs from the mean by the mean.
    var sums = genes.indices.map { Double(samples.count - present[$0]) * means[$0] * means[$0] }
    for i in values.indices {
      let distance = Double(values[i]) - means[Int(columns[i])]
      sums[Int(columns[i])] += distance * distance
    }
    return sums.map { $0 / n }
  }

  private func refuseNegative(_ operation: String) throws {
    guard let i = values.firstIndex(where: { $0 < 0 }) else { return }
    var sample = 0
    while rowStarts[sample + 1] <= i { sample += 1 }
    throw FormatError(
      .badData, path: samples[sample],
      "found \(values[i]) for gene \(genes[Int(columns[i])]), expected no negative value: \(operation) takes counts"
    )
  }

  /// Returns the matrix with the columns at these distinct positions, in their order.
  func keepingColumns(_ chosen: [Int]) -> SparseExpressionMatrix {
    var target = [Int32](repeating: -1, count: genes.count)
    for (to, column) in chosen.enumerated() { target[column] = Int32(to) }
    return regrouping(
      target, names: chosen.map { genes[$0] }, zip(chosen, chosen.dropFirst()).allSatisfy { $0 < $1 })
  }

  /// Moves every value to column `target[column]`, or removes it where that is negative.
  func regrouping(_ target: [Int32], names: [String], _ staysInOrder: Bool) -> SparseExpressionMatrix {
    var starts = [0]
    starts.reserveCapacity(samples.count + 1)
    var newColumns: [Int32] = []
    var newValues: [Float] = []
    for sample in samples.indices {
      let first = newColumns.count
      for i in rowStarts[sample]..<rowStarts[sample + 1] where target[Int(columns[i])] >= 0 {
        newColumns.append(target[Int(columns[i])])
        newValues.append(values[i])
      }
      if !staysInOrder {
        let order = (first..<newColumns.count).sorted { newColumns[$0] < newColumns[$1] }
        newColumns.replaceSubrange(first..., with: order.map { newColumns[$0] })
        newValues.replaceSubrange(first..., with: order.map { newValues[$0] })
      }
      starts.append(newColumns.count)
    }
    return SparseExpressionMatrix(
      samples: samples, genes: names, rowStarts: starts, columns: newColumns, values: newValues,
      sampleColumn: sampleColumn)
  }
}
