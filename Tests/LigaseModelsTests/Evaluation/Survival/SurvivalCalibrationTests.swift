import LigaseModels
import Testing

/// Reference values: groups by numpy, Kaplan-Meier by lifelines 0.30.3, in Fixtures/reference/make_survival.py.
struct SurvivalCalibrationTests {
  @Test func groupsAgreeWithTheReference() {
    for cohort in SurvivalReference.shared.cohorts {
      let expected = cohort.calibration
      let found = SurvivalCalibration(survival: cohort.brier.survival[1], of: cohort.data, at: expected.time)
      #expect(isClose(found.ratio, expected.ratio, 1e-9), "\(cohort.name)")
      // Rows with equal predictions stay together, which numpy's groups do not know.
      guard Set(cohort.risk).count == cohort.risk.count else { continue }
      #expect(found.groups.map(\.n) == expected.sizes)
      for (group, (mean, observed)) in zip(found.groups, zip(expected.expected, expected.observed)) {
        #expect(isClose(group.expected, mean, 1e-9) && isClose(group.observed, observed, 1e-9))
      }
      #expect(isClose(found.error, expected.error, 1e-9), "\(cohort.name)")
    }
    #expect(
      SurvivalReference.shared.cohorts.contains {
        Set($0.risk).count == $0.risk.count && $0.calibration.sizes.count > 3
      })
  }

  @Test func equalPredictionsAreOneGroup() {
    let (_, data) = simulatedSurvival(200, seed: 3)
    let survival = KaplanMeier.survival(of: data).value(at: 1)
    let found = SurvivalCalibration(survival: .init(repeating: survival, count: 200), of: data, at: 1)
    #expect(found.groups.count == 1 && found.groups[0].n == 200)
    #expect(isClose(found.ratio, 1) && abs(found.error!) < 1e-12)
    // Two values, of 30 and 170 rows: two groups, although there could be ten.
    let two = SurvivalCalibration(survival: (0..<200).map { $0 < 30 ? 0.2 : 0.8 }, of: data, at: 1)
    #expect(two.groups.map(\.n) == [170, 30])
    let rows = Array(30..<200)
    let observed = 1 - KaplanMeier.survival(of: data.selecting(rows: rows)).value(at: 1)
    #expect(isClose(two.groups[0].observed, observed) && isClose(two.groups[0].expected, 0.2))
  }

  @Test func edgesAreDefinedOrNil() {
    let none = SurvivalCalibration(survival: [], of: SurvivalTimes(times: [], events: []), at: 1)
    #expect(none.groups.isEmpty && none.ratio == nil && none.error == nil)
    let one = SurvivalCalibration(survival: [0.25], of: SurvivalTimes(times: [1], events: [true]), at: 1)
    #expect(one.groups.map(\.n) == [1] && one.groups[0].expected == 0.75 && one.groups[0].observed == 1)
    #expect(isClose(one.ratio, 4.0 / 3) && one.error == 0.25)
    let censored = SurvivalTimes(times: [1, 2], events: [false, false])
    let certain = SurvivalCalibration(survival: [1, 1], of: censored, at: 3)
    #expect(certain.ratio == nil && certain.error == 0)
    #expect(SurvivalCalibration(survival: [0.5, 0.5], of: censored, at: 3).ratio == 0)
  }
}
