import LigaseRuntime

/// Breslow's estimate (1974) of the hazard that proportional hazards leave open, and the predictions it gives.
package enum Breslow {
  /// The cumulative hazard at linear predictor 0, with a step at each time with events:
  ///
  ///     H0(t) = sum over times t' <= t of events(t') / sum over rows at risk of exp(eta)
  package static func cumulativeHazard(linear: [Double], of data: SurvivalTimes) -> StepCurve {
    var sum = 0.0
    let steps = RiskSets(data).breslowSteps(linear: linear)
    let values = steps.map { step in
      sum += step.hazard
      return sum
    }
    return StepCurve(times: steps.map(\.time), values: values, initial: 0)
  }

  /// The probability of no event by a time at a linear predictor, `exp(-H0(t) exp(eta))`.
  package static func survival(_ hazard: StepCurve, linear: Double, at time: Double) -> Double {
    let baseline = hazard.value(at: time)
    return baseline > 0 ? exp(-exp(log(baseline) + linear)) : 1
  }

  /// The first time at which the predicted survival is at most 1/2; nil where it stays above.
  package static func median(_ hazard: StepCurve, linear: Double) -> Double? {
    // -log(1/2) exp(-eta), on the scale of logarithms so that no predictor overflows.
    let least = log(log(2.0)) - linear
    var (low, high) = (0, hazard.times.count)
    while low < high {
      let middle = (low + high) / 2
      if log(hazard.values[middle]) < least - 1e-12 { low = middle + 1 } else { high = middle }
    }
    return low < hazard.times.count ? hazard.times[low] : nil
  }
}
