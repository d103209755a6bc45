import LigaseTensors
import TestSupport
import Testing

/// Equal steps, windows and first steps computed once, compared with every step by itself.
@Suite struct SharedStepsTests {
  /// Sequences over `letters` vectors, many of them nearly equal.
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

  private static func pair(letters: Int, seed: UInt64) -> (shared: SharedSteps, plain: Grids) {
    let (tokens, vectors) = family(letters: letters, seed: seed)
    let plain = Grids(values: vectors.gatheredRows(tokens.elements), layout: tokens.layout)
    return (SharedSteps(plain), plain)
  }

  @Test(arguments: [2, 4, 20, 300]) func stepsAreTheSame(_ letters: Int) {
    let (shared, plain) = Self.pair(letters: letters, seed: 3)
    #expect(bits(shared.grids.values) == bits(plain.values))
    let window = SlidingWindow(size: 3, padding: .same), weight = Tensor.draws([3, 3, 3], seed: 2)
    let (a, b) = (
      shared + shared.convolved(weight: weight, bias: nil, window: window),
      plain + plain.convolved(weight: weight, bias: nil, window: window)
    )
    #expect(bits(a.grids.values) == bits(b.values))
    #expect(bits(shared.mapRows { $0 * 2 }.grids.values) == bits(plain.values * 2))
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
    let weight = Tensor.draws([33, 3, window.axes[0].size], seed: 5), bias = Tensor.draws([33], seed: 6)
    for bias in [bias, nil] {
      let (a, b) = (
        shared.convolved(weight: weight, bias: bias, window: window),
        plain.convolved(weight: weight, bias: bias, window: window)
      )
      #expect(a.layout == b.layout && bits(a.grids.values) == bits(b.values))
      let (c, d) = (a.mapRows { $0.relu() }.maxPooled(window), b.mapValues { $0.relu() }.maxPooled(window))
      #expect(c.layout == d.layout && bits(c.grids.values) == bits(d.values))
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
    let once = shared.recurrent(cell, directions: directions).grids.values
    #expect(
      bits(once) == bits(SharedSteps(alone: plain).recurrent(cell, directions: directions).grids.values))
    // Without the wrapper every sequence is unrolled by itself.
    let unrolled = plain.recurrent(cell, directions: directions).outputs.values
    #expect(mismatch(once.scalars, unrolled.scalars.map(Double.init), tolerance: 2e-6) == nil)
  }

  /// The outputs of both directions are pieces with their own rows until they are needed as a whole.
  @Test func piecesAreScoredSummedAndStacked() {
    let h = 20
    func weights(_ inputs: Int, _ seed: UInt64) -> RecurrentWeights {
      RecurrentWeights(
        inputHidden: .draws([4 * h, inputs], seed: seed), hiddenHidden: .draws([4 * h, h], seed: seed + 1),
        inputBias: nil, hiddenBias: .draws([4 * h], seed: seed + 2))
    }
    let (shared, plain) = Self.pair(letters: 3, seed: 11)
    let first = [weights(3, 1), weights(3, 5)]
    let pieces = shared.recurrent(.lstm, directions: first)
    let whole = pieces.grids
    #expect(pieces.channels == 2 * h && whole.values.shape == [plain.layout.rowCount, 2 * h])

    // 21 scores: one vector of lanes and a rest.
    let weight = Tensor.draws([21, 2 * h], seed: 20), bias = Tensor.draws([21], seed: 21)
    let query = Tensor.draws([1, 21], seed: 22)
    let scores = pieces.additiveScores(weight: weight, bias: bias, query: query)
    let expected = whole.values.linear(weight: weight, bias: bias).tanh().linear(weight: query, bias: nil)
    let close = expected.scalars.map(Double.init)
    #expect(mismatch(scores.values.scalars, close, tolerance: 1e-5, floor: 1e-5) == nil)
    let tracked = whole.additiveScores(weight: weight, bias: bias, query: query)
    #expect(mismatch(tracked.values.scalars, close, tolerance: 1e-6, floor: 1e-6) == nil)

    let shares = scores.softmaxOverLength()
    let sums = pieces.sumOverLength(weightedBy: shares)
    #expect(sums.shape == [plain.count, 2 * h])
    #expect(
      mismatch(
        sums.scalars, whole.sumOverLength(weightedBy: shares).scalars.map(Double.init), tolerance: 1e-5,
        floor: 1e-6) == nil)

    let second = [weights(2 * h, 30), weights(2 * h, 40)]
    #expect(
      bits(pieces.recurrent(.lstm, directions: second).grids.values)
        == bits(SharedSteps(alone: whole).recurrent(.lstm, directions: second).grids.values))
    let window = SlidingWindow(size: 3, padding: .same), filter = Tensor.draws([4, 2 * h, 3], seed: 50)
    #expect(
      mismatch(
        pieces.convolved(weight: filter, bias: nil, window: window).grids.values.scalars,
        whole.convolved(weight: filter, bias: nil, window: window).values.scalars.map(Double.init),
        tolerance: 1e-5, floor: 1e-5) == nil)
    let pooled = (bits(pieces.maxPooled(window).grids.values), bits(whole.maxPooled(window).values))
    #expect(pooled.0.elementsEqual(pooled.1))
    #expect(
      bits((pieces + shared.recurrent(.lstm, directions: first)).grids.values)
        == bits((whole + whole).values))
  }

  @Test func allStepsThroughOneLayer() {
    let table = Tensor.draws([5, 4], seed: 60), layout = GridLayout(lengths: [6, 6, 6])
    let numbers = (0..<18).map { Int32($0 * 7 % 5) }
    let shared = SharedSteps(table: table, numbers: numbers, layout: layout)
    #expect(bits(shared.grids.values) == bits(table.gatheredRows(numbers)))
    let weight = Tensor.draws([2, 24], seed: 61), bias = Tensor.draws([2], seed: 62)
    let expected = shared.grids.values.reshaped([3, 24]).linear(weight: weight, bias: bias)
    for result in [
      shared.linearOverAllSteps(weight: weight, bias: bias),
      shared.grids.linearOverAllSteps(weight: weight, bias: bias),
    ] {
      #expect(
        mismatch(result.scalars, expected.scalars.map(Double.init), tolerance: 1e-5, floor: 1e-6) == nil)
    }
  }

  @Test func manyThreadsGiveTheSame() {
    let (shared, _) = Self.pair(letters: 4, seed: 8)
    let weights = RecurrentWeights(
      inputHidden: .draws([64, 3], seed: 1), hiddenHidden: .draws([64, 16], seed: 2), inputBias: nil,
      hiddenBias: nil)
    func run() -> [UInt32] {
      bits(shared.recurrent(.lstm, directions: [weights, weights]).grids.values)
    }
    #expect(threadDependence { run() } == nil)
  }
}
