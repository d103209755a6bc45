import LigaseTensors

/// One-dimensional convolution over the steps of sequences or the last axis of `[N, C, L]`.
public struct Conv1d: Layer {
  /// `[O, C, K]`.
  public var weight: Tensor
  /// `[O]`, or nil.
  public var bias: Tensor?
  /// The geometry.
  public let window: SlidingWindow

  /// Weights and bias drawn evenly from `±1/sqrt(C K)`, PyTorch's default.
  ///
  /// - Parameters:
  ///   - inputSize: C.
  ///   - outputSize: O.
  ///   - kernelSize: K.
  public init(
    _ inputSize: Int, _ outputSize: Int, kernelSize: Int, stride: Int = 1, dilation: Int = 1,
    padding: SlidingWindow.Padding = .steps(0), bias: Bool = true, from weights: WeightBuilder
  ) {
    window = SlidingWindow(size: kernelSize, stride: stride, dilation: dilation, padding: padding)
    let fan = inputSize * kernelSize
    let bound = fan > 0 ? 1 / Float(fan).squareRoot() : 0
    weight = weights.uniform("weight", [outputSize, inputSize, kernelSize], bound: bound)
    self.bias = bias ? weights.uniform("bias", [outputSize], bound: bound) : nil
  }

  /// Each sequence over its own length; padding lies at its own ends.
  public func callAsFunction(_ input: Sequences) -> Sequences {
    input.convolved(weight: weight, bias: bias, window: window)
  }

  /// `[N, C, L]` to `[N, O, L']`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input.overSteps { self($0) } }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}

extension Tensor {
  /// Lets an operation on sequences act on `[N, C, L]`, channels first.
  func overSteps(_ body: (Sequences) -> Sequences) -> Tensor {
    require(rank == 3, "a batch of channels by length is [N, C, L], not \(shape)")
    return body(Sequences(padded: permuted([0, 2, 1]))).padded().permuted([0, 2, 1])
  }
}
