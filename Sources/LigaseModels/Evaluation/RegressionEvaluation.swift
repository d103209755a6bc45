import LigaseTensors

/// Judges predicted numbers: every figure of ``RegressionMetrics`` with its bootstrap interval, for a model
/// and for the baselines beside it.
///
/// Metrics: `rmse`, `mae`, `r2`, `pearson`, `spearman`, and for each grouping `pearson_per_NAME`, the mean of
/// the groups' correlations, whose n is the number of groups used: those with at least ``minimumGroup`` rows
/// and without a constant side. The interval of such a mean comes from drawing groups, each with the
/// correlation that it has; drawing rows within small groups would bias the correlations themselves.
package struct RegressionEvaluation: Sendable {
  /// The measurements.
  package let truth: [Double]
  /// How intervals are made; its groups, if any, number these rows.
  package var bootstrap: Bootstrap
  /// Groupings of the rows within which correlations are taken, by name.
  package var groupings: [(name: String, groups: [Int32])]
  /// The fewest rows of a group that counts.
  package var minimumGroup: Int

  /// Prepares to judge predictions of these measurements.
  package init(
    truth: [Double], groupings: [(name: String, groups: [Int32])] = [], minimumGroup: Int = 3,
    bootstrap: Bootstrap = Bootstrap()
  ) {
    for (name, groups) in groupings {
      precondition(groups.count == truth.count, "RegressionEvaluation: \(name) numbers \(groups.count) rows")
    }
    self.truth = truth
    self.groupings = groupings
    self.minimumGroup = minimumGroup
    self.bootstrap = bootstrap
  }

  /// The figures of each model, model by model in the order given.
  ///
  /// Throws ``EvaluationError`` when there is no row, or a number is not finite.
  package func scores(_ models: [(name: String, prediction: [Double])]) throws(EvaluationError) -> [Score] {
    guard !truth.isEmpty else { throw .noRows }
    try refuseNonFinite(truth, "measurement")
    for model in models {
      precondition(model.prediction.count == truth.count, "scores: \(model.prediction.count) predictions")
      try refuseNonFinite(
        model.prediction, model.name == "model" ? "prediction" : "prediction of \(model.name)")
    }
    let weighted = WeightedRegression(truth: truth, predictions: models.map(\.prediction))
    var drawing = bootstrap
    drawing.groups = bootstrap.groups.map { groups in weighted.order.map { groups[$0] } }
    let names = WeightedRegression.names
    let resampled = drawing.values(count: truth.count, figureCount: names.count * models.count) {
      weighted.figures($0)
    }
    return models.enumerated().flatMap { index, model in
      let metrics = RegressionMetrics(truth: truth, prediction: model.prediction)
      // Numbers so large that their squares are not finite leave figures undefined.
      let values = [metrics.rmse, metrics.mae, metrics.r2, metrics.pearson, metrics.spearman]
        .map { $0.flatMap { $0.isFinite ? $0 : nil } }
      let whole = names.indices.map { figure in
        let interval = Bootstrap.interval(resampled[index * names.count + figure])
        return Score(
          model: model.name, metric: names[figure], value: values[figure],
          low: values[figure] == nil ? nil : interval?.low,
          high: values[figure] == nil ? nil : interval?.high,
          n: truth.count)
      }
      return whole + groupings.map { groupScore(metrics, model.name, $0) }
    }
  }

  /// The mean of the groups' correlations.
  private func groupScore(
    _ metrics: RegressionMetrics, _ model: String, _ grouping: (name: String, groups: [Int32])
  ) -> Score {
    let values = metrics.pearsonByGroup(grouping.groups, minimum: minimumGroup).compactMap { $0 }
    var score = Score(model: model, metric: "pearson_per_\(grouping.name)", value: nil, n: values.count)
    guard !values.isEmpty else { return score }
    var drawing = bootstrap
    drawing.groups = nil
    let means = drawing.values(count: values.count, figureCount: 1) { weights in
      var sum = 0.0
      for (weight, value) in zip(weights, values) { sum += weight * value }
      return [sum / Double(values.count)]
    }
    score.value = values.reduce(0, +) / Double(values.count)
    (score.low, score.high) = Bootstrap.interval(means[0]).map { ($0.low, $0.high) } ?? (nil, nil)
    return score
  }

  private func refuseNonFinite(_ values: [Double], _ what: String) throws(EvaluationError) {
    if let row = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(row: row + 1, what: what) }
  }
}
