/// One direction of a recurrent layer over some sequences without gradients: states are computed once for all
/// sequences with equal first steps.
///
/// The state after step t depends on the steps up to t alone, so the states of a batch form a tree: with the
/// sequences sorted by their steps, each shares the states of the first steps that are equal with the
/// previous sequence. Level t of the tree is one matrix product and one fused gate kernel over its states.
struct RecurrentStates {
  let cell: RecurrentCell
  let weights: RecurrentWeights
  let packed: PackedWeights
  /// The row number of each step of the batch, and the layout of the sequences.
  let numbers: [Int32]
  let layout: GridLayout
  let isReversed: Bool

  /// Returns the sequences sorted by their steps in the order of this direction.
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

  /// Returns the row of step t of a sequence, counted in this direction.
  private func row(_ sequence: Int, _ t: Int) -> Int {
    isReversed ? layout.offsets[sequence + 1] - 1 - t : layout.offsets[sequence] + t
  }

  /// Returns the number of equal first steps of two sequences.
  private func sharedSteps(_ a: Int, _ b: Int, _ numbers: UnsafeBufferPointer<Int32>) -> Int {
    let length = min(layout.lengths[a], layout.lengths[b])
    var t = 0
    while t < length, numbers[row(a, t)] == numbers[row(b, t)] { t += 1 }
    return t
  }

  /// Returns the plan of a share of sorted sequences, with the number of first steps that each shares with
  /// the previous one.
  func plan(_ members: ArraySlice<Int>) -> Plan {
    let members = Array(members)
    return numbers.withUnsafeBufferPointer { numbers in
      let shared = members.indices.map { $0 == 0 ? 0 : sharedSteps(members[$0 - 1], members[$0], numbers) }
      return Plan(
        members: members, shared: shared,
        stateCount: zip(members, shared).reduce(0) { $0 + layout.lengths[$1.0] - $1.1 })
    }
  }

  /// The tree of states of a share.
  struct Plan {
    let members: [Int]
    let shared: [Int]
    let stateCount: Int
  }

  /// Computes the states of a share level by level, and the state number of each step of its sequences.
  ///
  /// - Parameters:
  ///   - projected: the input side of the gates of each distinct row, `[U, G H]`.
  ///   - states: receives the states, `[S, H]`.
  ///   - first: the number of the first state.
  ///   - outputs: receives the number of the state of step r at `r * pieces + piece`.
  func run(
    _ plan: Plan, projected: Floats, states: MutableFloats, first: Int,
    outputs: UnsafeMutablePointer<Int32>, piece: Int, of pieces: Int
  ) {
    let (members, shared) = (plan.members, plan.shared)
    let h = weights.hiddenSize, width = cell.gateCount * h
    func buffer(_ columns: Int) -> Tensor { Tensor(shape: [members.count, columns]) { _ in } }
    let gates = buffer(width), side = buffer(cell == .gru ? width : 0),
      candidate = buffer(cell == .gru ? h : 0), before = buffer(h)
    let cellWidth = cell == .lstm ? h : 0
    var (cells, nextCells, cellsBefore) = (buffer(cellWidth), buffer(cellWidth), buffer(cellWidth))
    // The state of each sequence in the previous level.
    var places = [Int](repeating: 0, count: members.count)
    var parents: [Int] = []
    // The row of the step of each state of the level.
    var steps: [Int32] = []
    var (lastLevel, level) = (states, states)
    var done = first
    for t in 0..<(members.map { layout.lengths[$0] }.max() ?? 0) {
      parents.removeAll(keepingCapacity: true)
      steps.removeAll(keepingCapacity: true)
      for (i, sequence) in members.enumerated() where layout.lengths[sequence] > t {
        let row = row(sequence, t)
        if t < shared[i] {
          places[i] = places[i - 1]
        } else {
          steps.append(numbers[row])
          parents.append(places[i])
          places[i] = parents.count - 1
        }
        outputs[row * pieces + piece] = Int32(done + places[i])
      }
      let n = parents.count
      var (from, cellFrom) = (t == 0 ? nil : Floats(lastLevel), t == 0 || cellWidth == 0 ? nil : cells.floats)
      if t > 0, parents.indices.contains(where: { parents[$0] != $0 }) {
        for (i, parent) in parents.enumerated() {
          (before.storage.pointer + i * h).update(from: lastLevel + parent * h, count: h)
          (cellsBefore.storage.pointer + i * cellWidth).update(
            from: cells.floats + parent * cellWidth, count: cellWidth)
        }
        (from, cellFrom) = (before.floats, cellWidth == 0 ? nil : cellsBefore.floats)
      }
      let gate = gates.storage.pointer
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
      case .lstm: Kernels.lstmAdvance(n, h, gate, cellFrom, nextCells.storage.pointer, level)
      case .gru:
        packed.projectState(from, weights.hiddenBias?.floats, rows: n, into: side.storage.pointer)
        Kernels.gruStep(n, h, gate, side.floats, from, candidate.storage.pointer, level)
      case .tanh: Kernels.tanh(n * h, gate, level)
      case .relu: Kernels.relu(n * h, gate, level)
      }
      (lastLevel, level) = (level, level + n * h)
      done += n
      swap(&cells, &nextCells)
    }
  }
}

extension PackedWeights {
  /// Computes the hidden side of a GRU's gates: `h W_hh^T + b_hh`.
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

extension SharedSteps {
  /// `Grids.recurrent` without an initial or final state: the outputs have a piece for each direction, and
  /// each state is one row.
  package func recurrent(_ cell: RecurrentCell, directions: [RecurrentWeights]) -> SharedSteps {
    let h = directions.requireFit(cell, channels: channels), pieces = directions.count
    let input = whole, width = cell.gateCount * h
    let sharing = input.sharing
    let sweeps = directions.enumerated().map { d, weights in
      RecurrentStates(
        cell: cell, weights: weights, packed: PackedWeights(weights, cell: cell, forPullback: false),
        numbers: sharing.numbers, layout: layout, isReversed: d == 1)
    }
    // The input side of all distinct rows.
    let count = input.rows.shape[0]
    let projected = sweeps.map { sweep in
      Tensor(shape: [count, width]) { out in
        sweep.packed.input.multiplyAll(
          input.rows.floats, rows: count, bias: sweep.packed.bias?.floats, into: out.baseAddress!)
      }
    }
    let orders = sweeps.map { sweep in sharing.order(reversed: sweep.isReversed) { sweep.sorted() } }
    let shares = max(1, min(16, layout.count / 32))
    let plans = sweeps.indices.map { d in
      (0..<shares).map { share in
        sweeps[d].plan(orders[d][(share * layout.count / shares)..<((share + 1) * layout.count / shares)])
      }
    }
    // The first state of each share, and the number of all states, for one direction after the other.
    let firsts = plans.joined().reduce(into: [0]) { $0.append($0.last! + $1.stateCount) }
    let stateCount = firsts.last!
    require(
      stateCount <= Int(Int32.max), "recurrent: \(stateCount) states are more than can be numbered")
    var numbers = [Int32](repeating: 0, count: layout.rowCount * pieces)
    let states = numbers.withUnsafeMutableBufferPointer { numbers in
      nonisolated(unsafe) let numbers = numbers.baseAddress!
      return Tensor(shape: [stateCount, h]) { states in
        nonisolated(unsafe) let states = states.baseAddress!
        ThreadTeam.current.forEachShare(shares * pieces) { piece in
          let (share, d) = (piece / pieces, piece % pieces), first = firsts[d * shares + share]
          sweeps[d].run(
            plans[d][share], projected: projected[d].floats, states: states + first * h, first: first,
            outputs: numbers, piece: d, of: pieces)
        }
      }
    }
    let sections = (0..<pieces).map { firsts[$0 * shares] }
    return SharedSteps(rows: states, sharing: StepSharing(numbers, sections: sections), layout: layout)
  }
}
