import LigaseModels
import Testing

@Suite struct LogRankTests {
  /// Freireich's trial of 6-mercaptopurine (Freireich et al., 1963): 21 pairs; survdiff of R gives 16.8 on one degree of
  /// freedom, p = 4e-05.
  @Test func aPublishedTrial() throws {
    let placebo = [1.0, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    let drug = [6.0, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    let isCensored: Set<Int> = [3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20]
    let data = SurvivalTimes(
      times: placebo + drug,
      events: placebo.map { _ in true } + drug.indices.map { !isCensored.contains($0) })
    let test = try #require(
      LogRank.test(groups: placebo.map { _ in 0 } + drug.map { _ in 1 }, of: data))
    #expect(abs(test.statistic - 16.79294) < 1e-5 && test.freedom == 1)
    #expect(abs(test.p - 4.168809e-05) < 1e-10)
  }

  @Test func tailsOfTheChiSquareDistribution() {
    // scipy.stats.chi2.sf
    for (x, freedom, p) in [
      (3.841458820694124, 1, 0.05), (5.991464547107979, 2, 0.05), (7.814727903251179, 3, 0.05),
      (18.307038053275146, 10, 0.05), (0.5, 5, 0.9921232932326147),
    ] {
      #expect(abs(ChiSquare.upperTail(x, freedom: freedom) - p) < 1e-9)
    }
    #expect(ChiSquare.upperTail(0, freedom: 3) == 1)
  }

  @Test func groupsThatCannotBeCompared() {
    let data = SurvivalTimes(times: [1, 2, 3], events: [false, false, false])
    #expect(LogRank.test(groups: [0, 1, 0], of: data) == nil)
    #expect(
      LogRank.test(groups: [0, 0, 0], of: SurvivalTimes(times: [1, 2, 3], events: [true, true, true])) == nil)
  }
}
