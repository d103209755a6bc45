import LigaseTensors

/// For each drug a ridge regression of its responses on the gene expression of the cell lines.
///
/// Genes are brought to mean 0 and deviation 1 over the training lines; a gene that does not vary there is
/// left out, and a missing value counts as the mean. For each drug, intercept and weights minimise the
/// squared error over its training rows plus `penalty` times the squared length of the weights; the intercept
/// is not shrunken. The dual form is solved, `(K + penalty I) α = y - mean y`, with K the inner products of
/// the drug's lines about their mean, so the cost does not grow with the genes beyond one product of all
/// lines with each other.
///
/// Where the cell line or all training rows of the drug have no expression, the prediction is the drug's
/// mean; for a drug without training rows it is the cell line's mean, else the mean of all.
package struct RidgeBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "ridge_per_drug"

  /// What is fitted for one drug.
  private struct Fit {
    /// The places of the training lines among those with expression.
    var lines: [Int32]
    /// The weights of these lines.
    var alphas: [Double]
    /// Prediction for a line whose inner products with all lines are zero, and the sum of the weights.
    var constant: Double
    var alphaSum: Double
  }

  private let drugMeans: DrugMeanBaseline
  private let cellMeans: CellMeanBaseline
  private let drugIsKnown: [Bool]
  private let place: [Int32]
  private let lineCount: Int
  private let products: [Double]
  private let fits: [Fit?]

  /// Fits every drug.
  ///
  /// - Parameters:
  ///   - observations: the training rows.
  ///   - expression: for each numbered cell line its expression, or nil where it has none; all of one length.
  ///   - penalty: the strength of the shrinkage.
  package init(_ observations: PairObservations, expression: [[Float]?], penalty: Double = 1000) {
    precondition(expression.count == observations.cellCount, "RidgeBaseline: \(expression.count) cell lines")
    precondition(penalty > 0, "RidgeBaseline: penalty \(penalty)")
    var place = [Int32](repeating: -1, count: expression.count)
    var rows: [[Float]] = []
    var isTraining: [Bool] = []
    let trained = observations.cellObservations
    for (cell, values) in expression.enumerated() {
      guard let values else { continue }
      place[cell] = Int32(rows.count)
      rows.append(values)
      isTraining.append(trained[cell] > 0)
    }
    let products = RidgeBaseline.products(RidgeBaseline.standardised(rows, isTraining), rows.count)
    let drugRows = PairObservations.rows(observations.drugs, observations.drugCount)
    let places = place
    let count = rows.count
    fits = [Fit?](unsafeUninitializedCapacity: drugRows.count) { buffer, initialized in
      buffer.initialize(repeating: nil)
      initialized = drugRows.count
      nonisolated(unsafe) let output = buffer
      ThreadTeam.current.forEachShare(drugRows.count) { drug in
        let rows = drugRows[drug].filter { places[Int(observations.cells[$0])] >= 0 }
        guard !rows.isEmpty else { return }
        let lines = rows.map { places[Int(observations.cells[$0])] }
        output[drug] = RidgeBaseline.fit(
          lines, rows.map { observations.values[$0] }, products, count, penalty)
      }
    }
    drugIsKnown = drugRows.map { !$0.isEmpty }
    self.place = place
    lineCount = rows.count
    self.products = products
    drugMeans = DrugMeanBaseline(observations)
    cellMeans = CellMeanBaseline(observations)
  }

  /// The drug's regression at the cell line.
  package func prediction(drug: Int, cell: Int) -> Double {
    guard drugIsKnown[drug] else { return cellMeans.prediction(drug: drug, cell: cell) }
    let line = Int(place[cell])
    guard line >= 0, let fit = fits[drug] else { return drugMeans.prediction(drug: drug, cell: cell) }
    var value = fit.constant
    var sum = 0.0
    products.withUnsafeBufferPointer { products in
      for (other, alpha) in zip(fit.lines, fit.alphas) {
        let product = products[line * lineCount + Int(other)]
        value += alpha * product
        sum += product
      }
    }
    return value - fit.alphaSum * sum / Double(fit.lines.count)
  }

  /// Genes over all lines as `[lines * genes]`, mean 0 and deviation 1 over the training lines.
  private static func standardised(_ rows: [[Float]], _ isTraining: [Bool]) -> [Double] {
    let genes = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == genes }, "RidgeBaseline: cell lines with different genes")
    var values = [Double](repeating: 0, count: rows.count * genes)
    for gene in 0..<genes {
      var sum = 0.0, squares = 0.0, count = 0.0
      for (line, row) in rows.enumerated() where isTraining[line] && row[gene].isFinite {
        sum += Double(row[gene])
        count += 1
      }
      let mean = count > 0 ? sum / count : 0
      for (line, row) in rows.enumerated() where isTraining[line] && row[gene].isFinite {
        squares += (Double(row[gene]) - mean) * (Double(row[gene]) - mean)
      }
      let deviation = count > 0 ? (squares / count).squareRoot() : 0
      guard deviation > 1e-7 * abs(mean), deviation > 0 else { continue }
      for (line, row) in rows.enumerated() where row[gene].isFinite {
        values[line * genes + gene] = (Double(row[gene]) - mean) / deviation
      }
    }
    return values
  }

  /// The inner products of all lines with each other, `[lines * lines]`.
  private static func products(_ values: [Double], _ lines: Int) -> [Double] {
    let genes = lines > 0 ? values.count / lines : 0
    return [Double](unsafeUninitializedCapacity: lines * lines) { buffer, initialized in
      buffer.initialize(repeating: 0)
      initialized = lines * lines
      nonisolated(unsafe) let output = buffer
      values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let values = values
        guard genes > 0 else { return }
        ThreadTeam.current.forEachShare(lines) { row in
          let base = values.baseAddress!
          for column in 0...row {
            let product = dot(base + row * genes, base + column * genes, genes)
            output[row * lines + column] = product
            output[column * lines + row] = product
          }
        }
      }
    }
  }

  private static func fit(
    _ lines: [Int32], _ values: [Double], _ products: [Double], _ lineCount: Int, _ penalty: Double
  ) -> Fit {
    let count = lines.count
    let mean = values.reduce(0, +) / Double(count)
    var alphas = values.map { $0 - mean }
    var lineMeans = [Double](repeating: 0, count: count)
    var system = PositiveDefiniteSystem(size: count)
    var overall = 0.0
    products.withUnsafeBufferPointer { products in
      for row in 0..<count {
        let start = Int(lines[row]) * lineCount
        var sum = 0.0
        for column in 0..<count { sum += products[start + Int(lines[column])] }
        lineMeans[row] = sum / Double(count)
      }
      overall = lineMeans.reduce(0, +) / Double(count)
      system.fill { row, column in
        let product = products[Int(lines[row]) * lineCount + Int(lines[column])]
        return product - lineMeans[row] - lineMeans[column] + overall + (row == column ? penalty : 0)
      }
    }
    system.solve(&alphas)
    let alphaSum = alphas.reduce(0, +)
    let constant = mean + overall * alphaSum - zip(alphas, lineMeans).reduce(0) { $0 + $1.0 * $1.1 }
    return Fit(lines: lines, alphas: alphas, constant: constant, alphaSum: alphaSum)
  }
}
