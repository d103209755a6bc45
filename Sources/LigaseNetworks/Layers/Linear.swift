import LigaseTensors

/// `y = x W^T + b` over the last axis.
///
/// ```swift
/// let layer = Linear(3, 2, from: .drawing(seed: 1))
/// let y = layer(.ones([8, 3]), .inference)           // [8, 2]
/// ```
public struct Linear: RowLayer {
  /// `[O, C]`.
  public var weight: Tensor
  /// `[O]`, or nil.
  public var bias: Tensor?

  /// Creates a layer with weights and bias drawn uniformly from `±1/sqrt(C)`, PyTorch's default (He et al.,
  /// 2015, with a = sqrt 5).
  ///
  /// - Parameters:
  ///   - inputSize: C.
  ///   - outputSize: O.
  ///   - bias: whether there is a bias.
  ///   - scale: a factor on the bound of the weight, but not on that of the bias.
  ///   - weights: draws the parameters, or loads them from a file.
  public init(
    _ inputSize: Int, _ outputSize: Int, bias: Bool = true, scale: Float = 1, from weights: WeightBuilder
  ) {
    let bound = inputSize > 0 ? 1 / Float(inputSize).squareRoot() : 0
    weight = weights.uniform("weight", [outputSize, inputSize], bound: scale * bound)
    self.bias = bias ? weights.uniform("bias", [outputSize], bound: bound) : nil
  }

  /// Maps `[..., C]` to `[..., O]`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    input.linear(weight: weight, bias: bias)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
