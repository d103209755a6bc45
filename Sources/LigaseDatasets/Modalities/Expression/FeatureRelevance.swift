/// The association of each single feature with the observations.
package enum FeatureRelevance {
  /// Returns the adjusted fraction of each feature's variance over the training rows that is between classes
  /// (the correlation ratio), or that a value explains (the squared correlation); 0 where it is below the
  /// expectation by chance. With several values or labels it is the mean of their fractions. Nil for labels
  /// of steps.
  ///
  /// `(share - (k - 1) / (n - 1)) / (1 - (k - 1) / (n - 1))` for k classes, as for an adjusted R².
  package static func shares(_ table: FeatureTable, train: [Int], _ observed: ObservedRecords) -> [Float]? {
    let width = table.names.count, all = observed.observations.numbers, k = observed.observations.width
    guard train.count > 2, k > 0 else { return nil }
    if observed.classCount != nil {
      let labels = train.map { Int(all[$0]) }
      return adjusted(between(table, train, labels), classes: Set(labels).count, rows: train.count)
    }
    var sums = [Float](repeating: 0, count: width)
    for t in 0..<k {
      let known = train.filter { !all[$0 * k + t].isNaN }
      guard known.count > 2 else { continue }
      let shares = adjusted(
        explained(table, known, known.map { Double(all[$0 * k + t]) }), classes: 2, rows: known.count)
      for i in 0..<width { sums[i] += shares[i] / Float(k) }
    }
    return sums
  }

  private static func adjusted(_ shares: [Double], classes: Int, rows: Int) -> [Float] {
    let chance = Double(classes - 1) / Double(rows - 1)
    guard chance < 1 else { return shares.map { _ in 0 } }
    return shares.map { Float(max(0, ($0 - chance) / (1 - chance))) }
  }

  /// Returns the fraction of variance between classes.
  private static func between(_ table: FeatureTable, _ rows: [Int], _ labels: [Int]) -> [Double] {
    let width = table.names.count, k = (labels.max() ?? 0) + 1
    var counts = [Double](repeating: 0, count: k)
    var sums = [Double](repeating: 0, count: k * width), means = [Double](repeating: 0, count: width)
    for (row, label) in zip(rows, labels) {
      counts[label] += 1
      for i in 0..<width {
        let value = Double(table.values[row * width + i])
        sums[label * width + i] += value
        means[i] += value / Double(rows.count)
      }
    }
    var total = [Double](repeating: 0, count: width), share = total
    for row in rows {
      for i in 0..<width {
        let d = Double(table.values[row * width + i]) - means[i]
        total[i] += d * d
      }
    }
    for label in 0..<k where counts[label] > 0 {
      for i in 0..<width {
        let d = sums[label * width + i] / counts[label] - means[i]
        share[i] += counts[label] * d * d
      }
    }
    return (0..<width).map { total[$0] > 0 ? min(1, share[$0] / total[$0]) : 0 }
  }

  /// Returns the squared correlation with a value.
  private static func explained(_ table: FeatureTable, _ rows: [Int], _ values: [Double]) -> [Double] {
    let width = table.names.count, n = Double(rows.count)
    let mean = values.reduce(0, +) / n
    let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    var means = [Double](repeating: 0, count: width)
    for row in rows { for i in 0..<width { means[i] += Double(table.values[row * width + i]) / n } }
    var total = [Double](repeating: 0, count: width), joint = total
    for (row, value) in zip(rows, values) {
      for i in 0..<width {
        let d = Double(table.values[row * width + i]) - means[i]
        total[i] += d * d
        joint[i] += d * (value - mean)
      }
    }
    return (0..<width).map { total[$0] > 0 && spread > 0 ? joint[$0] * joint[$0] / (total[$0] * spread) : 0 }
  }
}

extension FeatureScaler {
  /// Returns the scaler with each feature multiplied by its fraction, scaled so that the mean square of these
  /// factors is 1; fractions below a thousandth of the largest are raised to it. Without fractions nothing
  /// changes.
  func weighed(by shares: [Float]?) -> FeatureScaler {
    guard let shares, let most = shares.max(), most > 0 else { return self }
    let floored = shares.map { max($0, most / 1000) }
    let mean = (floored.reduce(0) { $0 + Double($1) * Double($1) } / Double(floored.count)).squareRoot()
    return FeatureScaler(
      genes: genes, means: means,
      deviations: zip(deviations, floored).map { Float(Double($0) * mean / Double($1)) })
  }
}
