import LigaseTensors

/// `(x - mean) / sqrt(variance + epsilon)` for each channel of each example over its positions, in training and
/// in use (Ulyanov et al., "Instance normalization", 2016); PyTorch's `InstanceNorm1d`, `2d` and `3d`.
///
/// ```
/// let norm = InstanceNorm(3, isAffine: true, from: .drawing(seed: 1))
/// let y = norm(Grids(channelsFirst: .ones([2, 3, 8, 8])), .inference)  // zeros
/// ```
package struct InstanceNorm: Layer {
  /// The number of channels.
  package let size: Int
  /// The factors `[C]`, initially ones; nil unless affine.
  package var weight: Tensor?
  /// The shifts `[C]`, initially zeros; nil unless affine.
  package var bias: Tensor?
  /// Added to the variance.
  package let epsilon: Float

  /// Creates a layer for `size` channels, which learns factors and shifts if it is affine.
  package init(_ size: Int, epsilon: Float = 1e-5, isAffine: Bool = false, from weights: WeightBuilder) {
    weight = isAffine ? weights.constant("weight", [size], 1) : nil
    bias = isAffine ? weights.constant("bias", [size], 0) : nil
    (self.size, self.epsilon) = (size, epsilon)
  }

  /// Returns the same positions and channels.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    require(
      input.channels == size, "InstanceNorm: the input has \(input.channels) channels, expected \(size)")
    let normalized = input.normalizedExamples(groups: max(size, 1), epsilon: epsilon)
    guard let weight else { return normalized }
    return normalized.mapValues { $0.scaledColumns(by: weight, plus: bias) }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
