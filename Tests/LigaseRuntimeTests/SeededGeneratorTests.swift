import LigaseRuntime
import LigaseTensors
import Testing

@Suite struct SeededGeneratorTests {
  /// The numbers of the published reference implementation for seed 1234567.
  @Test func numbersAreTheReferenceImplementations() {
    var random = SeededGenerator(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    for number in expected { #expect(random.next() == number) }
  }

  @Test func streamsAndStepsDiffer() {
    var seen: Set<UInt64> = []
    for stream in ["dropout", "shuffle", ""] {
      for step in 0..<100 {
        var random = SeededGenerator(seed: 7, stream: stream, step: step)
        seen.insert(random.next())
      }
    }
    #expect(seen.count == 300)
    var (a, b) = (
      SeededGenerator(seed: 7, stream: "x", step: 3), SeededGenerator(seed: 7, stream: "x", step: 3)
    )
    #expect(a.next() == b.next())
  }

  @Test func boundedNumbersAreEven() {
    var random = SeededGenerator(seed: 3)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.next(below: 7)] += 1 }
    for count in counts { #expect(abs(count - 10_000) < 500) }
    #expect(random.next(below: 1) == 0)
  }

  @Test func normalDrawsHaveMeanZeroAndVarianceOne() {
    var random = SeededGenerator(seed: 4)
    let draws = (0..<100_000).map { _ in random.nextNormal() }
    let mean = draws.reduce(0, +) / 100_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
    #expect(abs(mean) < 0.02 && abs(variance - 1) < 0.03)
  }

  @Test func shufflingKeepsEveryElement() {
    var random = SeededGenerator(seed: 5)
    var values = Array(0..<100)
    random.shuffle(&values)
    #expect(values != Array(0..<100) && values.sorted() == Array(0..<100))
    var uniform = SeededGenerator(seed: 6)
    let tensor = Tensor.uniform([1000], in: -2..<3, using: &uniform)
    #expect(tensor.scalars.allSatisfy { $0 >= -2 && $0 <= 3 })
  }
}
