import Ligase

/// Classifies a sequence of bases, as tokens 0 to 3, by whether it contains a motif: embedding, bidirectional LSTM,
/// maximum over the sequence, one logit.
struct MotifClassifier: Module {
  var embedding: Embedding
  var recurrent: Recurrent
  var output: Linear

  init(from weights: WeightBuilder) {
    embedding = Embedding(4, 8, from: weights.nested("embedding"))
    recurrent = Recurrent(
      .lstm, inputSize: 8, hiddenSize: 32, isBidirectional: true, from: weights.nested("recurrent"))
    output = Linear(recurrent.outputSize, 1, from: weights.nested("output"))
  }

  /// Logits `[N, 1]`.
  func callAsFunction(_ bases: Ragged<Int32>, _ context: Context) -> Tensor {
    output(recurrent(embedding(bases), context).maxOverLength(), context)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("recurrent", &recurrent)
    visit("output", &output)
  }
}
