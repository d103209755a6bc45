import LigaseModels
import LigaseTensors
import Testing

/// Reference values: scikit-survival 0.28.0 by Fixtures/reference/make_survival.py.
struct ConcordanceTests {
  @Test func concordanceAgreesWithTheReference() {
    let censoring = SurvivalReference.shared.censoring
    for cohort in SurvivalReference.shared.cohorts {
      let (data, uno) = (cohort.data, cohort.uno)
      #expect(
        isClose(Concordance.harrell(risk: cohort.risk, of: data), cohort.harrell, 1e-9), "\(cohort.name)")
      #expect(
        isClose(
          Concordance.uno(risk: cohort.risk, of: data, censoring: censoring, horizon: uno.horizon), uno.value,
          1e-9), "\(cohort.name)")
      #expect(
        isClose(
          Concordance.uno(
            risk: cohort.risk, of: data, censoring: KaplanMeier.censoring(of: data), horizon: uno.horizon),
          uno.own, 1e-9), "\(cohort.name)")
    }
  }

  /// Counts pairs one by one.
  private func countedPairs(_ risk: [Double], _ data: SurvivalTimes, _ weights: [Double]) -> Double? {
    var (concordant, all) = (0.0, 0.0)
    for i in risk.indices where data.events[i] {
      for j in risk.indices {
        let isLater = data.times[j] > data.times[i] || data.times[j] == data.times[i] && !data.events[j]
        guard isLater else { continue }
        all += weights[i]
        concordant += weights[i] * (risk[i] > risk[j] ? 1 : risk[i] == risk[j] ? 0.5 : 0)
      }
    }
    return all > 0 ? concordant / all : nil
  }

  @Test func concordanceAgreesWithCountingPairs() {
    for seed in 0..<20 as Range<UInt64> {
      let (x, data) = simulatedSurvival(60, seed: seed, levels: 3)
      let risk = (0..<60).map { (2 * x[$0, 0]).rounded() }
      let ones = [Double](repeating: 1, count: 60)
      #expect(isClose(Concordance.harrell(risk: risk, of: data), countedPairs(risk, data, ones)!))
      let censoring = KaplanMeier.censoring(of: data)
      let weights = data.times.map { time in
        time < 2 ? 1 / (censoring.value(before: time) * censoring.value(before: time)) : 0
      }
      #expect(
        isClose(
          Concordance.uno(risk: risk, of: data, censoring: censoring, horizon: 2),
          countedPairs(risk, data, weights)!))
    }
  }

  @Test func cohortsWithoutComparablePairsHaveNoConcordance() {
    let censoring = StepCurve(times: [], values: [], initial: 1)
    for data in [
      SurvivalTimes(times: [], events: []), SurvivalTimes(times: [1], events: [true]),
      SurvivalTimes(times: [1, 2, 3], events: [false, false, false]),
      SurvivalTimes(times: [2, 2, 2], events: [true, true, true]),
    ] {
      let risk = data.times.indices.map { Double($0) }
      #expect(Concordance.harrell(risk: risk, of: data) == nil)
      #expect(Concordance.uno(risk: risk, of: data, censoring: censoring, horizon: nil) == nil)
    }
    let late = SurvivalTimes(times: [5, 6], events: [true, true])
    #expect(Concordance.harrell(risk: [1, 0], of: late) == 1)
    #expect(Concordance.uno(risk: [1, 0], of: late, censoring: censoring, horizon: 5) == nil)
    #expect(Concordance.uno(risk: [1, 0], of: late, censoring: censoring, horizon: nil) == 1)
  }

  @Test func oneHundredThousandRowsAreCountedAtOnce() {
    let count = 100_000
    var random = SeededGenerator(seed: 1)
    let times = (0..<count).map { _ in random.nextUniform() }
    let data = SurvivalTimes(times: times, events: times.map { _ in random.nextUniform() < 0.5 })
    let clock = ContinuousClock()
    var value: Double?
    let elapsed = clock.measure { value = Concordance.harrell(risk: times.map { -$0 }, of: data) }
    #expect(value == 1)
    #expect(elapsed < .seconds(5))
  }
}
