/// A batch of features at spatial positions: rows with a layout, which every layer reads and returns. An
/// example is one row, a sequence of any length, an image or a volume; `values` is `[rows of all examples,
/// C]`, channels last.
///
/// There is no padding, so it cannot affect states, losses or gradients.
///
/// ```swift
/// let batch = Grids(values: .zeros([17, 4]), layout: GridLayout(lengths: [5, 9, 3]))
/// let padded = batch.padded()                        // [3, 9, 4], zeros behind the shorter sequences
/// let same = Grids(padded: padded, lengths: [5, 9, 3])
/// let means = same.meanOverLength()                  // [3, 4]
/// let images = Grids(channelsFirst: .zeros([2, 1, 28, 28]))  // N C H W
/// ```
public struct Grids: Sendable {
  /// The features of every position, one example after the other, `[rows, C]`.
  public let values: Tensor
  /// The layout of the examples.
  public let layout: GridLayout

  /// Creates a batch of features with a layout.
  public init(values: Tensor, layout: GridLayout) {
    require(
      values.rank == 2 && values.shape[0] == layout.rowCount,
      "Grids: values \(values.shape) for \(layout.rowCount) rows")
    (self.values, self.layout) = (values, layout)
  }

  /// Creates a batch with one row for each example, `[N, C]`.
  public init(rows: Tensor) {
    require(rows.rank == 2, "Grids: rows are [N, C], not \(rows.shape)")
    self.init(values: rows, layout: GridLayout(rows: rows.shape[0]))
  }

  /// The number of examples, N.
  public var count: Int { layout.count }
  /// The number of channels, C.
  public var channels: Int { values.shape[1] }

  /// Returns the same positions with other features: `body` maps rows `[R, C]` to `[R, C']`.
  public func mapValues(_ body: (Tensor) -> Tensor) -> Grids { Grids(values: body(values), layout: layout) }

  /// Returns the sums of two batches of one layout.
  public static func + (a: Grids, b: Grids) -> Grids {
    require(
      a.layout == b.layout && a.channels == b.channels,
      "Grids +: \(a.layout.rowCount) rows of \(a.channels) and \(b.layout.rowCount) rows of \(b.channels), "
        + "expected the same extents and channels")
    return Grids(values: a.values + b.values, layout: a.layout)
  }
}

extension Grids {
  /// Creates a batch from channels first, as in files and PyTorch: `[N, C]`, `[N, C, L]`, `[N, C, H, W]` or
  /// `[N, C, D, H, W]`.
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

  /// Returns the batch with channels first; all examples must have the same extents.
  public func channelsFirst() -> Tensor {
    guard layout.rank > 0, count > 0 else { return values }
    let extents = layout.extents(of: 0)
    require(
      (0..<count).allSatisfy { layout.extents(of: $0) == extents },
      "channelsFirst: examples of different extents, expected the same for all")
    return values.reshaped([count] + extents + [channels])
      .permuted([0, extents.count + 1] + Array(1...extents.count))
  }

  /// Creates a batch from the first `lengths[n]` steps of each sample of a padded batch `[N, L, C]`; all
  /// steps when `lengths` is nil.
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

  /// Returns the batch as `[N, L, C]`, with zeros after the end of each sequence.
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
