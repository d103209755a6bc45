import LigaseModels
import Testing

/// Reference values: scikit-survival 0.28.0, lifelines 0.30.3 and scipy 1.17.1 by Fixtures/reference/make_survival.py.
struct LogRankTests {
  @Test func testsAgreeWithTheReference() throws {
    for cohort in SurvivalReference.shared.cohorts {
      let found = try #require(LogRank.test(groups: cohort.groups, of: cohort.data))
      #expect(found.degreesOfFreedom == 2)
      #expect(isClose(found.statistic, cohort.logRank.statistic, 1e-9), "\(cohort.name)")
      #expect(isClose(found.pValue, cohort.logRank.pValue, 1e-9), "\(cohort.name)")
    }
  }

  @Test func tailsAgreeWithTheReference() {
    for tail in SurvivalReference.shared.chiSquare {
      let found = ChiSquare.upperTail(tail.x, degreesOfFreedom: tail.degreesOfFreedom)
      #expect(abs(found - tail.pValue) <= 1e-9 * tail.pValue, "\(tail)")
    }
    #expect(ChiSquare.upperTail(0, degreesOfFreedom: 3) == 1)
    #expect(ChiSquare.upperTail(1e6, degreesOfFreedom: 3) == 0)
  }

  @Test func namesOfGroupsDoNotMatter() {
    let cohort = SurvivalReference.shared.cohorts[0]
    let named = LogRank.test(groups: cohort.groups.map { [70, -3, 12][$0] }, of: cohort.data)!
    #expect(isClose(named.statistic, cohort.logRank.statistic, 1e-9))
  }

  @Test func nothingToCompareIsNil() {
    let data = SurvivalTimes(times: [1, 2, 3, 4], events: [true, true, true, false])
    #expect(LogRank.test(groups: [1, 1, 1, 1], of: data) == nil)
    #expect(LogRank.test(groups: [], of: SurvivalTimes(times: [], events: [])) == nil)
    #expect(LogRank.test(groups: [0], of: SurvivalTimes(times: [1], events: [true])) == nil)
    let censored = SurvivalTimes(times: [1, 2], events: [false, false])
    #expect(LogRank.test(groups: [0, 1], of: censored) == nil)
    let together = SurvivalTimes(times: [1, 1], events: [true, true])
    #expect(LogRank.test(groups: [0, 1], of: together) == nil)
    // A third group that is censored before the first event takes no part.
    let early = SurvivalTimes(times: [0.5, 1, 2, 3, 4], events: [false, true, true, true, false])
    let two = LogRank.test(groups: [0, 1, 0, 1], of: data)
    #expect(two != nil && two?.degreesOfFreedom == 1)
    let three = LogRank.test(groups: [2, 0, 1, 0, 1], of: early)
    #expect(three?.degreesOfFreedom == 1 && isClose(three?.statistic, two!.statistic))
  }
}
