import FoundationEssentials
import LigaseNetworks
import Testing

@Suite struct LearningRateScheduleTests {
  private func rates(_ schedule: LearningRateSchedule, steps: Int = 20) -> [Float] {
    (0..<steps).map { schedule.rate(1, step: $0, of: steps, stepsPerEpoch: 5, state: .init()) }
  }

  @Test func constantStays() { #expect(rates(.constant).allSatisfy { $0 == 1 }) }

  @Test func warmUpClimbsEvenly() {
    let rates = rates(LearningRateSchedule(.constant, warmupSteps: 4))
    #expect(Array(rates.prefix(6)) == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test func cosineFallsToItsFloor() {
    let rates = rates(LearningRateSchedule(.cosine(floor: 0.1)))
    #expect(rates[0] == 1 && abs(rates[10] - 0.55) < 1e-6)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 } && rates.last! > 0.1)
    let warm = LearningRateSchedule(.cosine(floor: 0), warmupSteps: 10)
    #expect(abs(warm.rate(2, step: 15, of: 20, stepsPerEpoch: 5, state: .init()) - 1) < 1e-6)
    #expect(abs(warm.rate(2, step: 20, of: 20, stepsPerEpoch: 5, state: .init())) < 1e-6)
  }

  @Test func stepFallsAfterSoManyEpochs() {
    let rates = rates(LearningRateSchedule(.step(epochs: 2, factor: 0.1)))
    #expect(rates[9] == 1 && abs(rates[10] - 0.1) < 1e-7)
  }

  @Test func plateauWaitsForItsPatience() throws {
    let schedule = LearningRateSchedule(.plateau(patience: 1, factor: 0.5))
    var state = LearningRateSchedule.State()
    var seen: [Float] = []
    for metric in [3.0, 2, 2, 2, 2, 2, 1] {
      schedule.finishEpoch(metric: metric, state: &state)
      seen.append(schedule.rate(1, step: 0, of: 1, stepsPerEpoch: 1, state: state))
      // A saved state continues unchanged.
      state = try JSONDecoder().decode(LearningRateSchedule.State.self, from: JSONEncoder().encode(state))
    }
    #expect(seen == [1, 1, 1, 0.5, 0.5, 0.25, 0.25])
  }
}

@Suite struct EarlyStoppingTests {
  @Test func waitsAndStops() throws {
    var stopping = EarlyStopping(patience: 2, minimumImprovement: 0.1)
    var seen: [Bool] = []
    for metric in [1, 0.95, 0.8, 0.9] {
      seen.append(stopping.record(metric))
      #expect(!stopping.isOver)
    }
    #expect(seen == [true, false, true, false] && stopping.best == 0.8)
    stopping = try JSONDecoder().decode(EarlyStopping.self, from: JSONEncoder().encode(stopping))
    let last = stopping.record(0.75)
    #expect(!last && stopping.isOver)
  }

  @Test func directionsAndNotANumber() throws {
    var stopping = EarlyStopping(smallerIsBetter: false)
    let seen = [Double.nan, 0.1, 0.2, 0.15, .nan].map { stopping.record($0) }
    #expect(seen == [true, true, true, false, false] && stopping.best == 0.2)
    for _ in 0..<100 { _ = stopping.record(0) }
    #expect(!stopping.isOver)
  }
}
