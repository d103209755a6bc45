/// One direction of one recurrent layer over one share of the sequences: the unrolling, forward and back.
///
/// The share's sequences are ordered by length, longest first, and their steps are laid out time-major: all sequences
/// still running at step 0, then those at step 1, and so on. Each step is then one matrix product and one fused gate
/// kernel over just the rows that exist, and the weight gradients are one product each over all steps at once.
final class RecurrentSweep: @unchecked Sendable {
  let cell: RecurrentCell
  let weights: RecurrentWeights
  /// The sequences of this share, longest first.
  private let members: [Int]
  /// For each time-major row, its row in the packed batch.
  private let packedRows: [Int32]
  /// Step t owns the time-major rows `starts[t]..<starts[t + 1]`.
  private let starts: [Int]
  private let hiddenSize: Int
  private let gateSize: Int

  /// Inputs `[R, C]`, gates `[R, G H]` and hidden states `[R, H]`, time-major; R rows.
  private let inputs: Tensor
  private let gates: Tensor
  private let hidden: Tensor
  /// LSTM: cell states and their tanh; GRU: the hidden side of the candidate (in `squashed`).
  private let cells: Tensor
  private let squashed: Tensor
  /// The state before step 0, `[n, H]` in member order, or nil for zeros.
  private var initialHidden: Tensor?
  private var initialCell: Tensor?

  init(cell: RecurrentCell, weights: RecurrentWeights, input: Sequences, members: [Int], reversed: Bool) {
    self.cell = cell
    self.weights = weights
    let layout = input.layout
    self.members = members.sorted { (layout.lengths[$0], $1) > (layout.lengths[$1], $0) }
    hiddenSize = weights.hiddenSize
    gateSize = cell.gateCount * hiddenSize
    var rows: [Int32] = []
    var starts = [0]
    var running = self.members.count
    var t = 0
    while true {
      while running > 0, layout.lengths[self.members[running - 1]] <= t { running -= 1 }
      if running == 0 { break }
      for s in self.members[..<running] {
        rows.append(Int32(layout.offsets[s] + (reversed ? layout.lengths[s] - 1 - t : t)))
      }
      starts.append(rows.count)
      t += 1
    }
    packedRows = rows
    self.starts = starts
    let channels = input.values.shape[1]
    inputs = Tensor(shape: [rows.count, channels]) { out in
      for (i, row) in rows.enumerated() {
        (out.baseAddress! + i * channels).update(from: input.values.floats + Int(row) * channels, count: channels)
      }
    }
    func buffer(_ width: Int) -> Tensor {
      Tensor(shape: [rows.count, width], storage: TensorStorage(uninitialized: rows.count * width))
    }
    gates = buffer(gateSize)
    hidden = buffer(hiddenSize)
    cells = buffer(cell == .lstm ? hiddenSize : 0)
    squashed = buffer(cell == .lstm || cell == .gru ? hiddenSize : 0)
  }

  private var stepCount: Int { starts.count - 1 }
  private func width(_ t: Int) -> Int { starts[t + 1] - starts[t] }

  // MARK: Forward

  /// Runs all steps; writes outputs into columns `column ..< column + H` of `output` (rows `stride` apart) and, for an
  /// LSTM, final cell states into rows of `finalCells` `[N, H]`.
  func forward(
    initial: RecurrentState?, direction: Int, output: MutableFloats, stride: Int, column: Int,
    finalCells: MutableFloats?
  ) {
    if let initial {
      initialHidden = members(of: initial.hidden, direction: direction)
      initialCell = initial.cell.map { members(of: $0, direction: direction) }
    }
    projectInputs()
    let h = hiddenSize
    let scratch = Tensor(shape: [cell == .gru ? members.count : 0, gateSize]) { _ in }
    for t in 0..<stepCount {
      let n = width(t), at = starts[t]
      let before = t == 0 ? initialHidden?.floats : hidden.floats + starts[t - 1] * h
      let gate = gates.storage.pointer + at * gateSize, out = hidden.storage.pointer + at * h
      if cell == .gru {
        let side = scratch.storage.pointer
        if let bias = weights.hiddenBias {
          Kernels.fillRows(n, gateSize, bias.floats, side)
        } else {
          side.update(repeating: 0, count: n * gateSize)
        }
        if let before { project(before, rows: n, into: side) }
        Kernels.gruStep(n, h, gate, side, before, squashed.storage.pointer + at * h, out)
        continue
      }
      if let before { project(before, rows: n, into: gate) }
      switch cell {
      case .lstm:
        let cellBefore = t == 0 ? initialCell?.floats : cells.floats + starts[t - 1] * h
        Kernels.lstmStep(
          n, h, gate, cellBefore, cells.storage.pointer + at * h, squashed.storage.pointer + at * h, out)
      case .tanh: Kernels.tanh(n * h, gate, out)
      case .relu: Kernels.relu(n * h, gate, out)
      case .gru: break
      }
    }
    for (i, row) in packedRows.enumerated() {
      (output + Int(row) * stride + column).update(from: hidden.floats + i * h, count: h)
    }
    if let finalCells, cell == .lstm {
      for (i, s) in members.enumerated() {
        if let last = lastRow(ofMember: i) {
          (finalCells + s * h).update(from: cells.floats + last * h, count: h)
        } else if let initialCell {
          (finalCells + s * h).update(from: initialCell.floats + i * h, count: h)
        } else {
          (finalCells + s * h).update(repeating: 0, count: h)
        }
      }
    }
  }

  /// All input projections at once: `gates = x W_ih^T + b`.
  private func projectInputs() {
    let rows = inputs.shape[0]
    guard rows > 0 else { return }
    var bias = [Float](repeating: 0, count: gateSize)
    bias.withUnsafeMutableBufferPointer { sum in
      for part in [weights.inputBias, cell == .gru ? nil : weights.hiddenBias] {
        if let part { Kernels.add(gateSize, sum.baseAddress!, part.floats, sum.baseAddress!) }
      }
      Kernels.fillRows(rows, gateSize, sum.baseAddress!, gates.storage.pointer)
    }
    Kernels.gemm(
      inputs.view, weights.inputHidden.view.transposed, into: gates.storage.pointer, stride: gateSize, m: rows,
      n: gateSize, k: weights.inputSize, beta: 1)
  }

  /// Adds `h W_hh^T` to rows of gates.
  private func project(_ before: Floats, rows: Int, into target: MutableFloats) {
    Kernels.gemm(
      MatrixView(before, stride: hiddenSize), weights.hiddenHidden.view.transposed, into: target, stride: gateSize,
      m: rows, n: gateSize, k: hiddenSize, beta: 1)
  }

  private func members(of state: Tensor, direction: Int) -> Tensor {
    let n = state.shape[1]
    return state.detached.reshaped([state.shape[0] * n, hiddenSize]).gatheredRows(
      members.map { Int32(direction * n + $0) })
  }

  /// The time-major row of a member's last step.
  private func lastRow(ofMember i: Int) -> Int? {
    // Members are ordered by length: member i runs as long as steps are wider than i.
    var (low, high) = (0, stepCount)
    while low < high {
      let middle = (low + high) / 2
      if width(middle) > i { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : starts[low - 1] + i
  }

  // MARK: Back-propagation through time

  /// What one sweep adds to the gradients.
  struct Gradients {
    var inputHidden, hiddenHidden, inputBias, hiddenBias: Tensor
    var initialHidden, initialCell: Tensor?
  }

  /// Runs all steps back. `dy` holds output gradients as `forward` wrote outputs; `finalCells` those of the final
  /// cell states; input gradients are added to `dx` (rows C apart) when given.
  func backward(
    dy: Floats, stride: Int, column: Int, finalCells: Floats?, dx: MutableFloats?
  ) -> Gradients {
    let h = hiddenSize, rows = inputs.shape[0], n0 = members.count
    let upstream = Tensor(shape: [rows, h]) { out in
      for (i, row) in packedRows.enumerated() {
        (out.baseAddress! + i * h).update(from: dy + Int(row) * stride + column, count: h)
      }
    }
    let dh = Tensor.zeros([n0, h]), dc = Tensor.zeros([cell == .lstm ? n0 : 0, h])
    if cell == .lstm, let finalCells {
      for (i, s) in members.enumerated() { (dc.storage.pointer + i * h).update(from: finalCells + s * h, count: h) }
    }
    // GRU's hidden side has its own gate gradients; elsewhere both sides share one buffer.
    let hiddenGates =
      cell == .gru ? Tensor(shape: gates.shape, storage: TensorStorage(uninitialized: gates.count)) : gates
    let direct = dh.storage.pointer
    for t in stride_(stepCount) {
      let n = width(t), at = starts[t]
      let gate = gates.storage.pointer + at * gateSize, side = hiddenGates.storage.pointer + at * gateSize
      Kernels.add(n * h, direct, upstream.floats + at * h, direct)
      let hasBefore = t > 0 || initialHidden != nil
      switch cell {
      case .lstm:
        let cellBefore = t == 0 ? initialCell?.floats : cells.floats + starts[t - 1] * h
        Kernels.lstmStepPullback(
          n, h, gate, cellBefore, squashed.floats + at * h, direct, dc.storage.pointer)
      case .gru:
        let before = t == 0 ? initialHidden?.floats : hidden.floats + starts[t - 1] * h
        Kernels.gruStepPullback(n, h, gate, side, squashed.floats + at * h, before, direct)
      case .tanh: Kernels.tanhPullback(n * h, hidden.floats + at * h, direct, gate)
      case .relu: Kernels.reluPullback(n * h, hidden.floats + at * h, direct, gate)
      }
      if hasBefore {
        Kernels.gemm(
          MatrixView(side, stride: gateSize), weights.hiddenHidden.view, into: direct, stride: h, m: n, n: h,
          k: gateSize, beta: cell == .gru ? 1 : 0)
      }
    }
    if let dx { scatterInputGradients(into: dx) }
    return weightGradients(hiddenGates: hiddenGates, dh: dh, dc: dc)
  }

  private func stride_(_ count: Int) -> ReversedCollection<Range<Int>> { (0..<count).reversed() }

  private func scatterInputGradients(into dx: MutableFloats) {
    let rows = inputs.shape[0], channels = weights.inputSize
    let gradient = Tensor(shape: [rows, channels]) { out in
      Kernels.gemm(
        gates.view, weights.inputHidden.view, into: out.baseAddress!, stride: channels, m: rows, n: channels,
        k: gateSize)
    }
    for (i, row) in packedRows.enumerated() {
      let at = dx + Int(row) * channels
      Kernels.add(channels, at, gradient.floats + i * channels, at)
    }
  }

  private func weightGradients(hiddenGates: Tensor, dh: Tensor, dc: Tensor) -> Gradients {
    let h = hiddenSize, rows = inputs.shape[0], channels = weights.inputSize
    // The state before each row that has one, beside that row's gate gradients.
    let skipped = initialHidden == nil && stepCount > 0 ? width(0) : 0
    let before = Tensor(shape: [rows - skipped, h]) { out in
      var at = out.baseAddress!
      for t in 0..<stepCount where t > 0 || skipped == 0 {
        let source = t == 0 ? initialHidden!.floats : hidden.floats + starts[t - 1] * h
        at.update(from: source, count: width(t) * h)
        at += width(t) * h
      }
    }
    let inputHidden = Tensor(shape: [gateSize, channels]) {
      Kernels.gemm(
        gates.view.transposed, inputs.view, into: $0.baseAddress!, stride: channels, m: gateSize, n: channels, k: rows)
    }
    let hiddenHidden = Tensor(shape: [gateSize, h]) {
      Kernels.gemm(
        hiddenGates.view.from(row: skipped).transposed, before.view, into: $0.baseAddress!, stride: h, m: gateSize,
        n: h, k: rows - skipped)
    }
    let inputBias = gates.columnSums()
    return Gradients(
      inputHidden: inputHidden, hiddenHidden: hiddenHidden, inputBias: inputBias,
      hiddenBias: cell == .gru ? hiddenGates.columnSums() : inputBias,
      initialHidden: initialHidden == nil ? nil : dh, initialCell: initialCell == nil ? nil : dc)
  }

  /// Adds a per-member gradient `[n, H]` to rows of one direction of `[D, N, H]`.
  func scatter(_ gradient: Tensor, direction: Int, batch: Int, into target: MutableFloats) {
    for (i, s) in members.enumerated() {
      let at = target + (direction * batch + s) * hiddenSize
      Kernels.add(hiddenSize, at, gradient.floats + i * hiddenSize, at)
    }
  }
}
