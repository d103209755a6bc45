/// One direction of a recurrent layer over some sequences where no gradient is wanted: states are computed once for all
/// sequences that begin alike.
///
/// The state after step t depends on the steps up to t alone, so the states of a batch form a tree: with the sequences
/// in the order of their steps, each shares with the one before it the states of the steps in which they begin alike.
/// Level t of the tree is one matrix product and one fused gate kernel over its states. Only the last level is kept.
struct RecurrentStates {
  let cell: RecurrentCell
  let weights: RecurrentWeights
  let packed: PackedWeights
  /// For each step of the batch the number of its row, and where each sequence lies.
  let numbers: [Int32]
  let layout: SequenceLayout
  let isReversed: Bool

  /// The sequences in the order of their steps as this direction reads them.
  func sorted() -> [Int] {
    numbers.withUnsafeBufferPointer { numbers in
      (0..<layout.count).sorted { a, b in
        let shared = sharedSteps(a, b, numbers)
        if shared == layout.lengths[a] || shared == layout.lengths[b] {
          return (layout.lengths[a], a) < (layout.lengths[b], b)
        }
        return numbers[row(a, shared)] < numbers[row(b, shared)]
      }
    }
  }

  /// The step t of a sequence as this direction counts.
  private func row(_ sequence: Int, _ t: Int) -> Int {
    isReversed ? layout.offsets[sequence + 1] - 1 - t : layout.offsets[sequence] + t
  }

  /// In how many steps two sequences begin alike.
  private func sharedSteps(_ a: Int, _ b: Int, _ numbers: UnsafeBufferPointer<Int32>) -> Int {
    let length = min(layout.lengths[a], layout.lengths[b])
    var t = 0
    while t < length, numbers[row(a, t)] == numbers[row(b, t)] { t += 1 }
    return t
  }

  /// Writes the outputs of `members`, sorted, into columns `column ..< column + H` of `output`, rows `stride` apart.
  ///
  /// - Parameter projected: the input side of the gates of each distinct row, `[U, G H]`.
  func run(_ members: ArraySlice<Int>, projected: Floats, output: MutableFloats, stride: Int, column: Int) {
    let members = Array(members), h = weights.hiddenSize, width = cell.gateCount * h
    let shared = numbers.withUnsafeBufferPointer { numbers in
      members.indices.map { $0 == 0 ? 0 : sharedSteps(members[$0 - 1], members[$0], numbers) }
    }
    func buffer(_ columns: Int) -> Tensor { Tensor(shape: [members.count, columns]) { _ in } }
    let gates = buffer(width), side = buffer(cell == .gru ? width : 0),
      candidate = buffer(cell == .gru ? h : 0)
    var (hidden, nextHidden, before) = (buffer(h), buffer(h), buffer(h))
    let cellWidth = cell == .lstm ? h : 0
    var (cells, nextCells, cellsBefore) = (buffer(cellWidth), buffer(cellWidth), buffer(cellWidth))
    // For each sequence its state in the level before.
    var places = [Int](repeating: 0, count: members.count)
    var parents: [Int] = []
    // For each state of the level the row of its step.
    var steps: [Int32] = []
    for t in 0..<(members.map { layout.lengths[$0] }.max() ?? 0) {
      parents.removeAll(keepingCapacity: true)
      steps.removeAll(keepingCapacity: true)
      for (i, sequence) in members.enumerated() where layout.lengths[sequence] > t {
        if t < shared[i] {
          places[i] = places[i - 1]
        } else {
          steps.append(numbers[row(sequence, t)])
          parents.append(places[i])
          places[i] = parents.count - 1
        }
      }
      let n = parents.count
      var (from, cellFrom) = (t == 0 ? nil : hidden.floats, t == 0 || cellWidth == 0 ? nil : cells.floats)
      if t > 0, parents.indices.contains(where: { parents[$0] != $0 }) {
        for (i, parent) in parents.enumerated() {
          (before.storage.pointer + i * h).update(from: hidden.floats + parent * h, count: h)
          (cellsBefore.storage.pointer + i * cellWidth).update(
            from: cells.floats + parent * cellWidth, count: cellWidth)
        }
        (from, cellFrom) = (before.floats, cellWidth == 0 ? nil : cellsBefore.floats)
      }
      let gate = gates.storage.pointer, out = nextHidden.storage.pointer
      steps.withUnsafeBufferPointer { steps in
        if cell != .gru, let from {
          packed.hidden.multiply(from, rows: n, adding: .rows(projected, steps.baseAddress!), into: gate)
        } else {
          for (i, step) in steps.enumerated() {
            (gate + i * width).update(from: projected + Int(step) * width, count: width)
          }
        }
      }
      switch cell {
      case .lstm: Kernels.lstmAdvance(n, h, gate, cellFrom, nextCells.storage.pointer, out)
      case .gru:
        packed.projectState(from, weights.hiddenBias?.floats, rows: n, into: side.storage.pointer)
        Kernels.gruStep(n, h, gate, side.floats, from, candidate.storage.pointer, out)
      case .tanh: Kernels.tanh(n * h, gate, out)
      case .relu: Kernels.relu(n * h, gate, out)
      }
      for (i, sequence) in members.enumerated() where layout.lengths[sequence] > t {
        (output + row(sequence, t) * stride + column).update(
          from: nextHidden.floats + places[i] * h, count: h)
      }
      swap(&hidden, &nextHidden)
      swap(&cells, &nextCells)
    }
  }
}

extension PackedWeights {
  /// The hidden side of a GRU's gates: `h W_hh^T + b_hh`.
  func projectState(_ before: Floats?, _ bias: Floats?, rows: Int, into side: MutableFloats) {
    if let before {
      hidden.multiply(before, rows: rows, adding: .row(bias), into: side)
    } else if let bias {
      Kernels.fillRows(rows, hidden.n, bias, side)
    } else {
      side.update(repeating: 0, count: rows * hidden.n)
    }
  }
}

extension Sequences {
  /// `recurrent` where no gradient, no state before and none after is wanted.
  func recurrentOnce(_ cell: RecurrentCell, directions: [RecurrentWeights]) -> Sequences {
    let h = directions[0].hiddenSize, width = cell.gateCount * h, stride = directions.count * h
    let sharing = sharing ?? StepSharing((0..<Int32(layout.rowCount)).map { $0 })
    let sweeps = directions.enumerated().map { d, weights in
      RecurrentStates(
        cell: cell, weights: weights, packed: PackedWeights(weights, cell: cell, forPullback: false),
        numbers: sharing.numbers, layout: layout, isReversed: d == 1)
    }
    // The input side of all distinct rows, a block of rows of one direction at a time.
    let count = rows.shape[0], block = 192, blocks = (count + block - 1) / block
    let projected = directions.map { _ in Tensor(shape: [count, width]) { _ in } }
    ThreadTeam.shared.forEachShare(blocks * directions.count) { piece in
      let (d, first) = (piece / blocks, piece % blocks * block)
      sweeps[d].packed.input.multiply(
        rows.floats + first * channels, rows: min(block, count - first),
        adding: .row(sweeps[d].packed.bias?.floats), into: projected[d].storage.pointer + first * width)
    }
    let orders = sweeps.map { sweep in sharing.order(reversed: sweep.isReversed) { sweep.sorted() } }
    let shares = max(1, min(16, layout.count / 32))
    let result = Tensor(shape: [layout.rowCount, stride]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.shared.forEachShare(shares * directions.count) { piece in
        let (share, d) = (piece / directions.count, piece % directions.count)
        let members = share * layout.count / shares..<(share + 1) * layout.count / shares
        sweeps[d].run(
          orders[d][members], projected: projected[d].floats, output: base, stride: stride, column: d * h)
      }
    }
    return Sequences(values: result, layout: layout)
  }
}
