/// A batch of features at places of space: rows with a layout, which every layer reads and returns. An example is one row, a
/// sequence of its own length, an image or a volume; `values` is `[rows of all examples, C]`, channels last.
///
/// Padding never enters a state, a loss or a gradient, because there is none.
///
/// ```swift
/// let batch = Grids(values: .zeros([17, 4]), layout: GridLayout(lengths: [5, 9, 3]))
/// let padded = batch.padded()                        // [3, 9, 4], zeros behind the shorter sequences
/// let same = Grids(padded: padded, lengths: [5, 9, 3])
/// let means = same.meanOverLength()                  // [3, 4]
/// let images = Grids(channelsFirst: .zeros([2, 1, 28, 28]))  // N C H W
/// ```
public struct Grids: Sendable {
  /// The features of every place, one example after the other, `[rows, C]`.
  public let values: Tensor
  /// Where each example lies.
  public let layout: GridLayout

  /// Joins features and layout.
  public init(values: Tensor, layout: GridLayout) {
    require(
      values.rank == 2 && values.shape[0] == layout.rowCount,
      "Grids: values \(values.shape) for \(layout.rowCount) rows")
    (self.values, self.layout) = (values, layout)
  }

  /// One row an example, `[N, C]`.
  public init(rows: Tensor) {
    require(rows.rank == 2, "Grids: rows are [N, C], not \(rows.shape)")
    self.init(values: rows, layout: GridLayout(rows: rows.shape[0]))
  }

  /// The number of examples, N.
  public var count: Int { layout.count }
  /// The features of a place, C.
  public var channels: Int { values.shape[1] }

  /// The same places with other features: `body` maps rows `[R, C]` to `[R, C']`.
  public func mapValues(_ body: (Tensor) -> Tensor) -> Grids { Grids(values: body(values), layout: layout) }

  /// The sums of two batches of one layout.
  public static func + (a: Grids, b: Grids) -> Grids {
    require(
      a.layout == b.layout && a.channels == b.channels,
      "Grids +: \(a.layout.rowCount) rows of \(a.channels) and \(b.layout.rowCount) rows of \(b.channels), "
        + "expected the same extents and channels")
    return Grids(values: a.values + b.values, layout: a.layout)
  }
}

extension Grids {
  /// Channels first, as files and PyTorch have them: `[N, C]`, `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`.
  public init(channelsFirst batch: Tensor) {
    require(
      (2...5).contains(batch.rank),
      "Grids: a batch is [N, C] and up to three axes of space, not \(batch.shape)")
    guard batch.rank > 2 else {
      self.init(rows: batch)
      return
    }
    let extents = Array(batch.shape.dropFirst(2)), (n, channels) = (batch.shape[0], batch.shape[1])
    let values = batch.permuted([0] + Array(2..<batch.rank) + [1])
    self.init(
      values: values.reshaped([n * Tensor.elementCount(of: extents), channels]),
      layout: n == 0 && extents.count == 1
        ? GridLayout(lengths: []) : GridLayout(extents: [[Int]](repeating: extents, count: n)))
  }

  /// The batch with channels first; all examples have the same extents.
  public func channelsFirst() -> Tensor {
    guard layout.rank > 0, count > 0 else { return values }
    let extents = layout.extents(of: 0)
    require(
      (0..<count).allSatisfy { layout.extents(of: $0) == extents },
      "channelsFirst: examples of different extents, expected the same for all")
    return values.reshaped([count] + extents + [channels])
      .permuted([0, extents.count + 1] + Array(1...extents.count))
  }

  /// The first `lengths[n]` steps of each sample of a padded batch `[N, L, C]`; every step when `lengths` is nil.
  public init(padded: Tensor, lengths: [Int]? = nil) {
    require(padded.rank == 3, "Grids: a padded batch is [N, L, C], not \(padded.shape)")
    let (n, length, channels) = (padded.shape[0], padded.shape[1], padded.shape[2])
    let layout = GridLayout(lengths: lengths ?? [Int](repeating: length, count: n))
    require(
      layout.count == n && layout.longest <= length, "Grids: lengths do not fit the batch \(padded.shape)")
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
    let (layout, values) = (layout, values)
    let (n, length, channels) = (layout.count, layout.longest, values.shape[1])
    if layout.rowCount == n * length { return values.reshaped([n, length, channels]) }
    let value = Tensor(shape: [n, length, channels]) { out in
      out.update(repeating: 0)
      for s in 0..<n {
        (out.baseAddress! + s * length * channels).update(
          from: values.floats + layout.offsets[s] * channels, count: layout.lengths[s] * channels)
      }
    }
    return Tensor.recording(value, from: [values], "padded", ["lengths": .integers(layout.lengths)]) { dy in
      [Grids(padded: dy.reshaped([n, length, channels]), lengths: layout.lengths).values]
    }
  }
}
