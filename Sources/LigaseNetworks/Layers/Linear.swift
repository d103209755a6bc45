import LigaseTensors

/// `y = x W^T + b` over the last axis.
public struct Linear: Layer {
  /// `[O, C]`.
  public var weight: Tensor
  /// `[O]`, or nil.
  public var bias: Tensor?

  /// Weights and bias drawn evenly from `±1/sqrt(C)`, PyTorch's default (He et al., 2015, with a = sqrt 5).
  public init(_ inputSize: Int, _ outputSize: Int, bias: Bool = true, using random: inout SeededGenerator) {
    let bound = inputSize > 0 ? 1 / Float(inputSize).squareRoot() : 0
    weight = .uniform([outputSize, inputSize], in: -bound..<bound.nextUp, using: &random)
    self.bias = bias ? .uniform([outputSize], in: -bound..<bound.nextUp, using: &random) : nil
  }

  /// `[..., C]` to `[..., O]`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    input.linear(weight: weight, bias: bias)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
