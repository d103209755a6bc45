/// Sequences whose equal steps are computed once, for inference.
///
/// Sequences that are predicted together are often nearly equal: the two alleles of a variant, all mutations
/// of one sequence, overlapping windows. Here equal steps are one row, equal windows of steps are convolved
/// and pooled once, and recurrent states are computed once for all sequences with equal first steps. The
/// outputs of layers are bit-identical to those without sharing. The caller of a network uses them
/// (`SharedSteps(sequences)`) where no gradient is needed.
package struct SharedSteps: Sendable {
  /// The distinct rows, `[U, C]`, or those of each of P pieces of the steps, `[U, C / P]`.
  let rows: Tensor
  /// The row of each step.
  let sharing: StepSharing
  /// The layout of the sequences.
  package let layout: GridLayout

  init(rows: Tensor, sharing: StepSharing, layout: GridLayout) {
    (self.rows, self.sharing, self.layout) = (rows, sharing, layout)
  }

  /// Finds the equal steps of sequences, without their history.
  package init(_ sequences: Grids) {
    let (values, channels) = (sequences.values.detached, sequences.channels)
    let places = (0..<sequences.layout.rowCount).map { $0 * channels }
    let distinct = values.floats.withMemoryRebound(to: Int32.self, capacity: values.count) {
      DistinctWindows(of: UnsafeBufferPointer(start: $0, count: values.count), at: places, size: channels)
    }
    self.init(
      rows: values.gatheredRows(distinct.starts.map { Int32($0 / max(channels, 1)) }),
      sharing: StepSharing(distinct.numbers), layout: sequences.layout)
  }

  /// Creates steps that each have their own row, without comparing them.
  package init(alone steps: Grids) {
    self.init(
      rows: steps.values.detached, sharing: StepSharing((0..<Int32(steps.layout.rowCount)).map { $0 }),
      layout: steps.layout)
  }

  /// Creates sequences whose steps are rows of a table, given by their numbers.
  package init(table: Tensor, numbers: [Int32], layout: GridLayout) {
    require(
      table.rank == 2 && numbers.count == layout.rowCount
        && numbers.allSatisfy { $0 >= 0 && $0 < table.shape[0] },
      "SharedSteps: \(numbers.count) numbers of rows of \(table.shape) for \(layout.rowCount) steps")
    self.init(rows: table.detached, sharing: StepSharing(numbers), layout: layout)
  }

  /// The number of sequences, N.
  package var count: Int { layout.count }
  /// The number of channels of a step, C.
  package var channels: Int { rows.shape[1] * sharing.pieces }

  /// The sequences with a row for every step.
  package var grids: Grids {
    Grids(
      values: rows.gatheredRows(sharing.numbers).reshaped([layout.rowCount, channels]), layout: layout)
  }

  /// The sequences with every step as one row.
  var whole: SharedSteps { sharing.pieces == 1 ? self : SharedSteps(alone: grids) }

  /// Returns the same steps with other channels: `body` maps rows `[R, C]` to `[R, C']`, each by itself.
  package func mapRows(_ body: (Tensor) -> Tensor) -> SharedSteps {
    let from = whole
    return SharedSteps(rows: body(from.rows), sharing: from.sharing, layout: layout)
  }

  /// Returns the sums of the steps of two batches of one layout.
  package static func + (a: SharedSteps, b: SharedSteps) -> SharedSteps {
    guard a.sharing.pieces == 1, b.sharing.pieces == 1 else { return SharedSteps(alone: a.grids + b.grids) }
    require(
      a.layout == b.layout && a.channels == b.channels,
      "SharedSteps +: \(a.layout.rowCount) steps of \(a.channels) and \(b.layout.rowCount) steps of \(b.channels), "
        + "expected the same lengths and channels")
    let words = zip(a.sharing.numbers, b.sharing.numbers).flatMap { [$0, $1] }
    let distinct = words.withUnsafeBufferPointer {
      DistinctWindows(of: $0, at: Array(stride(from: 0, to: words.count, by: 2)), size: 2)
    }
    let rows =
      a.rows.gatheredRows(distinct.starts.map { words[$0] })
      + b.rows.gatheredRows(distinct.starts.map { words[$0 + 1] })
    return SharedSteps(rows: rows, sharing: StepSharing(distinct.numbers), layout: a.layout)
  }
}
