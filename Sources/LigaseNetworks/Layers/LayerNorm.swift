import LigaseTensors

/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over the last axis (Ba et al., 2016).
///
/// ```swift
/// let norm = LayerNorm(4, from: .drawing(seed: 1))
/// norm(Tensor([1, 2, 3, 4], shape: [1, 4]), .inference)  // mean 0, variance 1
/// ```
public struct LayerNorm: RowLayer {
  /// The factors `[C]`, initially ones.
  package var weight: Tensor
  /// The shifts `[C]`, initially zeros.
  package var bias: Tensor
  /// Added to the variance.
  package var epsilon: Float

  /// Creates a layer for `size` channels.
  public init(_ size: Int, epsilon: Float = 1e-5, from weights: WeightBuilder) {
    weight = weights.constant("weight", [size], 1)
    bias = weights.constant("bias", [size], 0)
    self.epsilon = epsilon
  }

  /// Returns a tensor of the same shape, `[..., C]`.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    input.normalizedRows(epsilon: epsilon).scaledColumns(by: weight, plus: bias)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
