import LigaseTensors

/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over all positions of an example and the channels of
/// a group (Wu and He, "Group normalization", 2018); PyTorch's `GroupNorm`.
///
/// ```
/// let norm = GroupNorm(8, groups: 2, from: .drawing(seed: 1))
/// let y = norm(Grids(channelsFirst: .ones([1, 8, 4, 4])), .inference)  // zeros
/// ```
package struct GroupNorm: Layer {
  /// The factors `[C]`, initially ones.
  package var weight: Tensor
  /// The shifts `[C]`, initially zeros.
  package var bias: Tensor
  /// The number of groups.
  package let groups: Int
  /// Added to the variance.
  package let epsilon: Float

  /// Creates a layer for `size` channels in groups of equal size.
  package init(_ size: Int, groups: Int, epsilon: Float = 1e-5, from weights: WeightBuilder) {
    require(groups >= 1 && size % groups == 0, "GroupNorm: \(groups) groups do not divide \(size) channels")
    weight = weights.constant("weight", [size], 1)
    bias = weights.constant("bias", [size], 0)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  /// Returns the same positions and channels.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.normalizedExamples(groups: groups, epsilon: epsilon)
      .mapValues { $0.scaledColumns(by: weight, plus: bias) }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
