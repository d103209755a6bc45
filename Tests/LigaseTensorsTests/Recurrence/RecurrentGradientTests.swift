import LigaseTensors
import TestSupport
import Testing

/// The recurrent sweep, compared with finite differences and with a textbook unrolling of single steps.
@Suite struct RecurrentGradientTests {
  /// A recurrence, its directions and the lengths of its batch.
  struct Case: Sendable, CustomTestStringConvertible {
    let cell: RecurrentCell
    let directions: Int
    let lengths: [Int]
    var hasInitial = false
    var hasBias = true

    var testDescription: String {
      "\(cell), \(directions) directions, lengths \(lengths)\(hasInitial ? ", initial state" : "")"
        + (hasBias ? "" : ", no bias")
    }
  }

  static let cells: [RecurrentCell] = [.tanh, .relu, .gru, .lstm]

  static let cases: [Case] = cells.flatMap { cell in
    [1, 2].flatMap { d in
      [
        Case(cell: cell, directions: d, lengths: [3, 3]),
        Case(cell: cell, directions: d, lengths: [2, 4, 0, 1]),
        Case(cell: cell, directions: d, lengths: [3, 1, 0], hasInitial: true),
      ]
    } + [
      Case(cell: cell, directions: 1, lengths: [1, 1]),
      Case(cell: cell, directions: 2, lengths: [2], hasBias: false),
    ]
  }

  private static let channels = 3
  private static let h = 2

  /// Input, then weights of each direction, then the initial state.
  private func leaves(of one: Case) -> [Tensor] {
    let (c, h, g) = (Self.channels, Self.h, one.cell.gateCount * Self.h)
    let rows = one.lengths.reduce(0, +)
    var shapes = [[rows, c]]
    for _ in 0..<one.directions { shapes += [[g, c], [g, h]] + (one.hasBias ? [[g], [g]] : []) }
    if one.hasInitial {
      shapes += [[Int]](repeating: [one.directions, one.lengths.count, h], count: one.cell == .lstm ? 2 : 1)
    }
    return shapes.enumerated().map { Tensor.draws($1, seed: UInt64(40 + $0), deviation: 0.7) }
  }

  private func weights(_ leaves: [Tensor], _ one: Case) -> [RecurrentWeights] {
    let width = one.hasBias ? 4 : 2
    return (0..<one.directions).map { d in
      let at = 1 + d * width
      return RecurrentWeights(
        inputHidden: leaves[at], hiddenHidden: leaves[at + 1], inputBias: one.hasBias ? leaves[at + 2] : nil,
        hiddenBias: one.hasBias ? leaves[at + 3] : nil)
    }
  }

  private func initial(_ leaves: [Tensor], _ one: Case) -> RecurrentState? {
    guard one.hasInitial else { return nil }
    let isLSTM = one.cell == .lstm
    return RecurrentState(hidden: leaves[leaves.count - (isLSTM ? 2 : 1)], cell: isLSTM ? leaves.last! : nil)
  }

  /// Outputs and final states in one row.
  private func fused(_ leaves: [Tensor], _ one: Case) -> Tensor {
    let sequences = Grids(values: leaves[0], layout: GridLayout(lengths: one.lengths))
    let (outputs, final) = sequences.recurrent(
      one.cell, directions: weights(leaves, one), initial: initial(leaves, one), wantsFinalState: true)
    let parts = [outputs.values, final!.hidden] + (final!.cell.map { [$0] } ?? [])
    return Tensor.concatenatedRows(parts.map { $0.reshaped([$0.count]) })
  }

  /// The same from single steps of plain operations.
  private func unrolled(_ leaves: [Tensor], _ one: Case) -> Tensor {
    let h = Self.h, layout = GridLayout(lengths: one.lengths)
    let directions = weights(leaves, one), start = initial(leaves, one)
    var outputs = [[Tensor?]](
      repeating: [Tensor?](repeating: nil, count: one.directions), count: layout.rowCount)
    var (hiddens, cells): ([Tensor], [Tensor]) = ([], [])
    for (d, weights) in directions.enumerated() {
      for s in 0..<layout.count {
        func row(_ state: Tensor?) -> Tensor {
          state.map {
            $0.reshaped([one.directions * layout.count, h]).slicedFirst(
              (d * layout.count + s)..<(d * layout.count + s + 1))
          }
            ?? Tensor.zeros([1, h])
        }
        var (hidden, cell) = (row(start?.hidden), row(start?.cell))
        let rows = Array(layout.offsets[s]..<layout.offsets[s + 1])
        for r in d == 0 ? rows : rows.reversed() {
          let x = leaves[0].slicedFirst(r..<(r + 1)).linear(
            weight: weights.inputHidden, bias: weights.inputBias)
          let y = hidden.linear(weight: weights.hiddenHidden, bias: weights.hiddenBias)
          func gate(_ t: Tensor, _ i: Int) -> Tensor { t.slicedLast((i * h)..<((i + 1) * h)) }
          switch one.cell {
          case .tanh: hidden = (x + y).tanh()
          case .relu: hidden = (x + y).relu()
          case .gru:
            let reset = (gate(x, 0) + gate(y, 0)).sigmoid(), update = (gate(x, 1) + gate(y, 1)).sigmoid()
            let candidate = (gate(x, 2) + reset * gate(y, 2)).tanh()
            hidden = candidate - update * candidate + update * hidden
          case .lstm:
            let z = x + y
            cell = gate(z, 1).sigmoid() * cell + gate(z, 0).sigmoid() * gate(z, 2).tanh()
            hidden = gate(z, 3).sigmoid() * cell.tanh()
          }
          outputs[r][d] = hidden
        }
        hiddens.append(hidden)
        cells.append(cell)
      }
    }
    let all = outputs.flatMap { $0.map { $0! } } + hiddens + (one.cell == .lstm ? cells : [])
    return Tensor.concatenatedRows(all.map { $0.reshaped([h]) })
  }

  @Test(arguments: cases) func sweepAgreesWithUnrolledSteps(_ one: Case) {
    let point = leaves(of: one)
    let (a, b) = (point.map { $0.tracked() }, point.map { $0.tracked() })
    let (x, y) = (fused(a, one), unrolled(b, one))
    #expect(mismatch(x, y, tolerance: 2e-6) == nil)
    let weights = Tensor.draws(x.shape, seed: 77)
    let pairs = zip(gradients(of: (x * weights).sum(), at: a), gradients(of: (y * weights).sum(), at: b))
    for (i, (found, expected)) in pairs.enumerated() {
      #expect(mismatch(found, expected, tolerance: 5e-6, floor: 1e-6) == nil, "leaf \(i)")
    }
  }

  @Test(arguments: cases.filter { $0.cell != .relu }) func sweepAgreesWithDifferences(_ one: Case) {
    #expect(gradientMismatch(at: leaves(of: one)) { fused($0, one) } == nil)
  }

  @Test func untrackedInputsRecordNothing() {
    let one = Case(cell: .lstm, directions: 2, lengths: [3, 2])
    #expect(!fused(leaves(of: one), one).isTracked)
  }

  @Test(arguments: cells) func paddingAndCompanyChangeNothing(_ cell: RecurrentCell) {
    // Each sequence alone gives the same result as in a batch.
    let one = Case(cell: cell, directions: 2, lengths: [5, 2, 7])
    let point = leaves(of: one), layout = GridLayout(lengths: one.lengths)
    let together = Grids(values: point[0], layout: layout).recurrent(
      cell, directions: weights(point, one)
    ).outputs
    for s in 0..<3 {
      let range = layout.offsets[s]..<layout.offsets[s + 1]
      let alone = Grids(
        values: point[0].slicedFirst(range), layout: GridLayout(lengths: [one.lengths[s]])
      )
      .recurrent(cell, directions: weights(point, one)).outputs
      #expect(mismatch(alone.values, together.values.slicedFirst(range), tolerance: 1e-6) == nil)
    }
  }
}
