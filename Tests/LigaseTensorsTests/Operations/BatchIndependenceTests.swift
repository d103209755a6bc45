import LigaseTensors
import TestSupport
import Testing

/// A row of a result has the same bits whatever the other rows of its batch.
@Suite struct BatchIndependenceTests {
  static let batches = [1, 2, 11, 12, 13, 31, 32, 33, 100, 300]

  /// Compares each row of `body` on several batches of the rows of `x` with the same row of all of them.
  private func expectRowsAlone(_ x: Tensor, _ name: String, _ body: (Tensor) -> Tensor) {
    let expected = bits(body(x)), rows = x.shape[0], width = expected.count / rows
    for batch in Self.batches where batch <= rows {
      for first in Set([0, rows / 3, rows - batch]) where first + batch <= rows {
        let own = body(x.slicedFirst(first..<(first + batch)))
        let isSame = bits(own)[...] == expected[(first * width)..<((first + batch) * width)]
        #expect(isSame, "\(name): \(batch) rows from \(first)")
      }
    }
  }

  @Test(arguments: [1, 2, 4, 5, 12, 13, 31, 32, 33, 100, 512], [1, 7, 64, 255, 257, 700])
  func linear(_ outputs: Int, _ inputs: Int) {
    let weight = Tensor.draws([outputs, inputs], seed: 2), bias = Tensor.draws([outputs], seed: 3)
    let x = Tensor.draws([320, inputs])
    expectRowsAlone(x, "linear \(inputs) to \(outputs)") { $0.linear(weight: weight, bias: bias) }
    expectRowsAlone(x, "linear without bias") { $0.linear(weight: weight, bias: nil) }
    expectRowsAlone(x, "matmul") { $0.matmul(weight.transposed()) }
    // In training too.
    let leaf = weight.tracked()
    let isSame = bits(x.linear(weight: leaf, bias: bias)) == bits(x.linear(weight: weight, bias: bias))
    #expect(isSame, "linear \(inputs) to \(outputs) with a history")
  }

  @Test(arguments: [(1, 1), (31, 3), (32, 64), (33, 256), (80, 257), (17, 600)])
  func productsAtEveryLevel(_ size: (n: Int, k: Int)) {
    var random = SeededGenerator(seed: 4)
    for m in Self.batches {
      for (level, all, alone) in KernelTwins.rowsAlone(m: m, n: size.n, k: size.k, using: &random) {
        let isSame = all == alone
        #expect(isSame, "level \(level): \(m) rows of \(size.k) by \(size.n)")
      }
    }
  }

  @Test func operationsOnRows() {
    let x = Tensor.draws([320, 37]), scale = Tensor.draws([37], seed: 2), shift = Tensor.draws([37], seed: 3)
    for (name, body) in [
      ("softmax", { $0.softmax() }), ("logSoftmax", { $0.logSoftmax() }), ("gelu", { $0.gelu() }),
      ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }), ("exp", { $0.exp() }), ("relu", { $0.relu() }),
      ("normalizedRows", { $0.normalizedRows(epsilon: 1e-5) }), ("sum", { $0.sum(alongAxis: 1) }),
      ("scaledColumns", { $0.scaledColumns(by: scale, plus: shift) }), ("plus", { $0 + shift }),
    ] as [(String, (Tensor) -> Tensor)] { expectRowsAlone(x, name, body) }
  }

  /// Sequences of mixed lengths over few or many kinds of steps, and each sequence's own result.
  private func expectSequencesAlone(
    _ name: String, kinds: Int, channels: Int, lengths: [Int]? = nil, _ plain: (Grids) -> Tensor,
    once: ((SharedSteps) -> Tensor)? = nil
  ) {
    var random = SeededGenerator(seed: 5)
    let lengths = lengths ?? (0..<110).map { $0 % 7 == 3 ? 1 : 2 + random.next(below: 40) }
    let table = Tensor.draws([kinds, channels], seed: 6)
    let steps = lengths.map { length in (0..<length).map { _ in Int32(random.next(below: kinds)) } }
    for shares in once == nil ? [false] : [false, true] {
      func result(_ members: Range<Int>) -> [UInt32] {
        let batch = Ragged(Array(steps[members]))
        let sequences = Grids(values: table.gatheredRows(batch.elements), layout: batch.layout)
        return bits(shares ? once!(SharedSteps(sequences)) : plain(sequences))
      }
      let each = steps.indices.map { result($0..<($0 + 1)) }
      for batch in Self.batches where batch <= steps.count {
        for first in [0, steps.count - batch] {
          let isSame = result(first..<(first + batch)) == Array(each[first..<(first + batch)].joined())
          #expect(
            isSame,
            "\(name) of \(kinds) kinds, \(batch) sequences from \(first)\(shares ? ", equal steps once" : "")"
          )
        }
      }
    }
  }

  @Test(arguments: [3, 30, 500]) func convolutionsAndPooling(_ kinds: Int) {
    let weight = Tensor.draws([20, 6, 5], seed: 2), bias = Tensor.draws([20], seed: 3)
    for window in [
      SlidingWindow(size: 5, padding: .same), SlidingWindow(size: 5, dilation: 3, padding: .same),
      SlidingWindow(size: 5, stride: 2, padding: .steps(3)),
    ] {
      expectSequencesAlone("convolved", kinds: kinds, channels: 6) {
        $0.convolved(weight: weight, bias: bias, window: window).values
      } once: {
        $0.convolved(weight: weight, bias: bias, window: window).grids.values
      }
      expectSequencesAlone("maxPooled", kinds: kinds, channels: 6) {
        $0.maxPooled(window).values
      } once: {
        $0.maxPooled(window).grids.values
      }
    }
    expectSequencesAlone("meanOverLength", kinds: kinds, channels: 6) { $0.meanOverLength() }
    expectSequencesAlone("maxOverLength", kinds: kinds, channels: 6) { $0.maxOverLength() }
    expectSequencesAlone("sum of two", kinds: kinds, channels: 6) {
      ($0 + $0.mapValues { $0 * 2 }).values
    } once: {
      ($0 + $0.mapRows { $0 * 2 }).grids.values
    }
  }

  @Test(arguments: [3, 30, 500], [RecurrentCell.lstm, .gru, .tanh, .relu])
  func recurrencesAndAttention(_ kinds: Int, _ cell: RecurrentCell) {
    let (h, g) = (20, cell.gateCount * 20)
    func weights(_ channels: Int, _ seed: UInt64) -> RecurrentWeights {
      RecurrentWeights(
        inputHidden: .draws([g, channels], seed: seed, deviation: 0.3),
        hiddenHidden: .draws([g, h], seed: seed + 1, deviation: 0.3), inputBias: .draws([g], seed: seed + 2),
        hiddenBias: .draws([g], seed: seed + 3))
    }
    let first = [weights(6, 10), weights(6, 20)], second = [weights(2 * h, 30), weights(2 * h, 40)]
    let projection = Tensor.draws([15, 2 * h], seed: 50), query = Tensor.draws([1, 15], seed: 51)
    expectSequencesAlone("recurrent", kinds: kinds, channels: 6) { input in
      let steps = input.recurrent(cell, directions: first).outputs.recurrent(cell, directions: second).outputs
      let attention = steps.additiveScores(weight: projection, bias: nil, query: query).softmaxOverLength()
      return .concatenated([steps.sumOverLength(weightedBy: attention), steps.meanOverLength()])
    } once: { input in
      let steps = input.recurrent(cell, directions: first).recurrent(cell, directions: second)
      let attention = steps.additiveScores(weight: projection, bias: nil, query: query).softmaxOverLength()
      return .concatenated([steps.sumOverLength(weightedBy: attention), steps.grids.meanOverLength()])
    }
    expectSequencesAlone("recurrent with a state", kinds: kinds, channels: 6) {
      $0.recurrent(cell, directions: first, wantsFinalState: true).outputs.values
    }
  }

  /// A batch of few distinct steps is computed by another method than one of many.
  @Test(arguments: [3, 30, 500]) func linearOverAllSteps(_ kinds: Int) {
    let weight = Tensor.draws([3, 12 * 6], seed: 2), bias = Tensor.draws([3], seed: 3)
    expectSequencesAlone(
      "linearOverAllSteps", kinds: kinds, channels: 6, lengths: [Int](repeating: 12, count: 110)
    ) {
      $0.linearOverAllSteps(weight: weight, bias: bias)
    } once: {
      $0.linearOverAllSteps(weight: weight, bias: bias)
    }
  }
}
