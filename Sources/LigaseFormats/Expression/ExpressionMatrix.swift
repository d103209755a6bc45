import LigaseRuntime

/// Expression values of samples × genes: Float32, one row per sample, with names for both axes, and without
/// missing values unless they were to be kept.
///
/// ```swift
/// let expression = try ExpressionMatrix(contentsOf: "ccle.tsv.gz").logTransformed()
/// print(expression.samples[0], expression.genes[0], expression[0, 0])
/// ```
///
/// Sample names are distinct, and so are gene names.
public struct ExpressionMatrix: Sendable {
  /// The name of the column of sample names.
  package var sampleColumn: String
  /// The samples, in the order of the rows.
  public private(set) var samples: [String]
  /// The genes, in the order of the columns.
  public private(set) var genes: [String]
  /// The values, row-major `[samples, genes]`.
  public private(set) var values: [Float]

  /// Creates a matrix from names and values, row-major `[samples, genes]`.
  public init(samples: [String], genes: [String], values: [Float], sampleColumn: String = "sample") {
    precondition(
      values.count == samples.count * genes.count,
      "ExpressionMatrix: \(values.count) values for \(samples.count) samples × \(genes.count) genes")
    self.sampleColumn = sampleColumn
    self.samples = samples
    self.genes = genes
    self.values = values
  }

  /// Returns the value of one gene in one sample.
  public subscript(sample: Int, gene: Int) -> Float { values[sample * genes.count + gene] }

  /// Returns the values of one sample, in the order of the genes.
  package func values(ofSample sample: Int) -> ArraySlice<Float> {
    values[sample * genes.count..<(sample + 1) * genes.count]
  }
}

// MARK: - Transformations

extension ExpressionMatrix {
  /// Returns some of the samples.
  package func selecting(samples chosen: Range<Int>) -> ExpressionMatrix {
    ExpressionMatrix(
      samples: Array(samples[chosen]), genes: genes,
      values: Array(values[(chosen.lowerBound * genes.count)..<(chosen.upperBound * genes.count)]),
      sampleColumn: sampleColumn)
  }

  /// Returns ln(1 + x) of every value; a negative value throws, because it is neither a count nor an
  /// abundance.
  public consuming func logTransformed() throws -> ExpressionMatrix {
    try refuseNegative("log1p")
    for i in values.indices { values[i] = Float(log1p(Double(values[i]))) }
    return self
  }

  /// Returns the matrix with every sample scaled to a sum of one million; a sample without counts stays zero,
  /// and a negative value throws.
  public consuming func countsPerMillion() throws -> ExpressionMatrix {
    try refuseNegative("counts per million")
    for sample in samples.indices {
      let range = sample * genes.count..<(sample + 1) * genes.count
      // Missing values take no part.
      let total = values[range].reduce(0.0) { $1.isNaN ? $0 : $0 + Double($1) }
      if total == 0 { continue }
      for i in range { values[i] = Float(Double(values[i]) * 1e6 / total) }
    }
    return self
  }

  /// Returns the `count` genes with the largest variance over the samples (ties in the order of the file), in
  /// their order.
  ///
  /// - Parameters:
  ///   - count: the number of genes to keep.
  ///   - known: the samples whose values are used, such as those of training; nil uses all.
  public consuming func topVariance(_ count: Int, over known: [String]? = nil) -> ExpressionMatrix {
    precondition(count >= 0, "ExpressionMatrix.topVariance: \(count) genes")
    if count >= genes.count { return self }
    let variances = known.map { selecting(samples: $0).matrix.geneVariances() } ?? geneVariances()
    let order = genes.indices.sorted {
      variances[$0] != variances[$1] ? variances[$0] > variances[$1] : $0 < $1
    }
    let chosen = order[..<count].sorted()
    return keepingColumns(chosen)
  }

  /// Returns the genes of a list in its order, and those of it that are not in the matrix.
  public func selecting(genes wanted: [String]) -> (matrix: ExpressionMatrix, missing: [String]) {
    let index = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let columns = wanted.compactMap { index[$0] }
    var chosen: [Float] = []
    chosen.reserveCapacity(samples.count * columns.count)
    for sample in samples.indices {
      let start = sample * genes.count
      for column in columns { chosen.append(values[start + column]) }
    }
    let matrix = ExpressionMatrix(
      samples: samples, genes: columns.map { genes[$0] }, values: chosen, sampleColumn: sampleColumn)
    return (matrix, wanted.filter { index[$0] == nil })
  }

  /// Returns the samples of a list in its order, and those of it that are not in the matrix.
  public func selecting(samples wanted: [String]) -> (matrix: ExpressionMatrix, missing: [String]) {
    let index = Dictionary(samples.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = wanted.compactMap { index[$0] }
    var chosen: [Float] = []
    chosen.reserveCapacity(rows.count * genes.count)
    for row in rows { chosen += values(ofSample: row) }
    let matrix = ExpressionMatrix(
      samples: rows.map { samples[$0] }, genes: genes, values: chosen, sampleColumn: sampleColumn)
    return (matrix, wanted.filter { index[$0] == nil })
  }

  /// Returns the variance of each gene over the samples, about its mean, divided by the number of samples.
  package func geneVariances() -> [Double] {
    var means = [Double](repeating: 0, count: genes.count)
    var variances = means
    let n = Double(max(1, samples.count))
    for sample in samples.indices {
      let start = sample * genes.count
      for gene in genes.indices { means[gene] += Double(values[start + gene]) }
    }
    for gene in genes.indices { means[gene] /= n }
    for sample in samples.indices {
      let start = sample * genes.count
      for gene in genes.indices {
        let distance = Double(values[start + gene]) - means[gene]
        variances[gene] += distance * distance
      }
    }
    return variances.map { $0 / n }
  }

  private func refuseNegative(_ operation: String) throws {
    guard let i = values.firstIndex(where: { $0 < 0 }) else { return }
    throw FormatError(
      .badData, path: samples[i / genes.count],
      "found \(values[i]) for gene \(genes[i % genes.count]), expected no negative value: \(operation) takes counts"
    )
  }
}

// MARK: - Columns in place

extension ExpressionMatrix {
  /// Returns the matrix with the columns at these ascending positions, moving values down in place.
  consuming func keepingColumns(_ columns: [Int]) -> ExpressionMatrix {
    let width = genes.count
    values.withUnsafeMutableBufferPointer { values in
      var to = 0
      for sample in samples.indices {
        for column in columns {
          values[to] = values[sample * width + column]
          to += 1
        }
      }
    }
    values.removeLast(values.count - samples.count * columns.count)
    genes = columns.map { genes[$0] }
    return self
  }

  /// Returns the matrix with merged columns: `merge` computes gene k of the result from the values of the
  /// columns in `groups[k]`.
  consuming func mergingColumns(
    _ groups: [[Int]], _ merge: (_ row: UnsafeBufferPointer<Float>, _ columns: [Int]) -> Float
  ) -> ExpressionMatrix {
    let width = genes.count
    var merged = [Float](repeating: 0, count: groups.count)
    values.withUnsafeMutableBufferPointer { values in
      for sample in samples.indices {
        let row = UnsafeBufferPointer(rebasing: values[sample * width..<(sample + 1) * width])
        for (k, columns) in groups.enumerated() {
          merged[k] = columns.count == 1 ? row[columns[0]] : merge(row, columns)
        }
        for k in groups.indices { values[sample * groups.count + k] = merged[k] }
      }
    }
    values.removeLast(values.count - samples.count * groups.count)
    genes = groups.map { genes[$0[0]] }
    return self
  }

  /// Replaces missing values (NaN) by `replacement` of their column.
  mutating func replaceMissing(_ replacement: (_ column: Int) -> Float) {
    let width = genes.count
    for i in values.indices where values[i].isNaN { values[i] = replacement(i % width) }
  }
}
