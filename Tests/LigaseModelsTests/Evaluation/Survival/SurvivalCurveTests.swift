import FoundationEssentials
import LigaseModels
import Testing

/// Reference values: scikit-survival 0.28.0 and lifelines 0.30.3 by Fixtures/reference/make_survival.py.
struct SurvivalCurveTests {
  @Test func curvesAgreeWithTheReference() {
    for cohort in SurvivalReference.shared.cohorts {
      let expected = cohort.curves
      let survival = KaplanMeier.survival(of: cohort.data), censoring = KaplanMeier.censoring(of: cohort.data)
      let (low, high) = KaplanMeier.intervals(of: cohort.data)
      for (i, time) in expected.times.enumerated() {
        #expect(isClose(survival.value(at: time), expected.survival[i], 1e-9), "\(cohort.name) \(time)")
        #expect(isClose(censoring.value(at: time), expected.censoring[i], 1e-9), "\(cohort.name) \(time)")
        #expect(isClose(low.value(at: time), expected.low[i], 1e-9), "\(cohort.name) \(time)")
        #expect(isClose(high.value(at: time), expected.high[i], 1e-9), "\(cohort.name) \(time)")
        // Just before a time stands the value of the time before.
        let before = i == 0 ? 1 : expected.survival[i - 1]
        #expect(isClose(survival.value(before: time), before, 1e-9), "\(cohort.name) \(time)")
      }
      #expect(survival.value(at: expected.times[0] - 1) == 1)
      #expect(survival.value(at: 1e9) == survival.values.last)
      #expect(KaplanMeier.median(survival) == expected.median, "\(cohort.name)")
    }
  }

  @Test func eventsLeaveBeforeCensoredRowsOfTheSameTime() {
    let data = SurvivalTimes(times: [1, 1, 2, 2], events: [true, false, true, false])
    #expect(KaplanMeier.survival(of: data) == StepCurve(times: [1, 2], values: [0.75, 0.375], initial: 1))
    #expect(
      KaplanMeier.censoring(of: data) == StepCurve(times: [1, 2], values: [1 - 1.0 / 3, 0], initial: 1))
    #expect(KaplanMeier.median(KaplanMeier.survival(of: data)) == 2)
  }

  @Test func aCurveStaysAtOneWithoutEvents() {
    let censored = SurvivalTimes(times: [3, 1, 2], events: [false, false, false])
    #expect(KaplanMeier.survival(of: censored) == StepCurve(times: [], values: [], initial: 1))
    #expect(KaplanMeier.censoring(of: censored).values.last == 0)
    #expect(KaplanMeier.median(KaplanMeier.survival(of: censored)) == nil)
    #expect(KaplanMeier.intervals(of: censored).low.value(at: 5) == 1)
    let none = SurvivalTimes(times: [], events: [])
    #expect(KaplanMeier.survival(of: none).value(at: 0) == 1)
    let one = SurvivalTimes(times: [2], events: [true])
    #expect(KaplanMeier.survival(of: one) == StepCurve(times: [2], values: [0], initial: 1))
    #expect(KaplanMeier.intervals(of: one).high.value(at: 2) == 0)
    #expect(KaplanMeier.censoring(of: one).value(at: 2) == 1)
  }

  @Test func aCurveIsReadAsItWasWritten() throws {
    let curve = StepCurve(times: [0, 0.1, 7], values: [0.9, 0.3, 0.1], initial: 1)
    let written = try JSONEncoder().encode(curve)
    #expect(try JSONDecoder().decode(StepCurve.self, from: written) == curve)
    for damaged in [
      #"{"times":[1,2],"values":[0.5],"initial":1}"#, #"{"times":[2,1],"values":[0.5,0.4],"initial":1}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(StepCurve.self, from: Data(damaged.utf8))
      }
    }
  }

  @Test func rowsAreSelectedInOrder() {
    let data = SurvivalTimes(times: [1, 2, 3], events: [true, false, true])
    #expect(data.selecting(rows: [2, 0, 0]) == SurvivalTimes(times: [3, 1, 1], events: [true, true, true]))
    #expect(data.eventCount == 2)
  }
}
