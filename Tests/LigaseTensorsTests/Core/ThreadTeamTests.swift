import LigaseTensors
import Synchronization
import TestSupport
import Testing

/// Tests that change the number of threads, one after the other.
@Suite(.serialized) struct ThreadTeamTests {
  /// Runs `body` with 1, 2 and 5 threads and compares every byte of what it returns.
  private func expectSameBytes(_ body: () -> [Tensor]) {
    let before = ThreadTeam.shared.threadCount
    defer { ThreadTeam.shared.threadCount = before }
    let results = [1, 2, 5].map { count in
      ThreadTeam.shared.threadCount = count
      return body().map(bits)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test func everyShareIsTakenOnce() {
    let before = ThreadTeam.shared.threadCount
    defer { ThreadTeam.shared.threadCount = before }
    for count in [1, 2, 5, 3] {
      ThreadTeam.shared.threadCount = count
      for shares in [0, 1, 2, 7, 100] {
        let sum = Atomic<Int>(0), calls = Atomic<Int>(0)
        ThreadTeam.shared.forEachShare(shares) { share in
          sum.add(share, ordering: .relaxed)
          calls.add(1, ordering: .relaxed)
          ThreadTeam.shared.forEachShare(3) { _ in calls.add(1, ordering: .relaxed) }
        }
        #expect(sum.load(ordering: .relaxed) == shares * (shares - 1) / 2)
        #expect(calls.load(ordering: .relaxed) == 4 * shares)
      }
    }
  }

  @Test func largeLinearGivesTheSameBytes() {
    let x = Tensor.draws([700, 256]), weight = Tensor.draws([300, 256], seed: 2),
      bias = Tensor.draws([300], seed: 3)
    expectSameBytes {
      let leaves = [x, weight, bias].map { $0.tracked() }
      let y = leaves[0].linear(weight: leaves[1], bias: leaves[2]).tanh()
      return [y] + gradients(of: y.squared().sum(), at: leaves)
    }
  }

  @Test func gatheringGivesTheSameBytes() {
    let table = Tensor.draws([50, 200])
    var random = SeededGenerator(seed: 8)
    let indices = (0..<3000).map { _ in Int32(random.next(below: 50)) }
    expectSameBytes {
      let leaf = table.tracked()
      let y = leaf.gatheredRows(indices)
      return [y] + gradients(of: (y * y).sum(), at: [leaf])
    }
  }

  @Test(arguments: [RecurrentCell.lstm, .gru, .tanh])
  func recurrentLayersGiveTheSameBytes(_ cell: RecurrentCell) {
    var random = SeededGenerator(seed: 9)
    let layout = SequenceLayout(lengths: (0..<170).map { _ in random.next(below: 40) })
    let (channels, h) = (8, 16)
    let values = Tensor.draws([layout.rowCount, channels])
    let weights = (0..<2).flatMap { d in
      [[cell.gateCount * h, channels], [cell.gateCount * h, h], [cell.gateCount * h], [cell.gateCount * h]]
        .enumerated().map { Tensor.draws($1, seed: UInt64(10 * d + $0), deviation: 0.3) }
    }
    expectSameBytes {
      let leaves = ([values] + weights).map { $0.tracked() }
      let directions = [1, 5].map {
        RecurrentWeights(
          inputHidden: leaves[$0], hiddenHidden: leaves[$0 + 1], inputBias: leaves[$0 + 2],
          hiddenBias: leaves[$0 + 3])
      }
      let (outputs, final) = Sequences(values: leaves[0], layout: layout).recurrent(
        cell, directions: directions, wantsFinalState: true)
      let loss = outputs.values.squared().sum() + final!.hidden.sum()
      return [outputs.values] + gradients(of: loss, at: leaves)
    }
  }

  @Test func elementwiseOperationsAndDropoutGiveTheSameBytes() {
    let x = Tensor.draws([500, 400])
    expectSameBytes {
      let leaf = x.tracked()
      let y = (leaf.sigmoid() * leaf.gelu()).dropout(probability: 0.3, key: 4).softmax().normalizedRows(
        epsilon: 1e-5)
      return [y] + gradients(of: (y * leaf).sum(), at: [leaf])
    }
  }
}
