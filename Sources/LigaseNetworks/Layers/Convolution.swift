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
  /// `[O, C / groups, K]`, `[O, C / groups, KH, KW]` or `[O, C / groups, KD, KH, KW]`.
  public var weight: Tensor
  /// `[O]`, or nil.
  public var bias: Tensor?
  /// The geometry.
  package let window: SlidingWindow
  /// The number of groups of channels; the outputs of a group read the input channels of that group only.
  package let groups: Int

  /// Creates a layer with weights and bias drawn uniformly from `±1/sqrt(K C / groups)` with K taps in all,
  /// PyTorch's default.
  ///
  /// - Parameters:
  ///   - inputSize: C.
  ///   - outputSize: O.
  ///   - window: size, stride, dilation and padding along each spatial axis.
  ///   - groups: divides C and O; with C groups each channel is convolved by itself (depthwise).
  ///   - bias: whether there is a bias.
  ///   - weights: draws the parameters, or loads them from a file.
  public init(
    _ inputSize: Int, _ outputSize: Int, window: SlidingWindow, groups: Int = 1, bias: Bool = true,
    from weights: WeightBuilder
  ) {
    require(
      groups >= 1 && inputSize % groups == 0 && outputSize % groups == 0,
      "Convolution: \(groups) groups do not divide \(inputSize) and \(outputSize) channels")
    (self.window, self.groups) = (window, groups)
    let sizes = window.axes.map(\.size), fan = sizes.reduce(inputSize / groups, *)
    let bound = fan > 0 ? 1 / Float(fan).squareRoot() : 0
    weight = weights.uniform("weight", [outputSize, inputSize / groups] + sizes, bound: bound)
    self.bias = bias ? weights.uniform("bias", [outputSize], bound: bound) : nil
  }

  /// Creates a layer with the same geometry along each of `rank` axes: K = `kernelSize`.
  public init(
    _ inputSize: Int, _ outputSize: Int, kernelSize: Int, stride: Int = 1, dilation: Int = 1,
    padding: SlidingWindow.Padding = .steps(0), rank: Int = 1, groups: Int = 1, bias: Bool = true,
    from weights: WeightBuilder
  ) {
    self.init(
      inputSize, outputSize,
      window: SlidingWindow(
        size: kernelSize, stride: stride, dilation: dilation, padding: padding, rank: rank),
      groups: groups, bias: bias, from: weights)
  }

  /// Creates a layer with given weights, such as fixed filters.
  package init(weight: Tensor, bias: Tensor?, window: SlidingWindow) {
    (self.weight, self.bias, self.window, groups) = (weight, bias, window, 1)
  }

  /// Returns the convolution of each example, with padding at its own ends.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.convolved(weight: weight, bias: bias, window: window, groups: groups)
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
    guard groups == 1 else { return SharedSteps(alone: self(input.grids, context)) }
    return input.convolved(weight: weight, bias: bias, window: window)
  }
}
