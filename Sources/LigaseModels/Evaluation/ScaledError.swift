/// The mean absolute scaled error of forecasts: the mean absolute error, divided by that of the last observed value on the same
/// rows. Below 1 a forecast is better than to expect no change.
///
/// Source: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006), with the errors of the evaluated rows in
/// place of the training rows.
enum ScaledError {
  static let name = "mase"
}

extension RegressionEvaluation {
  /// Returns the scores with `mase` after the `mae` of each model; unchanged without the baseline of the last value.
  func addingScaledErrors(to scores: [Score], _ models: [(name: String, prediction: [Double])]) -> [Score] {
    guard let base = models.firstIndex(where: { $0.name == LastValue.name }) else { return scores }
    let errors = models.map { model in zip(model.prediction, truth).map { abs($0 - $1) } }
    @Sendable func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
      let sums = errors.map { zip($0, weights).reduce(0) { $0 + $1.0 * $1.1 } }
      return sums.map { sums[base] > 0 ? $0 / sums[base] : .nan }
    }
    let values = [Double](repeating: 1, count: truth.count).withUnsafeBufferPointer(figures)
    let drawn = bootstrap.values(count: truth.count, figureCount: models.count, figures)
    return scores.flatMap { score -> [Score] in
      guard score.metric == "mae", let model = models.firstIndex(where: { $0.name == score.model }) else {
        return [score]
      }
      return [
        score,
        Score(
          model: score.model, metric: ScaledError.name, value: values[model], resampled: drawn[model],
          n: truth.count),
      ]
    }
  }
}
