import LigaseTensors

/// `x` where it is positive and `weight x` otherwise, with a learned slope for each channel or one for all (He et
/// al., "Delving deep into rectifiers", 2015).
///
/// ```
/// let network = Sequential([Linear(4, 8, from: .drawing(seed: 1)), PReLU(8, from: .drawing(seed: 2))])
/// ```
package struct PReLU: RowLayer {
  /// The slopes, `[C]` or `[1]`.
  package var weight: Tensor

  /// Creates a layer with `size` slopes, initially `slope`: C, or 1 for all channels together.
  package init(_ size: Int = 1, slope: Float = 0.25, from weights: WeightBuilder) {
    weight = weights.constant("weight", [size], slope)
  }

  /// Returns a tensor of the same shape, `[..., C]`.
  package func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input.prelu(slope: weight) }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) { visit("weight", &weight) }
}
