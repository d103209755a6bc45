import Glibc
import LigaseTensors
import Synchronization
import TestSupport
import Testing

struct ThreadTeamTests {
  /// Runs `body` with 1, 2, 3 and 5 threads and compares every byte of its result.
  private func expectSameBytes(_ body: () -> [Tensor]) {
    #expect(threadDependence { body().map(bits) } == nil)
    ThreadTeam.withThreads(2) {
      _ = body()
      #expect(ThreadTeam.current.forkCount > 0, "one thread did all the work")
    }
  }

  /// The comparison of the other tests detects a sum whose order depends on the number of threads.
  @Test func aSumThatDependsOnTheThreadsIsFound() {
    let numbers = Tensor.draws([10_007]).scalars
    func sum() -> Float {
      let count = ThreadTeam.current.threadCount, width = (numbers.count + count - 1) / count
      return stride(from: 0, to: numbers.count, by: width).reduce(Float(0)) { total, first in
        total + numbers[first..<min(first + width, numbers.count)].reduce(0, +)
      }
    }
    #expect(threadDependence { sum().bitPattern } == 2)
    #expect(threadDependence { numbers.reduce(0, +).bitPattern } == nil)
  }

  /// Suites run in parallel: each has the requested threads, at the same time.
  @Test(arguments: [1, 2, 3, 4]) func aTeamOfItsOwnHasItsThreads(_ count: Int) {
    let shared = ThreadTeam.shared.threadCount
    ThreadTeam.withThreads(count) {
      #expect(ThreadTeam.current.threadCount == count && ThreadTeam.current !== ThreadTeam.shared)
      for _ in 0..<20 { #expect(threadsAtWork(expected: count) == count) }
      ThreadTeam.withThreads(2) { #expect(threadsAtWork(expected: 2) == 2) }
      #expect(ThreadTeam.current.threadCount == count)
    }
    #expect(ThreadTeam.current === ThreadTeam.shared && ThreadTeam.shared.threadCount == shared)
  }

  /// Work inside a share stays on its thread, in the team of the caller and not in that of the process.
  @Test func workInsideAShareStaysOnItsThread() {
    ThreadTeam.withThreads(3) {
      let team = ThreadTeam.current, strays = Atomic<Int>(0)
      team.forEachShare(12) { _ in
        if ThreadTeam.current !== team { strays.add(1, ordering: .relaxed) }
        let outer = pthread_self()
        ThreadTeam.current.forEachShare(5) { _ in
          if pthread_equal(outer, pthread_self()) == 0 { strays.add(1, ordering: .relaxed) }
        }
      }
      #expect(strays.load(ordering: .relaxed) == 0)
    }
  }

  @Test func everyShareIsTakenOnce() {
    for count in [1, 2, 5, 3] {
      ThreadTeam.withThreads(count) {
        for shares in [0, 1, 2, 7, 100] {
          let sum = Atomic<Int>(0), calls = Atomic<Int>(0)
          ThreadTeam.current.forEachShare(shares) { share in
            sum.add(share, ordering: .relaxed)
            calls.add(1, ordering: .relaxed)
            ThreadTeam.current.forEachShare(3) { _ in calls.add(1, ordering: .relaxed) }
          }
          #expect(sum.load(ordering: .relaxed) == shares * (shares - 1) / 2)
          #expect(calls.load(ordering: .relaxed) == 4 * shares)
        }
      }
    }
  }

  /// Forward product, both gradients and the bias gradient: each is shared.
  @Test func everyProductOfALinearLayerIsSharedOut() {
    let x = Tensor.draws([700, 256]), weight = Tensor.draws([300, 256], seed: 2)
    func forks(_ body: () -> Void) -> Int {
      ThreadTeam.withThreads(2) {
        body()
        return ThreadTeam.current.forkCount
      }
    }
    #expect(forks { _ = x.linear(weight: weight, bias: nil) } >= 1)
    #expect(forks { _ = x.slicedFirst(0..<8).linear(weight: weight, bias: nil) } >= 1)
    #expect(forks { _ = x.matmul(weight.transposed()) } >= 1)
    let leaves = [x, weight, Tensor.zeros([300])].map { $0.tracked() }
    let y = leaves[0].linear(weight: leaves[1], bias: leaves[2])
    let sum = y.sum()
    #expect(forks { _ = gradients(of: sum, at: leaves) } >= 3)
    #expect(forks { _ = Tensor.draws([4, 4]).linear(weight: .ones([4, 4]), bias: nil) } == 0)
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
    let layout = GridLayout(lengths: (0..<170).map { _ in random.next(below: 40) })
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
      let (outputs, final) = Grids(values: leaves[0], layout: layout).recurrent(
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
