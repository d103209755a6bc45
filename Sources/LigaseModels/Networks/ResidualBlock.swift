import LigaseNetworks
import LigaseTensors

/// `x + conv(relu(norm(conv(relu(norm(x))))))` over the steps of sequences, both convolutions dilated and of the same
/// length as their input.
///
/// Source: He et al., "Identity mappings in deep residual networks" (2016); Jaganathan et al. (2019).
package struct ResidualBlock: Module {
  /// The normalisations before each convolution.
  package var norms: [LayerNorm]
  /// The two convolutions.
  package var convolutions: [Conv1d]
  private let dropout: Float

  init(channels: Int, kernelSize: Int, dilation: Int, dropout: Float, from weights: WeightBuilder) {
    norms = (0..<2).map { LayerNorm(channels, from: weights.nested("norms.\($0)")) }
    convolutions = (0..<2).map {
      Conv1d(
        channels, channels, kernelSize: kernelSize, dilation: dilation, padding: .same,
        from: weights.nested("convolutions.\($0)"))
    }
    self.dropout = dropout
  }

  /// Sequences of the same lengths and channels.
  package func callAsFunction(_ input: Sequences, _ context: Context) -> Sequences {
    var x = input
    for (norm, convolution) in zip(norms, convolutions) {
      x = convolution(x.mapValues { Dropout(dropout)(norm($0, context).relu(), context) })
    }
    return x + input
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("norms", &norms)
    visit("convolutions", &convolutions)
  }
}
