import LigaseRuntime

/// The squared error of predicted survival probabilities under right censoring (Graf et al., 1999).
///
/// Rows whose state at a time is unknown, as they were censored before, are made up for by the others, each divided by its
/// probability G of not being censored:
///
///     BS(t) = mean over rows of  S_i(t)^2 / G(t_i-)       with an event at t_i <= t
///                                (1 - S_i(t))^2 / G(t)    with t_i > t
///                                0                        censored at t_i <= t
///
/// G(t_i-) is the probability just before the event: a row that is censored at the same time was seen until then. A term with G = 0 is
/// left out.
package enum BrierScore {
  /// The score at one time; nil without rows.
  ///
  /// - Parameters:
  ///   - survival: each row's predicted probability of no event by `time`.
  ///   - censoring: the probability of not being censored, of the training rows as a rule.
  package static func score(
    survival: [Double], of data: SurvivalTimes, at time: Double, censoring: StepCurve
  ) -> Double? {
    let losses = losses(survival: survival, of: data, at: time, censoring: censoring)
    return losses.isEmpty ? nil : losses.reduce(0, +) / Double(losses.count)
  }

  /// Each row's term of the mean.
  static func losses(
    survival: [Double], of data: SurvivalTimes, at time: Double, censoring: StepCurve
  ) -> [Double] {
    require(
      survival.count == data.count, "BrierScore: \(survival.count) probabilities for \(data.count) rows")
    let probability = censoring.value(at: time)
    return survival.indices.map { row in
      if data.times[row] > time {
        return probability > 0 ? (1 - survival[row]) * (1 - survival[row]) / probability : 0
      }
      guard data.events[row] else { return 0 }
      let own = censoring.value(before: data.times[row])
      return own > 0 ? survival[row] * survival[row] / own : 0
    }
  }

  /// The mean over the time between the first and the last of ascending times, by the trapezoid rule; nil with fewer than
  /// two times.
  package static func integrated(_ scores: [Double], times: [Double]) -> Double? {
    require(scores.count == times.count, "BrierScore: \(scores.count) scores at \(times.count) times")
    return weights(times).map { zip(scores, $0).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The weight of each time in the mean over time.
  static func weights(_ times: [Double]) -> [Double]? {
    guard let first = times.first, let last = times.last, last > first else { return nil }
    var weights = [Double](repeating: 0, count: times.count)
    for i in 1..<times.count {
      let half = (times[i] - times[i - 1]) / (last - first) / 2
      weights[i - 1] += half
      weights[i] += half
    }
    return weights
  }
}
