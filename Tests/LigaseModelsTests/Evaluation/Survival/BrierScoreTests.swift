import LigaseModels
import Testing

/// Reference values: scikit-survival 0.28.0 by Fixtures/reference/make_survival.py.
struct BrierScoreTests {
  @Test func scoresAgreeWithTheReference() {
    let censoring = SurvivalReference.shared.censoring
    for cohort in SurvivalReference.shared.cohorts {
      let expected = cohort.brier
      let scores = zip(expected.times, expected.survival).map { time, survival in
        BrierScore.score(survival: survival, of: cohort.data, at: time, censoring: censoring)!
      }
      for (score, value) in zip(scores, expected.scores) {
        #expect(isClose(score, value, 1e-9), "\(cohort.name)")
      }
      #expect(isClose(BrierScore.integrated(scores, times: expected.times), expected.integrated, 1e-9))
    }
  }

  @Test func withoutCensoringItIsTheSquaredError() {
    let data = SurvivalTimes(times: [1, 2, 3, 4], events: [true, true, true, true])
    let censoring = KaplanMeier.censoring(of: data)
    let score = BrierScore.score(survival: [0.1, 0.2, 0.7, 0.9], of: data, at: 2, censoring: censoring)
    #expect(isClose(score, (0.01 + 0.04 + 0.09 + 0.01) / 4))
  }

  /// A row that is censored at the time of events was seen until then: events weigh as much as the rows that may have been censored
  /// just before. Yearly visits, half of those without an event leave at each; the score is that of the whole.
  @Test func eventsAndCensoringAtTheSameTime() {
    let (times, events) = ([12.0, 12, 12, 24, 24, 24], [true, false, false, true, true, false])
    let data = SurvivalTimes(times: times, events: events), censoring = KaplanMeier.censoring(of: data)
    #expect(censoring.value(at: 12) == 0.6 && censoring.value(before: 12) == 1)
    let score = BrierScore.score(
      survival: [0.5, 0.9, 0.9, 0.8, 0.8, 0.8], of: data, at: 12, censoring: censoring)
    #expect(isClose(score, (0.25 + 3 * 0.04 / 0.6) / 6))
  }

  @Test func edgesAreDefinedOrNil() {
    let empty = SurvivalTimes(times: [], events: [])
    let one = StepCurve(times: [], values: [], initial: 1)
    #expect(BrierScore.score(survival: [], of: empty, at: 1, censoring: one) == nil)
    #expect(BrierScore.integrated([0.2], times: [1]) == nil)
    #expect(BrierScore.integrated([], times: []) == nil)
    #expect(BrierScore.integrated([0.2, 0.4], times: [1, 3]) == 0.30000000000000004)
    // All rows censored before the time: nothing is known, and nothing is infinite.
    let censored = SurvivalTimes(times: [1, 1], events: [false, false])
    let curve = KaplanMeier.censoring(of: censored)
    #expect(BrierScore.score(survival: [0.5, 0.5], of: censored, at: 2, censoring: curve) == 0)
    #expect(BrierScore.score(survival: [0.5, 0.5], of: censored, at: 0.5, censoring: curve) == 0.25)
  }
}
