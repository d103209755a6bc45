extension Grids {
  /// One recurrent layer over the batch, in one or two directions: a single operation with its own
  /// backpropagation through time.
  ///
  /// Sequences are divided into shares of about 32 (at most 16 shares). Each direction of a share is one task
  /// for the thread team, and the shares' weight gradients are summed in a fixed order.
  ///
  /// - Parameters:
  ///   - cell: the kind of cell.
  ///   - directions: the weights of the forward direction and, if there is one, of the backward direction,
  ///     which starts at each sequence's last step.
  ///   - initial: the state before the first step, `[D, N, H]`; zeros when nil.
  ///   - wantsFinalState: whether the final state is returned.
  /// - Returns: the outputs, `[sum of L, D H]` with concatenated directions, and the final state if wanted.
  package func recurrent(
    _ cell: RecurrentCell, directions: [RecurrentWeights], initial: RecurrentState? = nil,
    wantsFinalState: Bool = false
  ) -> (outputs: Grids, final: RecurrentState?) {
    let h = directions.requireFit(cell, channels: channels), batch = count
    if let initial {
      let expected = [directions.count, batch, h]
      require(
        initial.hidden.shape == expected,
        "recurrent: the initial state has the shape \(initial.hidden.shape), expected \(expected)")
      require(
        initial.cell?.shape == (cell == .lstm ? expected : nil),
        "recurrent: the initial cell state has the shape \(initial.cell.map { "\($0.shape)" } ?? "nil"), expected "
          + (cell == .lstm ? "\(expected)" : "none, as only an LSTM has one"))
    }
    let wantsCells = wantsFinalState && cell == .lstm
    let parents =
      [values] + directions.flatMap(\.tensors) + [initial?.hidden, initial?.cell].compactMap { $0 }
    let pass = RecurrentPass(
      cell: cell, directions: directions, input: self, hasInitial: initial != nil,
      isTracked: parents.contains(where: \.isTracked))
    let joint = Tensor.recording(
      pass.forward(initial: initial, withFinalCells: wantsCells), from: parents, "recurrent",
      ["cell": .name(cell.name), "directions": .integer(directions.count)]
    ) { pass.backward($0, withFinalCells: wantsCells) }

    let outputSize = layout.rowCount * directions.count * h
    let flat = wantsCells ? joint.slicedLast(0..<outputSize) : joint
    let outputs = Grids(
      values: flat.reshaped([layout.rowCount, directions.count * h]), layout: layout)
    guard wantsFinalState else { return (outputs, nil) }
    let cells =
      wantsCells
      ? joint.slicedLast(outputSize..<joint.count).reshaped([directions.count, batch, h]) : nil
    return (outputs, RecurrentState(hidden: outputs.finalHidden(initial, directions.count, h), cell: cells))
  }

  /// Returns the hidden state after each sequence's last step (its first, in the backward direction), `[D, N,
  /// H]`; an empty sequence has its initial state.
  private func finalHidden(_ initial: RecurrentState?, _ directions: Int, _ h: Int) -> Tensor {
    // The outputs as rows of H: packed row r of direction d is row r * D + d. The rows for empty sequences
    // follow.
    var rows = values.reshaped([layout.rowCount * directions, h])
    if layout.lengths.contains(0) {
      let kept = initial?.hidden.reshaped([directions * count, h]) ?? Tensor.zeros([directions * count, h])
      rows = .concatenatedRows([rows, kept])
    }
    var picks: [Int32] = []
    for d in 0..<directions {
      for s in 0..<count {
        let row = d == 0 ? layout.offsets[s + 1] - 1 : layout.offsets[s]
        let kept = layout.rowCount * directions + d * count + s
        picks.append(Int32(layout.lengths[s] == 0 ? kept : row * directions + d))
      }
    }
    return rows.gatheredRows(picks).reshaped([directions, count, h])
  }
}

/// Both directions of one layer over all shares, forward and backward.
private final class RecurrentPass: @unchecked Sendable {
  let cell: RecurrentCell
  let directions: [RecurrentWeights]
  private let packed: [PackedWeights]
  let input: Grids
  let hasInitial: Bool
  private let shareCount: Int
  private var sweeps: [RecurrentSweep?]
  private let tracksInput: Bool

  init(
    cell: RecurrentCell, directions: [RecurrentWeights], input: Grids, hasInitial: Bool, isTracked: Bool
  ) {
    self.cell = cell
    self.directions = directions
    packed = directions.map { PackedWeights($0, cell: cell, forPullback: isTracked) }
    self.hasInitial = hasInitial
    tracksInput = input.values.isTracked
    self.input = Grids(values: input.values.detached, layout: input.layout)
    shareCount = max(1, min(16, input.count / 32))
    sweeps = [RecurrentSweep?](repeating: nil, count: shareCount * directions.count)
  }

  private var hiddenSize: Int { directions[0].hiddenSize }
  private var outputSize: Int { input.layout.rowCount * directions.count * hiddenSize }
  private var cellSize: Int { directions.count * input.count * hiddenSize }

  /// Returns every `shareCount`-th sequence by length, so that the shares have about equal work.
  private func members(of share: Int) -> [Int] {
    let lengths = input.layout.lengths
    let order = lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
    return stride(from: share, to: order.count, by: shareCount).map { order[$0] }
  }

  func forward(initial: RecurrentState?, withFinalCells: Bool) -> Tensor {
    let stride = directions.count * hiddenSize
    return Tensor(shape: [outputSize + (withFinalCells ? cellSize : 0)]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      sweeps.withUnsafeMutableBufferPointer { slots in
        nonisolated(unsafe) let slots = slots
        ThreadTeam.current.forEachShare(slots.count) { piece in
          let (share, d) = (piece / directions.count, piece % directions.count)
          let sweep = RecurrentSweep(
            cell: cell, weights: directions[d], packed: packed[d], input: input, members: members(of: share),
            reversed: d == 1)
          sweep.forward(
            initial: initial, direction: d, output: base, stride: stride, column: d * hiddenSize,
            finalCells: withFinalCells ? base + outputSize + d * input.count * hiddenSize : nil)
          slots[piece] = sweep
        }
      }
    }
  }

  func backward(_ dy: Tensor, withFinalCells: Bool) -> [Tensor?] {
    let stride = directions.count * hiddenSize, inputShape = input.values.shape
    // One input gradient for each direction: shares write different rows, but directions the same ones.
    let inputGradients = tracksInput ? directions.map { _ in Tensor(shape: inputShape) { _ in } } : []
    var pieces = [RecurrentSweep.Gradients?](repeating: nil, count: sweeps.count)
    pieces.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      ThreadTeam.current.forEachShare(slots.count) { piece in
        let d = piece % directions.count
        slots[piece] = sweeps[piece]!.backward(
          dy: dy.floats, stride: stride, column: d * hiddenSize,
          finalCells: withFinalCells ? dy.floats + outputSize + d * input.count * hiddenSize : nil,
          dx: tracksInput ? inputGradients[d].storage.pointer : nil)
      }
    }
    var result: [Tensor?] = [
      inputGradients.dropFirst().reduce(into: inputGradients.first) { $0?.accumulate($1) }
    ]
    for (d, weights) in directions.enumerated() {
      let parts = (0..<shareCount).map { pieces[$0 * directions.count + d]! }
      func total(_ part: (RecurrentSweep.Gradients) -> Tensor) -> Tensor {
        parts.dropFirst().reduce(into: part(parts[0])) { $0.accumulate(part($1)) }
      }
      result.append(total(\.inputHidden))
      result.append(total(\.hiddenHidden))
      if weights.inputBias != nil { result.append(total(\.inputBias)) }
      if weights.hiddenBias != nil { result.append(total(\.hiddenBias)) }
    }
    guard hasInitial else { return result }
    let shape = [directions.count, input.count, hiddenSize]
    func state(_ part: (RecurrentSweep.Gradients) -> Tensor?) -> Tensor {
      let total = Tensor.zeros(shape)
      for (piece, gradients) in pieces.enumerated() {
        sweeps[piece]!.scatter(
          part(gradients!)!, direction: piece % directions.count, batch: input.count,
          into: total.storage.pointer)
      }
      return total
    }
    result.append(state(\.initialHidden))
    if cell == .lstm { result.append(state(\.initialCell)) }
    return result
  }
}
