/// Backpropagation through time over one share.
extension RecurrentSweep {
  /// The contribution of one sweep to the gradients.
  struct Gradients {
    var inputHidden, hiddenHidden, inputBias, hiddenBias: Tensor
    var initialHidden, initialCell: Tensor?
  }

  /// Runs all steps backward. `dy` contains output gradients in the layout of `forward`, `finalCells` those
  /// of the final cell states; input gradients are written to `dx` (rows C apart) if given.
  func backward(
    dy: Floats, stride: Int, column: Int, finalCells: Floats?, dx: MutableFloats?
  ) -> Gradients {
    let h = hiddenSize, n0 = members.count
    let dh = Tensor.zeros([n0, h]), dc = Tensor.zeros([cell == .lstm ? n0 : 0, h])
    if cell == .lstm, let finalCells {
      for (i, s) in members.enumerated() {
        (dc.storage.pointer + i * h).update(from: finalCells + s * h, count: h)
      }
    }
    let direct = dh.storage.pointer
    let sums = WeightGradientSums(self, dx: dx)
    for t in (0..<stepCount).reversed() {
      let n = width(t), at = starts[t], before = hiddenBefore(t)
      let gate = gates.storage.pointer + at * gateSize, side = sums.hiddenSide(of: t)
      packedRows.withUnsafeBufferPointer { packedRows in
        for i in 0..<n {
          Kernels.add(h, direct + i * h, dy + Int(packedRows[at + i]) * stride + column, direct + i * h)
        }
      }
      switch cell {
      case .lstm:
        Kernels.lstmStepPullback(
          n, h, gate, cellBefore(t), squashed.floats + at * h, direct, dc.storage.pointer)
      case .gru: Kernels.gruStepPullback(n, h, gate, side, squashed.floats + at * h, before, direct)
      case .tanh: Kernels.tanhPullback(n * h, hidden.floats + at * h, direct, gate)
      case .relu: Kernels.reluPullback(n * h, hidden.floats + at * h, direct, gate)
      }
      if before != nil {
        packed.hiddenPullback!.multiply(side, rows: n, adding: cell == .gru ? .result : .zeros, into: direct)
      }
      sums.take(step: t)
    }
    let hiddenBias = cell == .gru ? sums.hiddenBias : sums.inputBias
    return Gradients(
      inputHidden: sums.inputHidden.transposed(), hiddenHidden: sums.hiddenHidden.transposed(),
      inputBias: sums.inputBias, hiddenBias: hiddenBias, initialHidden: initialHidden == nil ? nil : dh,
      initialCell: initialCell == nil ? nil : dc)
  }

  /// Adds a gradient for each member, `[n, H]`, to rows of one direction of `[D, N, H]`.
  func scatter(_ gradient: Tensor, direction: Int, batch: Int, into target: MutableFloats) {
    for (i, s) in members.enumerated() {
      let at = target + (direction * batch + s) * hiddenSize
      Kernels.add(hiddenSize, at, gradient.floats + i * hiddenSize, at)
    }
  }
}

/// Sums weight gradients, and writes input gradients, a few steps at a time while their gate gradients are in
/// the cache. Steps are visited from last to first.
private final class WeightGradientSums {
  private let sweep: RecurrentSweep
  private let dx: MutableFloats?
  /// The weight gradients transposed: `[C, G H]` and `[H, G H]`.
  let inputHidden, hiddenHidden: Tensor
  let inputBias, hiddenBias: Tensor
  /// Adjacent rows of a chunk: inputs (or their gradients), the previous states, and a GRU's hidden-side
  /// gradients.
  private let inputs, states, sides: Tensor
  private let capacity: Int
  /// The steps not yet summed, and the row after the last of them.
  private var pending: Range<Int>
  private var end: Int

  init(_ sweep: RecurrentSweep, dx: MutableFloats?) {
    self.sweep = sweep
    self.dx = dx
    let (g, h, c) = (sweep.gateSize, sweep.hiddenSize, sweep.channels)
    inputHidden = .zeros([c, g])
    hiddenHidden = .zeros([h, g])
    inputBias = .zeros([g])
    hiddenBias = .zeros([sweep.cell == .gru ? g : 0])
    capacity = RecurrentSweep.chunk + sweep.members.count
    inputs = Tensor(shape: [capacity, c]) { _ in }
    states = Tensor(shape: [capacity, h]) { _ in }
    sides = Tensor(shape: [sweep.cell == .gru ? capacity : 0, g]) { _ in }
    pending = sweep.stepCount..<sweep.stepCount
    end = sweep.starts.last!
  }

  /// Returns the gate gradients of the hidden side of a step: a GRU has its own, others share one buffer with
  /// the input side.
  func hiddenSide(of t: Int) -> MutableFloats {
    if sweep.cell != .gru { return sweep.gates.storage.pointer + sweep.starts[t] * sweep.gateSize }
    // A chunk fills its buffer from the end.
    return sides.storage.pointer + (capacity - (end - sweep.starts[t])) * sweep.gateSize
  }

  /// Adds a step whose gate gradients are complete.
  func take(step t: Int) {
    pending = t..<pending.upperBound
    if t == 0 || end - sweep.starts[t] >= RecurrentSweep.chunk {
      sumPending()
      pending = t..<t
      end = sweep.starts[t]
    }
  }

  private func sumPending() {
    let (g, h, c) = (sweep.gateSize, sweep.hiddenSize, sweep.channels)
    let first = sweep.starts[pending.lowerBound], rows = end - first
    let gate = sweep.gates.floats + first * g
    sweep.gatherInputs(of: first..<end, into: inputs.storage.pointer)
    Kernels.addOuterProducts(c, g, rows, inputs.floats, c, gate, g, inputHidden.storage.pointer, g)
    Kernels.columnSums(rows, g, gate, inputBias.storage.pointer)

    let side = Floats(hiddenSide(of: pending.lowerBound))
    if sweep.cell == .gru { Kernels.columnSums(rows, g, side, hiddenBias.storage.pointer) }
    let (before, skipped) = statesBefore()
    Kernels.addOuterProducts(
      h, g, rows - skipped, before, h, side + skipped * g, g, hiddenHidden.storage.pointer, g)

    guard let dx else { return }
    sweep.packed.inputPullback!.multiply(gate, rows: rows, adding: .zeros, into: inputs.storage.pointer)
    for i in 0..<rows {
      (dx + Int(sweep.packedRows[first + i]) * c).update(from: inputs.floats + i * c, count: c)
    }
  }

  /// Returns the previous states of the pending rows in adjacent rows, and the number of rows at the start
  /// without any.
  private func statesBefore() -> (Floats, skipped: Int) {
    let h = sweep.hiddenSize
    let steps = pending.lowerBound == 0 && sweep.initialHidden == nil ? 1..<pending.upperBound : pending
    let skipped = sweep.starts[steps.lowerBound] - sweep.starts[pending.lowerBound]
    guard !steps.isEmpty else { return (states.floats, skipped) }
    // Steps never get wider, so equal ends mean equal widths: the states are then already adjacent.
    if steps.lowerBound > 0, sweep.width(steps.lowerBound - 1) == sweep.width(steps.upperBound - 1) {
      return (sweep.hiddenBefore(steps.lowerBound)!, skipped)
    }
    var at = states.storage.pointer
    for t in steps {
      at.update(from: sweep.hiddenBefore(t)!, count: sweep.width(t) * h)
      at += sweep.width(t) * h
    }
    return (states.floats, skipped)
  }
}
