import LigaseTensors

/// Linear layers with an activation, and dropout in training, between them: `layers.0.weight`, `layers.0.bias`, …
package struct MultilayerPerceptron: RowLayer {
  /// The linear layers.
  package var layers: [Linear]
  /// The normalisation after each linear layer but the last; empty without normalisation.
  package var norms: [LayerNorm]
  /// The function after each layer but the last.
  package var activation: Activation
  /// The dropout rate of the outputs of each layer but the last.
  package var dropout: Float

  /// Creates layers from `sizes[0]` inputs through hidden sizes to the last size; `outputScale` is a factor
  /// on the random weights of the last layer.
  package init(
    _ sizes: [Int], activation: Activation = .relu, dropout: Float = 0, isNormalized: Bool = false,
    outputScale: Float = 1, from weights: WeightBuilder
  ) {
    require(sizes.count >= 2, "MultilayerPerceptron: the sizes \(sizes) make no layer")
    layers = (1..<sizes.count).map { i in
      Linear(
        sizes[i - 1], sizes[i], scale: i == sizes.count - 1 ? outputScale : 1,
        from: weights.nested("layers.\(i - 1)"))
    }
    norms =
      isNormalized
      ? (1..<(sizes.count - 1)).map { LayerNorm(sizes[$0], from: weights.nested("norms.\($0 - 1)")) } : []
    self.activation = activation
    self.dropout = dropout
  }

  /// Maps `[..., sizes.first]` to `[..., sizes.last]`.
  package func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    let drop = Dropout(dropout)
    var x = layers[0](input, context)
    for i in layers.indices.dropFirst() {
      if !norms.isEmpty { x = norms[i - 1](x, context) }
      x = layers[i](drop(activation(x), context), context)
    }
    return x
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("layers", &layers)
    visit("norms", &norms)
  }
}
