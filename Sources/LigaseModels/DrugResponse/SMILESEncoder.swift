import LigaseNetworks
import LigaseTensors

/// Encodes SMILES tokens of N drugs as `[N, 2H + P]`: a vector a token, then a bidirectional recurrent network averaged
/// over each string's own length, or two convolutions and the maximum over the string; beside it a layer that reads
/// `ln(1 + count)` of every token and the logarithm of the length.
public struct SMILESEncoder: Module {
  /// One vector a token; row 0 is the unknown token.
  public var embedding: Embedding
  /// The recurrent encoder, unless the encoder is a `cnn`.
  public var recurrent: Recurrent?
  /// The convolutions, `[2H, C, 7]` and `[2H, 2H, 5]`, of a `cnn`.
  public var convolutions: [Conv1d]

  /// Normalised token counts to P.
  public var composition: Linear?

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
    if architecture.compositionHidden > 0 {
      composition = Linear(tokenCount + 1, architecture.compositionHidden, using: &random)
    }
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

  /// `[N, 2H + P]`.
  public func callAsFunction(_ tokens: Ragged<Int32>, _ context: Context) -> Tensor {
    let sequence = encode(tokens, context)
    guard let composition else { return sequence }
    return .concatenated([sequence, composition(counts(tokens), context).relu()])
  }

  /// `ln(1 + count)` of every token and the logarithm of the length, `[N, tokens + 1]`.
  private func counts(_ tokens: Ragged<Int32>) -> Tensor {
    let width = embedding.weight.shape[0] + 1, layout = tokens.layout
    var counts = Tensor.zeros([layout.count, width])
    counts.withUnsafeMutableBufferPointer { out in
      for s in 0..<layout.count {
        for i in layout.offsets[s]..<layout.offsets[s + 1] { out[s * width + Int(tokens.elements[i])] += 1 }
        out[(s + 1) * width - 1] = Float(layout.lengths[s])
      }
    }
    return (counts + 1).log()
  }

  private func encode(_ tokens: Ragged<Int32>, _ context: Context) -> Tensor {
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
    visit("composition", &composition)
  }
}

extension DrugResponseArchitecture {
  /// The number of channels of the drug encoder's output, 2H + P.
  var structureSize: Int { 2 * drugHidden + compositionHidden }
}
