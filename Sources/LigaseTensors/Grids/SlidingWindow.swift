/// A window that slides over sequences, images or volumes: the geometry of convolution and pooling.
///
/// ```swift
/// let window = SlidingWindow(size: 3, stride: 2, padding: .steps(1), rank: 2)  // 3 x 3 pixels, every second one
/// let uneven = SlidingWindow(axes: [.init(size: 1), .init(size: 5, dilation: 2)])
/// let pooled = Grids(channelsFirst: .ones([1, 3, 8, 8])).maxPooled(window)  // 4 x 4 places
/// ```
public struct SlidingWindow: Hashable, Sendable {
  /// The padding before the first and after the last position of an axis.
  public enum Padding: Hashable, Sendable {
    /// This number of positions on either side.
    case steps(Int)
    /// The padding that keeps the length at a stride of 1; if its total is odd, one more after the end.
    case same
  }

  /// The geometry along one spatial axis.
  public struct Axis: Hashable, Sendable {
    /// The size of the window, K.
    package let size: Int
    /// The stride of the window.
    package let stride: Int
    /// The dilation: the distance between adjacent taps of the window.
    package let dilation: Int
    /// The padding before the first position.
    package let before: Int
    /// The padding after the last position.
    package let after: Int

    /// Creates the geometry of an axis.
    public init(size: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .steps(0)) {
      require(
        size >= 1 && stride >= 1 && dilation >= 1,
        "SlidingWindow: size \(size), stride \(stride) and dilation \(dilation) are at least 1")
      (self.size, self.stride, self.dilation) = (size, stride, dilation)
      switch padding {
      case .steps(let steps):
        require(steps >= 0, "SlidingWindow: a padding of \(steps)")
        (before, after) = (steps, steps)
      case .same:
        require(
          stride == 1, "SlidingWindow: padding that keeps the length needs a stride of 1, not \(stride)")
        let total = dilation * (size - 1)
        (before, after) = (total / 2, total - total / 2)
      }
    }

    /// Returns the number of positions of the window on a length: `(L + before + after - dilation (K - 1) -
    /// 1) / stride + 1`, and 0 where that is negative or the axis is empty.
    package func places(on length: Int) -> Int {
      let room = length + before + after - dilation * (size - 1) - 1
      return length == 0 || room < 0 ? 0 : room / stride + 1
    }

    /// Returns the taps of the window at position `t` that are not padding.
    func taps(at t: Int, length: Int) -> Range<Int> {
      let first = t * stride - before
      let lower = first >= 0 ? 0 : (-first + dilation - 1) / dilation
      let upper = first >= length ? 0 : min(size, (length - 1 - first) / dilation + 1)
      return lower..<max(lower, upper)
    }

    /// Returns the places of the window, of `count`, that read a position, ascending, and the tap that reads it.
    func readers(of position: Int, count: Int) -> [(tap: Int, place: Int)] {
      (0..<size).reversed().compactMap { tap in
        let first = position + before - tap * dilation
        guard first >= 0, first % stride == 0, first / stride < count else { return nil }
        return (tap, first / stride)
      }
    }

    /// A window of one position.
    static let single = Axis(size: 1)
  }

  /// The geometry along each axis, the slowest first: `[depth, height, width]`.
  package let axes: [Axis]

  /// Creates a window with one axis for each of 1 to 3 spatial axes, the slowest first.
  public init(axes: [Axis]) {
    require((1...3).contains(axes.count), "SlidingWindow: \(axes.count) axes, expected 1 to 3")
    self.axes = axes
  }

  /// Creates a window with the same geometry along each of `rank` axes.
  public init(
    size: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .steps(0), rank: Int = 1
  ) {
    let axis = Axis(size: size, stride: stride, dilation: dilation, padding: padding)
    self.init(axes: [Axis](repeating: axis, count: rank))
  }

  /// The number of axes.
  package var rank: Int { axes.count }
  /// The size of the window on each axis.
  var sizes: [Int] { axes.map(\.size) }
  /// The number of taps of the window.
  var tapCount: Int { axes.reduce(1) { $0 * $1.size } }
  /// The attributes of operations with this window.
  var attributes: [String: Operation.Attribute] {
    [
      "size": .integers(axes.map(\.size)), "stride": .integers(axes.map(\.stride)),
      "dilation": .integers(axes.map(\.dilation)), "before": .integers(axes.map(\.before)),
      "after": .integers(axes.map(\.after)),
    ]
  }

  /// The axes as depth, height and width; missing axes have a window of one position.
  var spatial: (depth: Axis, height: Axis, width: Axis) {
    (rank == 3 ? axes[0] : .single, rank > 1 ? axes[rank - 2] : .single, axes[rank - 1])
  }

  /// Returns the layout of the results over examples of the given layout, which must have as many axes.
  package func layout(over layout: GridLayout) -> GridLayout {
    require(layout.rank == rank, "SlidingWindow: \(rank) axes over examples of \(layout.rank)")
    if rank == 1 { return GridLayout(lengths: layout.lengths.map(axes[0].places)) }
    guard layout.count > 0 else { return layout }
    return GridLayout(
      extents: (0..<layout.count).map { s in
        zip(axes, layout.extents(of: s)).map { axis, length in axis.places(on: length) }
      })
  }
}
