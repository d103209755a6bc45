import Glibc
import LigaseModels
import LigaseTensors
import Testing

/// Reference values: scikit-survival 0.28.0, held against lifelines 0.30.3 where the penalty is 0, by
/// Fixtures/reference/make_survival.py.
struct CoxModelTests {
  @Test func coefficientsAgreeWithTheReference() throws {
    for cohort in SurvivalReference.shared.cohorts {
      for expected in cohort.cox {
        let model = try #require(
          CoxModel.fit(cohort.columns, cohort.data, penalties: expected.penalties))
        for (found, value) in zip(model.beta, expected.beta) {
          #expect(isClose(found, value, 1e-6), "\(cohort.name) \(expected.penalties)")
        }
        #expect(isClose(model.logLikelihood, expected.logLikelihood, 1e-9))
        let loss = CoxModel.partialLikelihood(linear: model.linearPredictor(cohort.columns), of: cohort.data)
        #expect(isClose(-loss.negativeLogLikelihood, expected.logLikelihood, 1e-9))
      }
    }
  }

  @Test func partialLikelihoodAndGradientAgreeWithTheReference() {
    for cohort in SurvivalReference.shared.cohorts {
      let found = CoxModel.partialLikelihood(linear: cohort.risk.map { 2 * $0 }, of: cohort.data)
      #expect(isClose(found.negativeLogLikelihood, cohort.partial.negativeLogLikelihood, 1e-10))
      for (value, expected) in zip(found.gradient, cohort.partial.gradient) {
        #expect(isClose(value, expected, 1e-9), "\(cohort.name)")
      }
    }
  }

  @Test func cumulativeHazardAgreesWithTheReference() {
    for cohort in SurvivalReference.shared.cohorts {
      let hazard = Breslow.cumulativeHazard(linear: cohort.risk, of: cohort.data)
      for (time, expected) in zip(cohort.curves.times, cohort.breslow) {
        #expect(isClose(hazard.value(at: time), expected, 1e-9), "\(cohort.name)")
        #expect(
          isClose(Breslow.survival(hazard, linear: 0.5, at: time), pow(exp(-expected), exp(0.5)), 1e-9))
      }
      let median = Breslow.median(hazard, linear: 0.5)
      let first = zip(cohort.curves.times, cohort.breslow).first { pow(exp(-$1), exp(0.5)) <= 0.5 }?.0
      #expect(median == first)
    }
  }

  @Test func hugePredictorsNeitherOverflowNorVanish() {
    let (x, data) = simulatedSurvival(200, seed: 4, levels: 4)
    var linear = (0..<200).map { x[$0, 0] }
    let largest = linear.map(abs).max()!
    linear = linear.map { $0 / largest * 700 }
    let found = CoxModel.partialLikelihood(linear: linear, of: data)
    #expect(found.negativeLogLikelihood.isFinite)
    #expect(found.gradient.allSatisfy { $0.isFinite })
    // The derivative along a common shift is 0.
    #expect(abs(found.gradient.reduce(0, +)) < 1e-9)
    // Central differences of single predictors.
    for row in stride(from: 0, to: 200, by: 23) {
      func loss(_ change: Double) -> Double {
        var moved = linear
        moved[row] += change
        return CoxModel.partialLikelihood(linear: moved, of: data).negativeLogLikelihood
      }
      let slope = (loss(1e-3) - loss(-1e-3)) / 2e-3
      #expect(abs(slope - found.gradient[row]) < 1e-4 * max(1, abs(slope)), "row \(row)")
    }
    // A shift changes nothing.
    let shifted = CoxModel.partialLikelihood(linear: linear.map { $0 + 300 }, of: data)
    #expect(isClose(shifted.negativeLogLikelihood, found.negativeLogLikelihood, 1e-9))
    // Early rows have far larger predictors than late ones, and the reverse.
    let times = SurvivalTimes(times: [1, 2, 3], events: [true, true, true])
    let falling = CoxModel.partialLikelihood(linear: [700, 0, -700], of: times)
    #expect(falling.negativeLogLikelihood == 0 && falling.gradient.allSatisfy { abs($0) < 1e-12 })
    let rising = CoxModel.partialLikelihood(linear: [-700, 0, 700], of: times)
    #expect(isClose(rising.negativeLogLikelihood, 2100) && isClose(rising.gradient[2], 2))
  }

  @Test func cohortsWithoutEventsGiveZero() {
    for data in [
      SurvivalTimes(times: [], events: []), SurvivalTimes(times: [1], events: [false]),
      SurvivalTimes(times: [1, 2, 2], events: [false, false, false]),
    ] {
      let zeros = [Double](repeating: 0, count: data.count)
      let found = CoxModel.partialLikelihood(linear: zeros.map { _ in 3.5 }, of: data)
      #expect(found.negativeLogLikelihood == 0 && found.gradient == zeros)
      let x = DoubleMatrix(rows: data.count, columns: 1)
      #expect(CoxModel.fit(x, data, penalties: [1]) == nil)
      #expect(Breslow.cumulativeHazard(linear: zeros, of: data).value(at: 10) == 0)
    }
    // One row with an event is all of its risk set.
    let one = CoxModel.partialLikelihood(linear: [3], of: SurvivalTimes(times: [1], events: [true]))
    #expect(one.negativeLogLikelihood == 0 && one.gradient == [0])
  }

  @Test func allTimesEqualFollowEfron() throws {
    let data = SurvivalTimes(times: [2, 2, 2], events: [true, true, true])
    let found = CoxModel.partialLikelihood(linear: [0, 0, 0], of: data)
    #expect(isClose(found.negativeLogLikelihood, log(3.0) + log(2) + log(1)))
    #expect(found.gradient.allSatisfy { abs($0) < 1e-12 })
    let x = DoubleMatrix(rows: 3, columns: 1, [-1, 0, 1])
    let model = try #require(CoxModel.fit(x, data, penalties: [1]))
    #expect(abs(model.beta[0]) < 1e-9)
  }

  @Test func aSeparatedCohortHasNoUnpenalisedFit() throws {
    let x = DoubleMatrix(rows: 6, columns: 1, [2.5, 1.5, 0.5, -0.5, -1.5, -2.5])
    let data = SurvivalTimes(times: [1, 2, 3, 4, 5, 6], events: [true, true, true, true, true, true])
    #expect(CoxModel.fit(x, data, penalties: [0]) == nil)
    #expect(try #require(CoxModel.fit(x, data, penalties: [0.1])).beta[0] > 1)
  }

  @Test func columnsThatSayTheSameShareTheirCoefficient() throws {
    let (x, data) = simulatedSurvival(120, seed: 9)
    let twice = DoubleMatrix(rows: 120, columns: 3, (0..<120).flatMap { [x[$0, 0], x[$0, 0], 0] })
    let own = DoubleMatrix(rows: 120, columns: 1, (0..<120).map { x[$0, 0] })
    let single = try #require(CoxModel.fit(own, data, penalties: [0]))
    let double = try #require(CoxModel.fit(twice, data, penalties: [0, 0, 0]))
    #expect(isClose(double.beta[0] + double.beta[1], single.beta[0], 1e-6))
    #expect(double.beta[2] == 0)
    #expect(isClose(double.logLikelihood, single.logLikelihood, 1e-9))
    let none = try #require(CoxModel.fit(DoubleMatrix(rows: 120, columns: 0), data, penalties: []))
    #expect(none.beta.isEmpty && none.logLikelihood < single.logLikelihood)
  }
}
