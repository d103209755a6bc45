import LigaseRuntime

/// Kaplan and Meier's product-limit estimate (1958) of the distribution of times under right censoring.
package enum KaplanMeier {
  /// The probability of having had no event by each time, with a step at each time with events:
  ///
  ///     S(t) = product over times t' <= t of (1 - events(t') / at risk(t'))
  ///
  /// Beyond the last row the curve keeps its last value.
  package static func survival(of data: SurvivalTimes) -> StepCurve {
    curve(of: data) { events, _, atRisk in events / atRisk }
  }

  /// The probability of not being censored by each time, with a step at each time with censored rows. Of rows with equal
  /// times those with events leave first:
  ///
  ///     G(t) = product over times t' <= t of (1 - censored(t') / (at risk(t') - events(t')))
  package static func censoring(of data: SurvivalTimes) -> StepCurve {
    curve(of: data) { events, censored, atRisk in censored == 0 ? 0 : censored / (atRisk - events) }
  }

  /// The first time at which a survival curve is at most 1/2; nil where it stays above.
  package static func median(_ survival: StepCurve) -> Double? {
    // Products of fractions reach 1/2 with a rounding error.
    survival.values.firstIndex { $0 <= 0.5 + 1e-12 }.map { survival.times[$0] }
  }

  /// Pointwise 95 % intervals of the survival curve: Greenwood's variance (1926) on the scale of `log(-log S)`, which keeps
  /// them within 0 and 1:
  ///
  ///     S(t) ^ exp(± 1.96 s(t) / log S(t)),   s(t)^2 = sum over t' <= t of events / (at risk (at risk - events))
  ///
  /// Where the curve is 0, both ends are 0.
  package static func intervals(of data: SurvivalTimes) -> (low: StepCurve, high: StepCurve) {
    let survival = survival(of: data)
    var variance = 0.0
    let ends = zip(steps(TimeOrder(data)).filter { $0.events > 0 }, survival.values).map { step, value in
      guard step.atRisk > step.events else { return (low: 0.0, high: 0.0) }
      variance += step.events / (step.atRisk * (step.atRisk - step.events))
      let spread = 1.959963984540054 * variance.squareRoot() / abs(log(value))
      return (exp(exp(spread) * log(value)), exp(exp(-spread) * log(value)))
    }
    return (
      StepCurve(times: survival.times, values: ends.map(\.low), initial: 1),
      StepCurve(times: survival.times, values: ends.map(\.high), initial: 1)
    )
  }

  /// Counts at one time.
  private typealias Step = (time: Double, events: Double, censored: Double, atRisk: Double)

  /// The counts at each distinct time, ascending.
  private static func steps(_ order: TimeOrder) -> [Step] {
    order.runs.reversed().map {
      ($0.time, Double($0.events.count), Double($0.censored.count), Double($0.end))
    }
  }

  /// The product over times of what the hazard leaves, with a step where it is not 0.
  private static func curve(
    of data: SurvivalTimes, hazard: (_ events: Double, _ censored: Double, _ atRisk: Double) -> Double
  ) -> StepCurve {
    var (times, values, value): ([Double], [Double], Double) = ([], [], 1)
    for step in steps(TimeOrder(data)) {
      let share = hazard(step.events, step.censored, step.atRisk)
      guard share > 0 else { continue }
      value *= 1 - share
      times.append(step.time)
      values.append(value)
    }
    return StepCurve(times: times, values: values, initial: 1)
  }
}
