/// A window of K steps that slides over a sequence: the geometry of convolution and pooling.
public struct SlidingWindow: Hashable, Sendable {
  /// What lies before the first and after the last step.
  public enum Padding: Hashable, Sendable {
    /// So many steps on either side.
    case steps(Int)
    /// As many steps as keep the length at a stride of 1; where the number is odd, one more after the end.
    case same
  }

  /// K, the steps under the window.
  public let size: Int
  /// How far the window moves.
  public let stride: Int
  /// The distance between neighbouring steps under the window.
  public let dilation: Int
  /// Padding before the first step.
  public let before: Int
  /// Padding after the last step.
  public let after: Int

  /// Joins the geometry.
  public init(size: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .steps(0)) {
    require(
      size >= 1 && stride >= 1 && dilation >= 1,
      "SlidingWindow: size \(size), stride \(stride) and dilation \(dilation) are at least 1")
    self.size = size
    self.stride = stride
    self.dilation = dilation
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

  /// How many places the window takes on a sequence: `(L + before + after - dilation (K - 1) - 1) / stride + 1`,
  /// and none where that is negative or the sequence is empty.
  public func places(on length: Int) -> Int {
    let room = length + before + after - dilation * (size - 1) - 1
    return length == 0 || room < 0 ? 0 : room / stride + 1
  }

  /// The layout of the results over sequences of the given layout.
  public func layout(over layout: SequenceLayout) -> SequenceLayout {
    SequenceLayout(lengths: layout.lengths.map(places))
  }

  /// The taps of the window at place `t` under which there is a step of the sequence.
  func taps(at t: Int, length: Int) -> Range<Int> {
    let first = t * stride - before
    let lower = first >= 0 ? 0 : (-first + dilation - 1) / dilation
    let upper = first >= length ? 0 : min(size, (length - 1 - first) / dilation + 1)
    return lower..<max(lower, upper)
  }
}
