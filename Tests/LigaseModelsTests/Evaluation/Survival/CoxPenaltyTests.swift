import LigaseDatasets
import LigaseModels
import LigaseTensors
import Testing

/// Reference values: fits of scikit-survival 0.28.0 by Fixtures/reference/make_survival.py.
struct CoxPenaltyTests {
  @Test func crossValidatedLikelihoodAgreesWithTheReference() {
    for cohort in SurvivalReference.shared.cohorts {
      for expected in cohort.crossValidated {
        let found = CoxPenalty.crossValidatedLikelihood(
          cohort.columns, cohort.data, folds: cohort.times.indices.map { $0 % 4 },
          penalties: [Double](repeating: expected.penalty, count: 3))
        #expect(isClose(found, expected.score, 1e-6), "\(cohort.name) \(expected.penalty)")
      }
    }
  }

  @Test func theChosenPenaltyHasTheBestScoreOfTheGrid() throws {
    #expect(CoxPenalty.grid.count == 13)
    #expect(isClose(CoxPenalty.grid[0], 0.1) && isClose(CoxPenalty.grid[12], 1e5))
    let (x, data) = simulatedSurvival(150, seed: 2, columns: 12)
    let choice = try #require(CoxPenalty.choose(x, data, blocks: [0..<12], seed: 5))
    let folds = StratifiedFolds.deal(
      5, groups: Array(0..<150), strata: data.events.map { $0 ? 0 : 1 }, seed: 5, stream: "penalty")
    let scores = CoxPenalty.grid.map {
      CoxPenalty.crossValidatedLikelihood(x, data, folds: folds, penalties: .init(repeating: $0, count: 12))
    }
    #expect(isClose(choice.score, scores.max()!, 1e-6))
    #expect(choice.penalties == [CoxPenalty.grid[scores.indices.max { scores[$0] < scores[$1] }!]])
  }

  @Test func aBlockOfNoiseGetsALargerPenalty() throws {
    // The first two columns matter, the others are noise.
    let (x, data) = simulatedSurvival(300, seed: 6, columns: 32)
    let both = try #require(CoxPenalty.choose(x, data, blocks: [0..<2, 2..<32], seed: 1))
    let shared = try #require(CoxPenalty.choose(x, data, blocks: [0..<32], seed: 1))
    #expect(both.penalties[1] >= 10 * both.penalties[0])
    #expect(both.score > shared.score)
    #expect(try #require(CoxPenalty.choose(x, data, blocks: [2..<32, 0..<2], seed: 1)).score > shared.score)
  }

  @Test func threadsAndRunsDoNotChangeTheChoice() {
    let (x, data) = simulatedSurvival(80, seed: 3, columns: 5)
    func choice(_ seed: UInt64) -> CoxPenalty.Choice? {
      CoxPenalty.choose(x, data, blocks: [0..<2, 2..<5], seed: seed)
    }
    let one = ThreadTeam.withThreads(1) { choice(1) }, three = ThreadTeam.withThreads(3) { choice(1) }
    #expect(one != nil && one == three)
    #expect(choice(2)?.score != one?.score)
  }

  @Test func fewEventsStillGiveAChoice() {
    let x = DoubleMatrix(rows: 6, columns: 1, [-2, -1, 0, 0, 1, 2])
    let one = SurvivalTimes(times: [1, 2, 3, 4, 5, 6], events: [false, true, false, false, false, false])
    #expect(CoxPenalty.choose(x, one, blocks: [0..<1], seed: 0)?.score.isFinite == true)
    let none = one.times.map { _ in false }
    #expect(
      CoxPenalty.choose(x, SurvivalTimes(times: one.times, events: none), blocks: [0..<1], seed: 0) == nil)
  }

  @Test func aRotatedBlockGivesTheSameFit() throws {
    let (x, data) = simulatedSurvival(30, seed: 8, columns: 70)
    let block = try #require(RotatedBlock(x))
    #expect(block.columns.rows == 30 && block.columns.columns == 29)
    let whole = try #require(CoxModel.fit(x, data, penalties: .init(repeating: 3, count: 70)))
    let turned = try #require(CoxModel.fit(block.columns, data, penalties: .init(repeating: 3, count: 29)))
    for (weight, expected) in zip(block.weights(turned.beta), whole.beta) {
      #expect(isClose(weight, expected, 1e-8))
    }
    let others = simulatedSurvival(11, seed: 9, columns: 70).x
    for (found, expected) in zip(
      turned.linearPredictor(block.rotated(others)), whole.linearPredictor(others))
    { #expect(isClose(found, expected, 1e-8)) }
    // A block that is taller than wide stays as it is.
    let narrow = simulatedSurvival(30, seed: 8).x
    #expect(try #require(RotatedBlock(narrow)).columns == narrow)
    #expect(RotatedBlock(DoubleMatrix(rows: 1, columns: 2, [.nan, 0])) == nil)
    #expect(try #require(RotatedBlock(DoubleMatrix(rows: 2, columns: 3))).columns.columns == 0)
  }
}
