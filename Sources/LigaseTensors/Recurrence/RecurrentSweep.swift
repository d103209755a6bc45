/// One direction of one recurrent layer over one share of the sequences, forward and backward.
///
/// The share's sequences are ordered by length, longest first, and their steps are in time-major order: all
/// sequences at step 0, then those that have a step 1, and so on. Each step is then one matrix product and
/// one fused gate kernel over the existing rows. Computations that do not depend on the previous step (input
/// projections, weight and input gradients) are done for a few steps at a time, while their rows are in the
/// cache.
final class RecurrentSweep: @unchecked Sendable {
  /// The number of rows whose steps are projected, or gathered into weight gradients, at a time.
  static let chunk = 64

  let cell: RecurrentCell
  let weights: RecurrentWeights
  let packed: PackedWeights
  private let input: Grids
  /// The sequences of this share, longest first.
  let members: [Int]
  /// The row in the packed batch of each time-major row.
  let packedRows: [Int32]
  /// Step t has the time-major rows `starts[t]..<starts[t + 1]`.
  let starts: [Int]
  let hiddenSize: Int
  let gateSize: Int

  /// Gates `[R, G H]` and hidden states `[R, H]`, time-major; R rows.
  let gates: Tensor
  let hidden: Tensor
  /// LSTM: cell states and their tanh; GRU: the hidden side of the candidate (in `squashed`).
  let cells: Tensor
  let squashed: Tensor
  /// The state before step 0, `[n, H]` in member order, or nil for zeros.
  private(set) var initialHidden: Tensor?
  private(set) var initialCell: Tensor?

  init(
    cell: RecurrentCell, weights: RecurrentWeights, packed: PackedWeights, input: Grids, members: [Int],
    reversed: Bool
  ) {
    self.cell = cell
    self.weights = weights
    self.packed = packed
    self.input = input
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
    func buffer(_ width: Int) -> Tensor { Tensor(shape: [rows.count, width]) { _ in } }
    gates = buffer(gateSize)
    hidden = buffer(hiddenSize)
    cells = buffer(cell == .lstm ? hiddenSize : 0)
    squashed = buffer(cell == .lstm || cell == .gru ? hiddenSize : 0)
  }

  var stepCount: Int { starts.count - 1 }
  func width(_ t: Int) -> Int { starts[t + 1] - starts[t] }
  var channels: Int { weights.inputSize }

  /// Returns the state before step `t`, with a row for each row of the step; nil for zeros.
  func hiddenBefore(_ t: Int) -> Floats? {
    t == 0 ? initialHidden?.floats : hidden.floats + starts[t - 1] * hiddenSize
  }

  func cellBefore(_ t: Int) -> Floats? {
    t == 0 ? initialCell?.floats : cells.floats + starts[t - 1] * hiddenSize
  }

  /// Copies the inputs of some time-major rows to adjacent rows.
  func gatherInputs(of rows: Range<Int>, into target: MutableFloats) {
    let (x, c) = (input.values.floats, channels)
    packedRows.withUnsafeBufferPointer { packedRows in
      var at = target
      for row in rows {
        at.update(from: x + Int(packedRows[row]) * c, count: c)
        at += c
      }
    }
  }

  // MARK: Forward

  /// Runs all steps; writes outputs into columns `column ..< column + H` of `output` (rows `stride` apart)
  /// and, for an LSTM, final cell states into rows of `finalCells` `[N, H]`.
  func forward(
    initial: RecurrentState?, direction: Int, output: MutableFloats, stride: Int, column: Int,
    finalCells: MutableFloats?
  ) {
    if let initial {
      initialHidden = members(of: initial.hidden, direction: direction)
      initialCell = initial.cell.map { members(of: $0, direction: direction) }
    }
    let h = hiddenSize
    let scratch = Tensor(shape: [cell == .gru ? members.count : 0, gateSize]) { _ in }
    let gathered = Tensor(shape: [RecurrentSweep.chunk + members.count, channels]) { _ in }
    var projected = 0
    for t in 0..<stepCount {
      if t == projected { projected = projectInputs(from: t, by: gathered.storage.pointer) }
      let n = width(t), at = starts[t], before = hiddenBefore(t)
      let gate = gates.storage.pointer + at * gateSize, out = hidden.storage.pointer + at * h
      if cell == .gru {
        let side = scratch.storage.pointer
        packed.projectState(before, weights.hiddenBias?.floats, rows: n, into: side)
        Kernels.gruStep(n, h, gate, side, before, squashed.storage.pointer + at * h, out)
      } else {
        if let before { packed.hidden.multiply(before, rows: n, adding: .result, into: gate) }
        switch cell {
        case .lstm:
          Kernels.lstmStep(
            n, h, gate, cellBefore(t), cells.storage.pointer + at * h, squashed.storage.pointer + at * h, out)
        case .tanh: Kernels.tanh(n * h, gate, out)
        case .relu: Kernels.relu(n * h, gate, out)
        case .gru: break
        }
      }
      packedRows.withUnsafeBufferPointer { packedRows in
        for i in 0..<n {
          (output + Int(packedRows[at + i]) * stride + column).update(from: out + i * h, count: h)
        }
      }
    }
    if let finalCells, cell == .lstm { writeFinalCells(to: finalCells) }
  }

  /// Computes `gates = x W_ih^T + b` for the next steps; returns the step after them.
  private func projectInputs(from t: Int, by gathered: MutableFloats) -> Int {
    var end = t + 1
    while end < stepCount, starts[end] - starts[t] < RecurrentSweep.chunk { end += 1 }
    gatherInputs(of: starts[t]..<starts[end], into: gathered)
    packed.input.multiply(
      gathered, rows: starts[end] - starts[t], adding: .row(packed.bias?.floats),
      into: gates.storage.pointer + starts[t] * gateSize)
    return end
  }

  private func members(of state: Tensor, direction: Int) -> Tensor {
    let n = state.shape[1]
    return state.detached.reshaped([state.shape[0] * n, hiddenSize]).gatheredRows(
      members.map { Int32(direction * n + $0) })
  }

  private func writeFinalCells(to target: MutableFloats) {
    for (i, s) in members.enumerated() {
      let row = target + s * hiddenSize
      if let last = lastRow(ofMember: i) {
        row.update(from: cells.floats + last * hiddenSize, count: hiddenSize)
      } else if let initialCell {
        row.update(from: initialCell.floats + i * hiddenSize, count: hiddenSize)
      } else {
        row.update(repeating: 0, count: hiddenSize)
      }
    }
  }

  /// Returns the time-major row of a member's last step.
  private func lastRow(ofMember i: Int) -> Int? {
    // Members are ordered by length: member i has a step as long as steps are wider than i.
    var (low, high) = (0, stepCount)
    while low < high {
      let middle = (low + high) / 2
      if width(middle) > i { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : starts[low - 1] + i
  }
}
