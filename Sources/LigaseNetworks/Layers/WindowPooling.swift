import LigaseTensors

/// The largest value of each channel under a sliding window.
///
/// ```swift
/// let pool = MaxPool(kernelSize: 2, rank: 2)
/// let halved = pool(Grids(channelsFirst: .ones([1, 3, 8, 8])), .inference)  // 4 x 4 pixels
/// ```
public struct MaxPool: Layer {
  /// The geometry.
  package let window: SlidingWindow

  /// Creates a pooling with a window.
  public init(window: SlidingWindow) { self.window = window }

  /// Creates a window of `kernelSize` positions along each of `rank` axes; `stride` is the window's size by
  /// default.
  public init(
    kernelSize: Int, stride: Int? = nil, dilation: Int = 1, padding: SlidingWindow.Padding = .steps(0),
    rank: Int = 1
  ) {
    self.init(
      window: SlidingWindow(
        size: kernelSize, stride: stride ?? kernelSize, dilation: dilation, padding: padding, rank: rank))
  }

  /// Returns the maxima of each example.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids { input.maxPooled(window) }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// The mean of each channel under a sliding window.
///
/// ```swift
/// let pool = AveragePool(kernelSize: 3, stride: 2)   // over steps; rank: 2 over pixels
/// let halved = pool(Grids(padded: .ones([2, 9, 4])), .inference)  // two sequences of 4 steps
/// ```
public struct AveragePool: Layer {
  /// The geometry.
  package let window: SlidingWindow
  /// Whether padding counts as zeros, PyTorch's default, or is ignored.
  package let countsPadding: Bool

  /// Creates a window of `kernelSize` positions along each of `rank` axes; `stride` is the window's size by
  /// default.
  public init(
    kernelSize: Int, stride: Int? = nil, padding: SlidingWindow.Padding = .steps(0),
    countsPadding: Bool = true, rank: Int = 1
  ) {
    window = SlidingWindow(size: kernelSize, stride: stride ?? kernelSize, padding: padding, rank: rank)
    self.countsPadding = countsPadding
  }

  /// Returns the means of each example.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.averagePooled(window, countsPadding: countsPadding)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}

extension MaxPool: SharingLayer {
  /// Returns the maxima with each distinct window computed once.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    input.maxPooled(window)
  }
}
