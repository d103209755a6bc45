import LigaseDatasets
import LigaseRuntime
import Testing

@Suite struct DinucleotideShuffleTests {
  private func pairs(_ text: [UInt8]) -> [String: Int] {
    zip(text, text.dropFirst()).reduce(into: [:]) { counts, pair in
      counts[String(decoding: [pair.0, pair.1], as: UTF8.self), default: 0] += 1
    }
  }

  @Test func pairsOfNeighboursStay() {
    var random = SeededGenerator(seed: 4), other = SeededGenerator(seed: 5)
    var moved = 0
    for length in [0, 1, 2, 3, 10, 60, 400] {
      let sequence = (0..<length).map { _ in Array("ACGTN".utf8)[other.next(below: length > 100 ? 4 : 5)] }
      let shuffled = DinucleotideShuffle.shuffled(sequence, using: &random)
      #expect(
        pairs(shuffled) == pairs(sequence) && shuffled.first == sequence.first
          && shuffled.last == sequence.last)
      if shuffled != sequence { moved += 1 }
    }
    #expect(moved >= 3)
    let lower = DinucleotideShuffle.shuffled(Array("acgtacgaatt".utf8), using: &random)
    #expect(pairs(lower) == pairs(Array("ACGTACGAATT".utf8)))
    var again = SeededGenerator(seed: 4)
    #expect(DinucleotideShuffle.shuffled([], using: &again) == [])
  }
}
