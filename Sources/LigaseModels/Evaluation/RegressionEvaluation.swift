import LigaseTensors

/// Evaluates predicted numbers: every metric of ``RegressionMetrics`` with its bootstrap interval, for a
/// model and the baselines.
///
/// Metrics: `rmse`, `mae`, `r2`, `pearson`, `spearman`, and for each grouping `pearson_per_NAME`, the mean of
/// the correlations within groups. Its n is the number of groups used: those with at least ``minimumGroup``
/// rows in which neither truth nor prediction is constant. Its interval comes from resampling groups with
/// their correlations, because resampling rows within small groups would bias the correlations.
package struct RegressionEvaluation: Sendable {
  /// The measurements.
  package let truth: [Double]
  /// The resampling for intervals; its groups, if any, are those of these rows.
  package var bootstrap: Bootstrap
  /// The groupings of the rows within which correlations are computed, by name.
  package var groupings: [(name: String, groups: [Int32])]
  /// The smallest number of rows of a group that is included.
  package var minimumGroup: Int

  /// Creates an evaluation of predictions of these measurements.
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

  /// The metrics of each model, in the order given.
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
      let values = [metrics.rmse, metrics.mae, metrics.r2, metrics.pearson, metrics.spearman]
      let whole = names.indices.map { figure in
        Score(
          model: model.name, metric: names[figure], value: values[figure] ?? .nan,
          resampled: resampled[index * names.count + figure], n: truth.count)
      }
      var differences: [Score] = []
      if Ablation.isAblation(model.name) {
        let first = RegressionMetrics(truth: truth, prediction: models[0].prediction)
        differences = [
          Score(
            model: model.name, metric: "rmse" + Ablation.differenceSuffix,
            value: (first.rmse ?? .nan) - (metrics.rmse ?? .nan),
            resampled: zip(resampled[0], resampled[index * names.count]).map { $0 - $1 }, n: truth.count)
        ]
      }
      return whole + differences + groupings.map { groupScore(metrics, model.name, $0) }
    }
  }

  /// The mean correlation within groups.
  private func groupScore(
    _ metrics: RegressionMetrics, _ model: String, _ grouping: (name: String, groups: [Int32])
  ) -> Score {
    let values = metrics.pearsonByGroup(grouping.groups, minimum: minimumGroup).compactMap { $0 }
    let metric = "pearson_per_\(grouping.name)"
    guard !values.isEmpty else { return Score(model: model, metric: metric, value: nil, n: 0) }
    var drawing = bootstrap
    drawing.groups = nil
    let means = drawing.values(count: values.count, figureCount: 1) { weights in
      var sum = 0.0
      for (weight, value) in zip(weights, values) { sum += weight * value }
      return [sum / Double(values.count)]
    }
    return Score(
      model: model, metric: metric, value: values.reduce(0, +) / Double(values.count), resampled: means[0],
      n: values.count)
  }

  private func refuseNonFinite(_ values: [Double], _ what: String) throws(EvaluationError) {
    if let row = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(row: row + 1, what: what) }
  }
}
