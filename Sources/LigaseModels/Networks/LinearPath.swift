import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// A linear layer from an input to outputs or factors: from all its numbers, from the positional k-mers of
/// sequences of one length, or, where lengths differ, from the counts of k-mers.
package struct LinearPath: Module {
  /// The linear layer.
  var layer: Linear
  private let counts: KMerCountFeatures?
  private let places: PositionalKMers?
  private let isOfSteps: Bool
  private let inputDropout: Float

  /// Returns nil for tokens without a common length, which a linear layer cannot read.
  init?(
    _ options: EncoderOptions, _ shape: InputShape, outputs: Int, isOfSteps: Bool, bias: Bool, scale: Float,
    from weights: WeightBuilder
  ) {
    (self.isOfSteps, inputDropout) = (isOfSteps, options.inputDropout)
    let channels = shape.tokens > 0 ? options.embeddingSize : shape.channels
    func layer(_ inputs: Int) -> Linear { Linear(inputs, outputs, bias: bias, scale: scale, from: weights) }
    if isOfSteps {
      (self.layer, counts, places) = (layer(channels), nil, nil)
    } else if shape.isOneHot, let length = shape.length, options.linearWordLength > 1 {
      let found = PositionalKMers(letters: shape.channels, longest: options.linearWordLength)
      (self.layer, counts, places) = (layer(length * found.count), nil, found)
    } else if shape.isRow || shape.length != nil {
      (self.layer, counts, places) = (layer(shape.isRow ? channels : shape.length! * channels), nil, nil)
    } else if shape.isOneHot {
      let found = KMerCountFeatures(letters: shape.channels)
      (self.layer, counts, places) = (layer(found.count), found, nil)
    } else {
      return nil
    }
  }

  /// Returns the outputs `[N, O]`, or `[sum of L, O]` where every step has outputs.
  ///
  /// - Parameters:
  ///   - input: the batch before dropout.
  ///   - dropped: the batch after the dropout of the encoder.
  func callAsFunction(_ input: InputBatch, dropped: EncodedBatch, _ context: Context) -> Tensor {
    if let rows = dropped.input.rows { return layer(rows, context) }
    if let places { return layer(Dropout(inputDropout)(places(input), context), context) }
    if let counts { return layer(counts(input), context) }
    if isOfSteps { return layer(dropped.input.steps!.values, context) }
    if input.isOfTokens { return layer(dropped.input.steps!.values.asRows(input.count), context) }
    if case .shared(let steps) = dropped.input {
      return steps.linearOverAllSteps(weight: layer.weight, bias: layer.bias)
    }
    return dropped.input.steps!.linearOverAllSteps(weight: layer.weight, bias: layer.bias)
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) { layer.visitParameters(visit) }
}
