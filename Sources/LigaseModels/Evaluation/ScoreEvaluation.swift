/// Evaluates a number that ranks rows of two classes, each metric with its bootstrap interval: `auroc` and
/// `auprc` of the positive class. Without a threshold a number does not predict a class, so there is no
/// accuracy.
struct ScoreEvaluation: Sendable {
  /// Whether each row belongs to the positive class.
  let isPositive: [Bool]
  /// The resampling for intervals.
  let bootstrap: Bootstrap

  /// The metrics of each model.
  ///
  /// Throws ``EvaluationError`` when there is no row, or a score is not finite.
  func scores(_ models: [(name: String, scores: [Double])]) throws(EvaluationError) -> [Score] {
    guard !isPositive.isEmpty else { throw .noRows }
    var found: [Score] = []
    for (name, scores) in models {
      if let row = scores.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(row: row + 1, what: "score")
      }
      let curve = RankingCurve(scores: scores, isPositive: isPositive)
      @Sendable func values(_ weights: UnsafeBufferPointer<Double>?) -> [Double] {
        let figures = curve.figures(weights)
        return [figures.areaUnderROC ?? .nan, figures.averagePrecision ?? .nan]
      }
      let value = values(nil)
      let resampled = bootstrap.values(count: isPositive.count, figureCount: 2) { values($0) }
      for (i, metric) in ["auroc", "auprc"].enumerated() {
        found.append(
          Score(
            model: name, metric: metric, value: value[i], resampled: resampled[i], n: isPositive.count))
      }
    }
    return found
  }
}
