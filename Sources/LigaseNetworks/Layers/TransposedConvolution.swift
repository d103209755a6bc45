import LigaseTensors

/// Transposed convolution, the adjoint of a convolution, which enlarges grids; PyTorch's `ConvTranspose1d` to
/// `ConvTranspose3d`.
///
/// ```
/// let up = TransposedConvolution(8, 4, kernelSize: 2, stride: 2, rank: 2, from: .drawing(seed: 1))
/// let images = up(Grids(channelsFirst: .ones([1, 8, 5, 6])), .inference)  // 4 channels of 10 × 12
/// ```
package struct TransposedConvolution: Layer {
  /// `[C, O, K…]`.
  package var weight: Tensor
  /// `[O]`, or nil.
  package var bias: Tensor?
  /// The geometry of the convolution whose adjoint this is.
  package let window: SlidingWindow
  /// Places added at the end of each axis.
  package let outputPadding: Int

  /// Creates a layer with weights and bias drawn uniformly from `±1/sqrt(K O)` with K taps in all, PyTorch's default.
  package init(
    _ inputSize: Int, _ outputSize: Int, kernelSize: Int, stride: Int = 1, dilation: Int = 1,
    padding: Int = 0,
    outputPadding: Int = 0, rank: Int = 1, bias: Bool = true, from weights: WeightBuilder
  ) {
    window = SlidingWindow(
      size: kernelSize, stride: stride, dilation: dilation, padding: .steps(padding), rank: rank)
    self.outputPadding = outputPadding
    let sizes = window.axes.map(\.size), fan = sizes.reduce(outputSize, *)
    let bound = fan > 0 ? 1 / Float(fan).squareRoot() : 0
    weight = weights.uniform("weight", [inputSize, outputSize] + sizes, bound: bound)
    self.bias = bias ? weights.uniform("bias", [outputSize], bound: bound) : nil
  }

  /// Returns the transposed convolution of each example.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.transposeConvolved(weight: weight, bias: bias, window: window, outputPadding: outputPadding)
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
