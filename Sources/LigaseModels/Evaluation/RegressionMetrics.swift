/// Metrics of predicted numbers, each computed from its definition.
///
/// An undefined metric, such as the correlation with a constant, is nil.
package struct RegressionMetrics: Hashable, Sendable {
  /// The numbers that were measured.
  package let truth: [Double]
  /// The numbers that were predicted.
  package let prediction: [Double]

  /// Pairs measurements with predictions; both must have the same length.
  package init(truth: [Double], prediction: [Double]) {
    precondition(
      truth.count == prediction.count,
      "RegressionMetrics: \(truth.count) measurements, \(prediction.count) predictions")
    self.truth = truth
    self.prediction = prediction
  }

  /// The number of pairs.
  package var count: Int { truth.count }

  /// The root mean squared error, in the unit of the measurements.
  package var rmse: Double? {
    guard count > 0 else { return nil }
    return (squaredError / Double(count)).squareRoot()
  }

  /// The mean absolute error, in the unit of the measurements.
  package var mae: Double? {
    guard count > 0 else { return nil }
    return zip(truth, prediction).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(count)
  }

  /// The coefficient of determination: 1 - squared error / squared deviation from the mean of these
  /// measurements.
  package var r2: Double? {
    guard let spread = RegressionMetrics.spread(truth) else { return nil }
    return 1 - squaredError / spread
  }

  /// Pearson's correlation coefficient.
  package var pearson: Double? { RegressionMetrics.correlation(truth, prediction) }

  /// Spearman's correlation coefficient: Pearson's over ranks; equal values have the mean of their ranks.
  package var spearman: Double? {
    RegressionMetrics.correlation(RegressionMetrics.ranks(truth), RegressionMetrics.ranks(prediction))
  }

  /// Pearson's correlation within each group of at least `minimum` rows in which neither side is constant;
  /// nil for the other groups. `groups` has the group of each row, numbered from 0.
  package func pearsonByGroup(_ groups: [Int32], minimum: Int = 3) -> [Double?] {
    precondition(groups.count == count, "pearsonByGroup: \(groups.count) groups for \(count) rows")
    var rows = [[Int]](repeating: [], count: Int(groups.max() ?? -1) + 1)
    for (row, group) in groups.enumerated() { rows[Int(group)].append(row) }
    return rows.map { rows in
      guard rows.count >= minimum else { return nil }
      return RegressionMetrics.correlation(rows.map { truth[$0] }, rows.map { prediction[$0] })
    }
  }

  private var squaredError: Double {
    zip(truth, prediction).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  /// The ranks from 1; equal values have the mean of their ranks.
  package static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }

  /// Pearson's correlation of two columns; nil when either is constant (except for rounding) or shorter than
  /// 2.
  static func correlation(_ x: [Double], _ y: [Double]) -> Double? {
    guard let spreadX = spread(x), let spreadY = spread(y), spreadX.isFinite, spreadY.isFinite else {
      return nil
    }
    let meanX = mean(x), meanY = mean(y)
    let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return max(-1, min(1, product / (spreadX.squareRoot() * spreadY.squareRoot())))
  }

  /// The sum of squared deviations from the mean; nil when it is zero within rounding.
  private static func spread(_ x: [Double]) -> Double? {
    guard x.count > 1 else { return nil }
    let mean = mean(x)
    let spread = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return spread > 1e-26 * mean * mean * Double(x.count) ? spread : nil
  }

  /// The mean, computed relative to the first value, so that equal values have exactly that mean.
  private static func mean(_ x: [Double]) -> Double {
    x[0] + x.reduce(0) { $0 + ($1 - x[0]) } / Double(x.count)
  }
}
