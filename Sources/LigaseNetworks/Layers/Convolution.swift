import LigaseTensors

/// Convolution over the steps of sequences, the pixels of images or the voxels of volumes; PyTorch's
/// `Conv1d`, `Conv2d` and `Conv3d`.
///
/// ```swift
/// let convolution = Convolution(4, 16, kernelSize: 9, padding: .same, from: .drawing(seed: 1))
/// let bases = Grids(values: .zeros([30, 4]), layout: GridLayout(lengths: [10, 20]))
/// let features = convolution(bases, .inference)      // rows [30, 16]
/// ```
public struct Convolution: Layer {
  /// `[O, C, K]`, `[O, C, KH, KW]` or `[O, C, KD, KH, KW]`.
  public var weight: Tensor
  /// `[O]`, or nil.
  public var bias: Tensor?
  /// The geometry.
  package let window: SlidingWindow

  /// Creates a layer with weights and bias drawn uniformly from `±1/sqrt(C K)` with K taps in all, PyTorch's
  /// default.
  ///
  /// - Parameters:
  ///   - inputSize: C.
  ///   - outputSize: O.
  ///   - window: size, stride, dilation and padding along each spatial axis.
  ///   - bias: whether there is a bias.
  ///   - weights: draws the parameters, or loads them from a file.
  public init(
    _ inputSize: Int, _ outputSize: Int, window: SlidingWindow, bias: Bool = true,
    from weights: WeightBuilder
  ) {
    self.window = window
    let sizes = window.axes.map(\.size), fan = sizes.reduce(inputSize, *)
    let bound = fan > 0 ? 1 / Float(fan).squareRoot() : 0
    weight = weights.uniform("weight", [outputSize, inputSize] + sizes, bound: bound)
    self.bias = bias ? weights.uniform("bias", [outputSize], bound: bound) : nil
  }

  /// Creates a layer with the same geometry along each of `rank` axes: K = `kernelSize`.
  public init(
    _ inputSize: Int, _ outputSize: Int, kernelSize: Int, stride: Int = 1, dilation: Int = 1,
    padding: SlidingWindow.Padding = .steps(0), rank: Int = 1, bias: Bool = true, from weights: WeightBuilder
  ) {
    self.init(
      inputSize, outputSize,
      window: SlidingWindow(
        size: kernelSize, stride: stride, dilation: dilation, padding: padding, rank: rank),
      bias: bias, from: weights)
  }

  /// Creates a layer with given weights, such as fixed filters.
  package init(weight: Tensor, bias: Tensor?, window: SlidingWindow) {
    (self.weight, self.bias, self.window) = (weight, bias, window)
  }

  /// Returns the convolution of each example, with padding at its own ends.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.convolved(weight: weight, bias: bias, window: window)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}

extension Convolution: SharingLayer {
  /// Returns the convolution with each distinct window computed once.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    input.convolved(weight: weight, bias: bias, window: window)
  }
}
