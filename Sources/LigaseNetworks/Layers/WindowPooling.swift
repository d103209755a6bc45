import LigaseTensors

/// The largest value of each channel under a sliding window.
public struct MaxPool1d: Layer {
  /// The geometry.
  public let window: SlidingWindow

  /// A window of `kernelSize` steps that moves by its own size unless `stride` says otherwise.
  public init(
    kernelSize: Int, stride: Int? = nil, dilation: Int = 1, padding: SlidingWindow.Padding = .steps(0)
  ) {
    window = SlidingWindow(
      size: kernelSize, stride: stride ?? kernelSize, dilation: dilation, padding: padding)
  }

  /// Each sequence over its own length.
  public func callAsFunction(_ input: Sequences) -> Sequences { input.maxPooled(window) }

  /// `[N, C, L]` to `[N, C, L']`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input.overSteps { self($0) } }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// The mean of each channel under a sliding window.
public struct AvgPool1d: Layer {
  /// The geometry.
  public let window: SlidingWindow
  /// Whether padding counts as zeros, PyTorch's default, or not at all.
  public var countsPadding: Bool

  /// A window of `kernelSize` steps that moves by its own size unless `stride` says otherwise.
  public init(
    kernelSize: Int, stride: Int? = nil, padding: SlidingWindow.Padding = .steps(0),
    countsPadding: Bool = true
  ) {
    window = SlidingWindow(size: kernelSize, stride: stride ?? kernelSize, padding: padding)
    self.countsPadding = countsPadding
  }

  /// Each sequence over its own length.
  public func callAsFunction(_ input: Sequences) -> Sequences {
    input.averagePooled(window, countsPadding: countsPadding)
  }

  /// `[N, C, L]` to `[N, C, L']`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input.overSteps { self($0) } }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}
