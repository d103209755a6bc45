import LigaseRuntime
import LigaseTensors

/// Evaluates predictions of right-censored times to an event, each metric with its bootstrap interval, for a model and for
/// the baselines beside it.
///
/// Of the risk: `concordance` (Harrell) and `concordance_uno` (events before the horizon). Of the survival probabilities,
/// where a model gives them: `brier_score:TIME` at each evaluation time, `integrated_brier_score` over them, and at the
/// middle time `calibration_ratio` (observed over expected events) and `calibration_error` (mean difference over groups by
/// predicted risk). `events` is the number of events. In the rows of each model but the first,
/// `concordance_difference` is the concordance of the first model less that of this one, on the same resamples.
///
/// The censoring curve is the same in all resamples. The calibration error is a mean of absolute values, so noise makes it
/// larger: its interval lies above the value where calibration is good.
package struct SurvivalEvaluation: Sendable {
  /// The times and events.
  package let truth: SurvivalTimes
  /// The probability of not being censored by each time.
  package let censoring: StepCurve
  /// The rows of the censoring curve in words, such as `training rows`.
  package let censoringSource: String
  /// The times at which survival probabilities are evaluated, ascending.
  package let times: [Double]
  /// Uno's concordance counts events before this time; nil counts all.
  package let horizon: Double?
  /// How intervals are made; its groups, if any, number these rows.
  package var bootstrap: Bootstrap

  /// Prepares to evaluate predictions of these times.
  ///
  /// - Parameter horizon: the end of Uno's concordance; nil is the last evaluation time.
  package init(
    truth: SurvivalTimes, censoring: StepCurve, censoringSource: String, times: [Double],
    horizon: Double? = nil, bootstrap: Bootstrap = Bootstrap()
  ) {
    require(
      zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "SurvivalEvaluation: times do not ascend")
    (self.truth, self.censoring, self.censoringSource) = (truth, censoring, censoringSource)
    (self.times, self.horizon, self.bootstrap) = (times, horizon ?? times.last, bootstrap)
  }

  /// The place of the middle time, the earlier of two.
  var calibrationPlace: Int? { times.isEmpty ? nil : (times.count - 1) / 2 }

  /// The metrics of each model, model by model in the order given.
  ///
  /// Throws ``EvaluationError`` when there is no row, or a prediction is not finite.
  package func scores(_ models: [SurvivalPredictions]) throws(EvaluationError) -> [Score] {
    guard truth.count > 0 else { throw .noRows }
    for model in models { try check(model) }
    let weighted = models.map { WeightedSurvival($0, in: self) }
    @Sendable func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
      weighted.flatMap { $0.figures(weights) }
    }
    let ones = [Double](repeating: 1, count: truth.count)
    let values = ones.withUnsafeBufferPointer(figures)
    let resampled = bootstrap.values(count: truth.count, figureCount: values.count, figures)
    func score(_ model: String, _ metric: String, _ value: Double, _ resampled: [Double]) -> Score {
      Score(model: model, metric: metric, value: value, resampled: resampled, n: truth.count)
    }
    var (scores, place): ([Score], Int) = ([], 0)
    for (index, model) in models.enumerated() {
      let metrics = weighted[index].metrics
      scores += metrics.indices.map {
        score(model.name, metrics[$0], values[place + $0], resampled[place + $0])
      }
      if index > 0 {
        // The concordance is the first metric of each model.
        scores.append(
          score(
            model.name, "concordance_difference", values[0] - values[place],
            zip(resampled[0], resampled[place]).map { $0 - $1 }))
      }
      place += metrics.count
    }
    return scores
  }

  /// The scores with their table for people, and a line about horizon, calibration and censoring curve.
  ///
  /// - Parameters:
  ///   - target: the name of the time in the table.
  ///   - group: the group of the scores, where there are several targets.
  package func judged(
    _ models: [SurvivalPredictions], target: String, group: String? = nil
  ) throws(EvaluationError) -> JudgedModels {
    var judged = JudgedModels()
    judged.add(try scores(models), .survival, target, group: group, notes: [note])
    return judged
  }

  /// How the metrics were made, in a line.
  package var note: String {
    var parts = ["\(truth.eventCount.counted("event")) in \(truth.count.counted("row"))"]
    if let horizon { parts.append("Uno's concordance up to \(Self.text(horizon))") }
    if let first = times.first, let last = times.last, last > first {
      parts.append("integrated Brier score from \(Self.text(first)) to \(Self.text(last))")
    }
    if let calibrationPlace { parts.append("calibration at \(Self.text(times[calibrationPlace]))") }
    return (parts + ["censoring curve of the \(censoringSource)"]).joined(separator: "; ")
  }

  /// A time, whole numbers without a fraction.
  static func text(_ time: Double) -> String {
    Int(exactly: time).map { String($0) } ?? "\(time)"
  }

  private func check(_ model: SurvivalPredictions) throws(EvaluationError) {
    require(
      model.risk.count == truth.count,
      "SurvivalEvaluation: \(model.risk.count) risks for \(truth.count) rows")
    let owner = model.name == "model" ? "" : " of \(model.name)"
    if let row = model.risk.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: row + 1, what: "risk" + owner)
    }
    guard let survival = model.survival else { return }
    require(
      survival.count == times.count && survival.allSatisfy { $0.count == truth.count },
      "SurvivalEvaluation: \(survival.count) columns of survival for \(times.count) times")
    for (time, column) in zip(times, survival) {
      if let row = column.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(row: row + 1, what: "survival at \(Self.text(time))" + owner)
      }
    }
  }
}
