import LigaseTensors
import TestSupport
import Testing

/// Equal steps, windows and beginnings computed once, against every step by itself.
@Suite struct SequencesSharingTests {
  /// Sequences over `letters` vectors, many of them nearly alike.
  private static func family(letters: Int, seed: UInt64) -> (tokens: Ragged<Int32>, vectors: Tensor) {
    var random = SeededGenerator(seed: seed)
    func draw(_ count: Int) -> [Int32] {
      (0..<count).map { _ in Int32.random(in: 0..<Int32(letters), using: &random) }
    }
    var all: [[Int32]] = [[], [0], []]
    for _ in 0..<12 {
      let parent = draw(Int.random(in: 5..<40, using: &random))
      all.append(parent)
      for _ in 0..<3 {
        var child = parent
        child[child.indices.randomElement(using: &random)!] = draw(1)[0]
        all.append(child)
      }
      all.append(Array(parent.dropLast(2)))
      all.append(Array(parent.dropFirst(3)))
      all.append(draw(2) + parent)
    }
    all.shuffle(using: &random)
    return (Ragged(all), .draws([letters, 3], seed: seed))
  }

  private static func pair(letters: Int, seed: UInt64) -> (shared: Sequences, plain: Sequences) {
    let (tokens, vectors) = family(letters: letters, seed: seed)
    let plain = Sequences(values: vectors.gatheredRows(tokens.elements), layout: tokens.layout)
    return (plain.sharingEqualSteps(), plain)
  }

  @Test(arguments: [2, 4, 20, 300]) func stepsAreTheSame(_ letters: Int) {
    let (shared, plain) = Self.pair(letters: letters, seed: 3)
    #expect(bits(shared.values) == bits(plain.values))
    let window = SlidingWindow(size: 3, padding: .same), weight = Tensor.draws([3, 3, 3], seed: 2)
    let (a, b) = (
      shared + shared.convolved(weight: weight, bias: nil, window: window),
      plain + plain.convolved(weight: weight, bias: nil, window: window)
    )
    #expect(bits(a.values) == bits(b.values))
    #expect(bits(shared.mapValues { $0 * 2 }.values) == bits(plain.values * 2))
  }

  @Test(
    arguments: [2, 4, 300],
    [
      SlidingWindow(size: 1), SlidingWindow(size: 5, padding: .same),
      SlidingWindow(size: 17, padding: .steps(2)),
      SlidingWindow(size: 4, stride: 4, padding: .steps(2)),
      SlidingWindow(size: 3, dilation: 4, padding: .same),
    ])
  func windowsAreTheSame(_ letters: Int, _ window: SlidingWindow) {
    let (shared, plain) = Self.pair(letters: letters, seed: 4)
    let weight = Tensor.draws([33, 3, window.size], seed: 5), bias = Tensor.draws([33], seed: 6)
    for bias in [bias, nil] {
      let (a, b) = (
        shared.convolved(weight: weight, bias: bias, window: window),
        plain.convolved(weight: weight, bias: bias, window: window)
      )
      #expect(a.layout == b.layout && bits(a.values) == bits(b.values))
      let (c, d) = (a.mapValues { $0.relu() }.maxPooled(window), b.mapValues { $0.relu() }.maxPooled(window))
      #expect(c.layout == d.layout && bits(c.values) == bits(d.values))
    }
  }

  @Test(arguments: [RecurrentCell.tanh, .relu, .gru, .lstm], [1, 2])
  func statesAreTheSame(_ cell: RecurrentCell, _ directionCount: Int) {
    let h = 9, g = cell.gateCount * h
    let directions = (0..<directionCount).map { d in
      let seed = UInt64(10 * d)
      return RecurrentWeights(
        inputHidden: .draws([g, 3], seed: seed + 1),
        hiddenHidden: .draws([g, h], seed: seed + 2, deviation: 0.4),
        inputBias: .draws([g], seed: seed + 3), hiddenBias: .draws([g], seed: seed + 4))
    }
    let (shared, plain) = Self.pair(letters: 3, seed: 7)
    let once = shared.recurrent(cell, directions: directions).outputs.values
    #expect(bits(once) == bits(plain.recurrent(cell, directions: directions).outputs.values))
    // With a history every sequence is unrolled by itself.
    let tracked = Sequences(values: plain.values.tracked(), layout: plain.layout)
    let unrolled = tracked.recurrent(cell, directions: directions).outputs.values
    #expect(mismatch(once.scalars, unrolled.scalars.map(Double.init), tolerance: 2e-6) == nil)
  }

  @Test func manyThreadsGiveTheSame() {
    let (shared, _) = Self.pair(letters: 4, seed: 8)
    let weights = RecurrentWeights(
      inputHidden: .draws([64, 3], seed: 1), hiddenHidden: .draws([64, 16], seed: 2), inputBias: nil,
      hiddenBias: nil)
    func run() -> [UInt32] {
      bits(shared.recurrent(.lstm, directions: [weights, weights]).outputs.values)
    }
    let wanted = ThreadTeam.shared.threadCount
    defer { ThreadTeam.shared.threadCount = wanted }
    ThreadTeam.shared.threadCount = 1
    let alone = run()
    ThreadTeam.shared.threadCount = 3
    #expect(run() == alone)
  }

  @Test func sequencesInTrainingStayAsTheyAre() {
    let (_, plain) = Self.pair(letters: 2, seed: 9)
    let leaf = plain.values.tracked()
    let shared = Sequences(values: leaf, layout: plain.layout).sharingEqualSteps()
    let gradient = gradients(of: shared.values.sum(), at: [leaf])[0]
    #expect(gradient.scalars.allSatisfy { $0 == 1 })
  }
}
