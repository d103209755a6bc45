import LigaseTensors

/// Predictions of one model for the rows of a ``SurvivalEvaluation``.
package struct SurvivalPredictions: Sendable {
  /// The name in the scores.
  package var name: String
  /// For each row a risk: higher for earlier events, on any scale.
  package var risk: [Double]
  /// For each evaluation time the probability of no event by then, of each row; nil where the model gives none.
  package var survival: [[Double]]?

  /// Creates predictions.
  package init(name: String, risk: [Double], survival: [[Double]]? = nil) {
    (self.name, self.risk, self.survival) = (name, risk, survival)
  }
}

/// The metrics of one model's predicted survival for rows with weights; all that does not depend on the weights is computed
/// once.
struct WeightedSurvival: Sendable {
  /// The names of the metrics, in the order of `figures`.
  let metrics: [String]
  private let pairs: ComparablePairs
  /// For each row 1 where its event was seen.
  private let events: [Double]
  /// Each row's term of the integrated Brier score; nil with fewer than two times.
  private let integrated: [Double]?
  /// For each time each row's term of the Brier score.
  private let losses: [[Double]]
  private let calibration: WeightedCalibration?

  init(_ predictions: SurvivalPredictions, in evaluation: SurvivalEvaluation) {
    let truth = evaluation.truth, times = evaluation.times
    pairs = ComparablePairs(
      risk: predictions.risk, truth,
      weights: Concordance.weights(
        of: truth, censoring: evaluation.censoring, horizon: evaluation.horizon))
    events = truth.events.map { $0 ? 1 : 0 }
    let losses = zip(times, predictions.survival ?? []).map { time, survival in
      BrierScore.losses(survival: survival, of: truth, at: time, censoring: evaluation.censoring)
    }
    self.losses = losses
    integrated =
      losses.isEmpty
      ? nil
      : BrierScore.weights(times).map { weights in
        truth.times.indices.map { row in
          zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1[row] }
        }
      }
    calibration = evaluation.calibrationPlace.flatMap { place in
      predictions.survival.map {
        WeightedCalibration(survival: $0[place], truth, time: times[place])
      }
    }
    var metrics = ["concordance", "concordance_uno"]
    if integrated != nil { metrics.append("integrated_brier_score") }
    if !losses.isEmpty {
      metrics += times.map { "brier_score:\(SurvivalEvaluation.text($0))" }
    }
    if calibration != nil { metrics += ["calibration_ratio", "calibration_error"] }
    self.metrics = metrics + ["events"]
  }

  /// The metrics, not-a-number where they are not defined.
  func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    let concordance = pairs.figures(weights), total = weights.reduce(0, +)
    func sum(_ values: [Double]) -> Double {
      values.withUnsafeBufferPointer { dot($0.baseAddress!, weights.baseAddress!, weights.count) }
    }
    func mean(_ values: [Double]) -> Double { total > 0 ? sum(values) / total : .nan }
    var figures = [concordance.harrell ?? .nan, concordance.uno ?? .nan]
    if let integrated { figures.append(mean(integrated)) }
    for values in losses { figures.append(mean(values)) }
    if let calibration {
      let (ratio, error) = calibration.figures(weights)
      figures += [ratio ?? .nan, error ?? .nan]
    }
    figures.append(sum(events))
    return figures
  }
}
