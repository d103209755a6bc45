import LigaseNetworks
import LigaseTensors

/// Encodes SMILES tokens of N drugs as `[N, 2H]`: a vector a token, then a bidirectional recurrent network averaged over
/// each string's own length, or two convolutions and the maximum over the string.
public struct SMILESEncoder: Module {
  /// One vector a token; row 0 is the unknown token.
  public var embedding: Embedding
  /// The recurrent encoder, unless the encoder is a `cnn`.
  public var recurrent: Recurrent?
  /// The convolutions, `[2H, C, 7]` and `[2H, 2H, 5]`, of a `cnn`.
  public var convolutions: [Conv1d]

  /// An encoder for a vocabulary of `tokenCount` tokens.
  public init(_ architecture: DrugResponseArchitecture, tokenCount: Int, using random: inout SeededGenerator) {
    embedding = Embedding(tokenCount, architecture.tokenSize, using: &random)
    let h = architecture.drugHidden
    func stack(_ cell: RecurrentCell) -> Recurrent {
      Recurrent(
        cell, inputSize: architecture.tokenSize, hiddenSize: h, layerCount: architecture.drugLayers,
        isBidirectional: true, dropout: architecture.drugDropout, using: &random)
    }
    convolutions = []
    switch architecture.drugEncoder {
    case .lstm: recurrent = stack(.lstm)
    case .gru: recurrent = stack(.gru)
    case .rnn: recurrent = stack(.tanh)
    case .cnn:
      convolutions = [
        Conv1d(architecture.tokenSize, 2 * h, kernelSize: 7, padding: .same, using: &random),
        Conv1d(2 * h, 2 * h, kernelSize: 5, padding: .same, using: &random),
      ]
    }
  }

  /// `[N, 2H]`.
  public func callAsFunction(_ tokens: Ragged<Int32>, _ context: Context) -> Tensor {
    let embedded = embedding(tokens)
    if let recurrent { return recurrent(embedded, context).meanOverLength() }
    var steps = embedded
    for convolution in convolutions { steps = convolution(steps).mapValues { $0.relu() } }
    return steps.maxOverLength()
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("recurrent", &recurrent)
    visit("convolutions", &convolutions)
  }
}
