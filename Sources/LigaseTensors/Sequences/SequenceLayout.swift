/// Where each sequence of a batch lies in a packed matrix: sequence `s` owns `lengths[s]` consecutive rows.
public struct SequenceLayout: Equatable, Sendable {
  /// The length L of each of the N sequences.
  public let lengths: [Int]
  /// The first row of each sequence, and the number of all rows at the end (N + 1 numbers).
  public let offsets: [Int]

  /// A layout for sequences of the given lengths.
  public init(lengths: [Int]) {
    require(lengths.allSatisfy { $0 >= 0 }, "SequenceLayout: a negative length")
    self.lengths = lengths
    var offsets = [0]
    offsets.reserveCapacity(lengths.count + 1)
    for length in lengths { offsets.append(offsets.last! + length) }
    self.offsets = offsets
  }

  /// The number of sequences, N.
  public var count: Int { lengths.count }
  /// The number of rows of all sequences together.
  public var rowCount: Int { offsets.last! }
  /// The longest length.
  public var longest: Int { lengths.max() ?? 0 }
}

/// A batch of element sequences of their own lengths, without padding: tokens, labels.
public struct Ragged<Element: Sendable>: Sendable {
  /// Where each sequence lies.
  public let layout: SequenceLayout
  /// The elements of all sequences, one sequence after the other.
  public let elements: [Element]

  /// Joins the sequences.
  public init(_ sequences: [[Element]]) {
    layout = SequenceLayout(lengths: sequences.map(\.count))
    elements = Array(sequences.joined())
  }
}

/// A batch of feature sequences of their own lengths, without padding: `values` is `[sum of L, C]`.
///
/// Padding never enters a state, a loss or a gradient, because there is none. Steps that are equal can be kept once
/// (`sharingEqualSteps`).
public struct Sequences: Sendable {
  /// The rows that are kept: one a step, `[sum of L, C]`, or the distinct ones alone, `[U, C]`, or those of each of P
  /// pieces of the steps, `[U, C / P]`.
  let rows: Tensor
  /// Which row each step has; nil where every step has its own, in order.
  let sharing: StepSharing?
  /// Where each sequence lies.
  public let layout: SequenceLayout

  /// Joins features and layout.
  public init(values: Tensor, layout: SequenceLayout) {
    require(
      values.rank == 2 && values.shape[0] == layout.rowCount,
      "Sequences: values \(values.shape) for \(layout.rowCount) steps")
    self.init(rows: values, sharing: nil, layout: layout)
  }

  /// Joins distinct rows and which of them each step has.
  init(rows: Tensor, sharing: StepSharing?, layout: SequenceLayout) {
    (self.rows, self.sharing, self.layout) = (rows, sharing, layout)
  }

  /// The features of every step, one sequence after the other, `[sum of L, C]`.
  public var values: Tensor {
    get {
      guard let sharing else { return rows }
      return rows.gatheredRows(sharing.numbers).reshaped([layout.rowCount, channels])
    }
    set { self = Sequences(values: newValue, layout: layout) }
  }

  /// The features of a step, C.
  public var channels: Int { rows.shape[1] * (sharing?.pieces ?? 1) }

  /// How rows are shared where a step is one row.
  var rowSharing: StepSharing? { sharing?.pieces == 1 ? sharing : nil }

  /// The same with every step one row.
  var whole: Sequences { (sharing?.pieces ?? 1) == 1 ? self : Sequences(values: values, layout: layout) }

  /// The first `lengths[n]` steps of each sample of a padded batch `[N, L, C]`; every step when `lengths` is nil.
  public init(padded: Tensor, lengths: [Int]? = nil) {
    require(padded.rank == 3, "Sequences: a padded batch is [N, L, C], not \(padded.shape)")
    let (n, length, channels) = (padded.shape[0], padded.shape[1], padded.shape[2])
    let layout = SequenceLayout(lengths: lengths ?? [Int](repeating: length, count: n))
    require(
      layout.count == n && layout.longest <= length, "Sequences: lengths do not fit the batch \(padded.shape)"
    )
    let flat = padded.reshaped([n * length, channels])
    if layout.rowCount == n * length {
      self.init(values: flat, layout: layout)
    } else {
      let rows = layout.lengths.enumerated().flatMap { s, l in (0..<l).map { Int32(s * length + $0) } }
      self.init(values: flat.gatheredRows(rows), layout: layout)
    }
  }

  /// The batch as `[N, L, C]`, zeros after each sequence's end.
  public func padded() -> Tensor {
    let values = values, (n, length, channels) = (layout.count, layout.longest, values.shape[1])
    if layout.rowCount == n * length { return values.reshaped([n, length, channels]) }
    let layout = layout
    let value = Tensor(shape: [n, length, channels]) { out in
      out.update(repeating: 0)
      for s in 0..<n {
        (out.baseAddress! + s * length * channels).update(
          from: values.floats + layout.offsets[s] * channels, count: layout.lengths[s] * channels)
      }
    }
    return Tensor.recording(value, from: [values]) { dy in
      [Sequences(padded: dy.reshaped([n, length, channels]), lengths: layout.lengths).values]
    }
  }

  /// The number of sequences, N.
  public var count: Int { layout.count }

  /// The same sequences with other features, computed step by step: `body` maps rows `[R, C]` to `[R, C']`, each by
  /// itself.
  public func mapValues(_ body: (Tensor) -> Tensor) -> Sequences {
    let from = whole, mapped = body(from.rows)
    require(
      mapped.rank == 2 && mapped.shape[0] == from.rows.shape[0],
      "mapValues: found \(mapped.shape), expected a row for each of \(from.rows.shape[0])")
    return Sequences(rows: mapped, sharing: from.sharing, layout: layout)
  }
}
