import LigaseRuntime

/// Evaluates predicted times to an event, each metric with its bootstrap interval.
///
/// Metrics: `concordance` (Harrell), `concordance_uno`, `events`, and where survival is predicted at some times `brier_score` at
/// each, `integrated_brier_score` over all, and at the middle one `calibration_ratio` (observed over expected events) and
/// `calibration_error` (the mean absolute difference over groups of equal risk). Events after the last time are not counted by
/// Uno's concordance. Other models than the first have `concordance_difference`, the first model's concordance less theirs on
/// the same resamples.
package struct SurvivalEvaluation: Sendable {
  /// A model: the risk of each row, and for each evaluation time the survival of each row.
  package typealias Model = (name: String, risk: [Double], survival: [[Double]]?)

  /// The observed times and events.
  package let truth: SurvivalTimes
  /// The probability of not being censored, and the rows it comes from.
  package let censoring: StepCurve
  package let censoringSource: String
  /// The times at which survival is predicted, ascending.
  package let times: [Double]

  /// Creates an evaluation of these rows.
  package init(truth: SurvivalTimes, censoring: StepCurve, censoringSource: String, times: [Double]) {
    (self.truth, self.censoring, self.censoringSource, self.times) = (
      truth, censoring, censoringSource, times
    )
  }

  /// The scores of the models and a table for people.
  package func judged(_ models: [Model], target: String, bootstrap: Bootstrap) throws -> JudgedModels {
    guard truth.count > 0 else { throw EvaluationError.noRows }
    for model in models {
      for (what, values) in [("risk", model.risk)] + (model.survival ?? []).map({ ("survival", $0) }) {
        guard let row = values.firstIndex(where: { !$0.isFinite }) else { continue }
        throw EvaluationError.notFinite(
          row: row + 1, what: model.name == "model" ? what : "\(what) of \(model.name)")
      }
    }
    let ones = [Double](repeating: 1, count: truth.count)
    var (scores, first) = ([Score](), [Double]())
    var firstValue: Double?
    for (i, model) in models.enumerated() {
      let weighted = WeightedSurvival(self, model)
      let values = ones.withUnsafeBufferPointer { weighted.figures($0) }
      let resampled = bootstrap.values(count: truth.count, figureCount: values.count) { weighted.figures($0) }
      for (metric, figure) in zip(weighted.names, values.indices) {
        let value = values[figure].isFinite ? values[figure] : nil
        let interval = value == nil ? nil : Bootstrap.interval(resampled[figure])
        scores.append(
          Score(
            model: model.name, group: metric.group, metric: metric.name, value: value, low: interval?.low,
            high: interval?.high, n: truth.count))
      }
      if i == 0 {
        (first, firstValue) = (resampled[0], values[0].isFinite ? values[0] : nil)
        scores.append(
          Score(
            model: model.name, metric: "events", value: Double(truth.events.count { $0 }), n: truth.count))
      } else if let firstValue, values[0].isFinite {
        let interval = Bootstrap.interval(zip(first, resampled[0]).map { $0 - $1 })
        scores.append(
          Score(
            model: model.name, metric: "concordance" + Ablation.differenceSuffix,
            value: firstValue - values[0],
            low: interval?.low, high: interval?.high, n: truth.count))
      }
    }
    return JudgedModels(scores: scores, summary: summary(scores, target))
  }

  private func summary(_ scores: [Score], _ target: String) -> [String] {
    let events = truth.events.count { $0 }
    let table = Evaluation.table(
      scores, metrics: ["concordance", "concordance_uno", "integrated_brier_score", "calibration_ratio"],
      title: "\(target), n = \(truth.count), \(events.counted("event"))")
    guard let low = times.first, let high = times.last else { return table }
    func text(_ time: Double) -> String { SurvivalObjective.text(Float(time)) }
    return table + [
      "integrated Brier score from \(text(low)) to \(text(high)) at \(times.count.counted("time")), calibration at "
        + "\(text(middle)); censoring curve of \(censoringSource)"
    ]
  }

  /// The time at which calibration is evaluated.
  fileprivate var middle: Double { times[times.count / 2] }
}

/// The metrics of one model for weighted rows.
private struct WeightedSurvival: Sendable {
  let names: [(name: String, group: String)]
  private let evaluation: SurvivalEvaluation
  private let pairs: ComparablePairs
  /// The terms of the Brier score of each row at each time.
  private let losses: [[Double]]
  private let timeWeights: [Double]?
  private let calibration: Calibration?

  init(_ evaluation: SurvivalEvaluation, _ model: SurvivalEvaluation.Model) {
    self.evaluation = evaluation
    let truth = evaluation.truth, times = evaluation.times
    pairs = ComparablePairs(
      risk: model.risk, truth,
      weights: Concordance.weights(of: truth, censoring: evaluation.censoring, horizon: times.last))
    var names = [("concordance", "all"), ("concordance_uno", "all")]
    if let survival = model.survival, !times.isEmpty {
      losses = times.indices.map { t in
        BrierScore.losses(survival: survival[t], of: truth, at: times[t], censoring: evaluation.censoring)
      }
      timeWeights = BrierScore.weights(times)
      calibration = Calibration(truth, risks: survival[times.count / 2].map { 1 - $0 }, at: evaluation.middle)
      names += times.map { ("brier_score", SurvivalObjective.text(Float($0))) }
      names += [
        ("integrated_brier_score", "all"), ("calibration_ratio", "all"), ("calibration_error", "all"),
      ]
    } else {
      (losses, timeWeights, calibration) = ([], nil, nil)
    }
    self.names = names.map { (name: $0.0, group: $0.1) }
  }

  func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    let concordance = pairs.figures(weights)
    var figures = [concordance.harrell ?? .nan, concordance.uno ?? .nan]
    guard let calibration else { return figures }
    let total = weights.reduce(0, +)
    let scores = losses.map { losses in
      losses.indices.reduce(0.0) { $0 + weights[$1] * losses[$1] } / total
    }
    figures += scores
    figures.append(timeWeights.map { zip(scores, $0).reduce(0) { $0 + $1.0 * $1.1 } } ?? .nan)
    let (ratio, error) = calibration.figures(weights)
    return figures + [ratio, error]
  }
}

/// Observed against expected events by one time, over all rows and over groups of equal predicted risk.
///
/// The observed fraction is one minus the Kaplan-Meier estimate at the time, the expected one the mean predicted probability.
/// Groups are as large as tenths of the rows, and at least twenty rows.
struct Calibration: Sendable {
  private static let (mostGroups, fewestRows) = (10, 20)
  private let risks: [Double]
  private let groups: [[Int]]
  private let all: [Int]
  private let truth: SurvivalTimes
  private let time: Double

  init(_ truth: SurvivalTimes, risks: [Double], at time: Double) {
    (self.truth, self.risks, self.time) = (truth, risks, time)
    // Of equal times events come first.
    let order = risks.indices.sorted {
      (truth.times[$0], truth.events[$0] ? 0 : 1, $0) < (truth.times[$1], truth.events[$1] ? 0 : 1, $1)
    }
    all = order
    let count = max(1, min(Self.mostGroups, risks.count / Self.fewestRows))
    let byRisk = risks.indices.sorted { (risks[$0], $0) < (risks[$1], $1) }
    var group = [Int](repeating: 0, count: risks.count)
    for (place, row) in byRisk.enumerated() { group[row] = place * count / risks.count }
    groups = (0..<count).map { g in order.filter { group[$0] == g } }
  }

  /// Observed over expected events, and the mean absolute difference over the groups.
  func figures(_ weights: UnsafeBufferPointer<Double>) -> (ratio: Double, error: Double) {
    let (observed, expected, total) = fractions(all, weights)
    var error = 0.0
    for group in groups {
      let own = fractions(group, weights)
      if own.total > 0 { error += own.total / total * abs(own.observed - own.expected) }
    }
    return (expected > 0 ? observed / expected : .nan, error)
  }

  /// The observed and the expected fraction of events of some rows in order of time, and their weight.
  private func fractions(_ rows: [Int], _ weights: UnsafeBufferPointer<Double>) -> (
    observed: Double, expected: Double, total: Double
  ) {
    let total = rows.reduce(0.0) { $0 + weights[$1] }
    guard total > 0 else { return (0, 0, 0) }
    let expected = rows.reduce(0.0) { $0 + weights[$1] * risks[$1] } / total
    var (survival, atRisk, at) = (1.0, total, 0)
    while at < rows.count, truth.times[rows[at]] <= time {
      let now = truth.times[rows[at]]
      var (died, left) = (0.0, 0.0)
      while at < rows.count, truth.times[rows[at]] == now {
        left += weights[rows[at]]
        if truth.events[rows[at]] { died += weights[rows[at]] }
        at += 1
      }
      if died > 0 { survival *= max(0, 1 - died / atRisk) }
      atRisk -= left
    }
    return (1 - survival, expected, total)
  }
}
