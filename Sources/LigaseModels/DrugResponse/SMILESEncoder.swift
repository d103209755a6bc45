import LigaseNetworks
import LigaseTensors

/// Encodes SMILES tokens of N drugs as `[N, 2H]`: a vector a token, then a bidirectional recurrent network averaged over
/// each string's own length, or two convolutions and the maximum over the string. On wish `ln(1 + count)` of every token
/// and of all of them stand beside that, scaled over the training drugs: `[N, 2H + tokens + 1]`.
public struct SMILESEncoder: Module {
  /// One vector a token; row 0 is the unknown token.
  public var embedding: Embedding
  /// The recurrent encoder, unless the encoder is a `cnn`.
  public var recurrent: Recurrent?
  /// The convolutions, `[2H, C, 7]` and `[2H, 2H, 5]`, of a `cnn`.
  public var convolutions: [Conv1d]
  /// The means and the inverse deviations of the counts, `[2, tokens + 1]`.
  public var countScale: Tensor?

  /// An encoder for a vocabulary of `tokenCount` tokens.
  public init(_ architecture: DrugResponseArchitecture, tokenCount: Int, from weights: WeightBuilder) {
    embedding = Embedding(tokenCount, architecture.tokenSize, from: weights.nested("embedding"))
    let h = architecture.drugHidden
    func stack(_ cell: RecurrentCell) -> Recurrent {
      Recurrent(
        cell, inputSize: architecture.tokenSize, hiddenSize: h, layerCount: architecture.drugLayers,
        isBidirectional: true, dropout: architecture.drugDropout, from: weights.nested("recurrent"))
    }
    convolutions = []
    switch architecture.drugEncoder {
    case .lstm: recurrent = stack(.lstm)
    case .gru: recurrent = stack(.gru)
    case .rnn: recurrent = stack(.tanh)
    case .cnn:
      convolutions = [
        Conv1d(
          architecture.tokenSize, 2 * h, kernelSize: 7, padding: .same, from: weights.nested("convolutions.0")
        ),
        Conv1d(2 * h, 2 * h, kernelSize: 5, padding: .same, from: weights.nested("convolutions.1")),
      ]
    }
    if architecture.readsCounts { countScale = weights.constant("count_scale", [2, tokenCount + 1], 0) }
  }

  /// The number of output channels.
  static func outputSize(_ architecture: DrugResponseArchitecture, tokenCount: Int) -> Int {
    2 * architecture.drugHidden + (architecture.readsCounts ? tokenCount + 1 : 0)
  }

  /// `[N, 2H]`, with the counts behind where they are read.
  public func callAsFunction(_ tokens: Ragged<Int32>, _ context: Context) -> Tensor {
    let sequence = encode(tokens, context)
    guard let countScale else { return sequence }
    var scaled = (counts(tokens) - countScale.slicedFirst(0..<1)) * countScale.slicedFirst(1..<2)
    scaled.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = min(max($0[i], -3), 3) } }
    return .concatenated([sequence, scaled])
  }

  private func encode(_ tokens: Ragged<Int32>, _ context: Context) -> Tensor {
    let embedded = embedding(tokens)
    if let recurrent { return recurrent(embedded, context).meanOverLength() }
    var steps = embedded
    for convolution in convolutions { steps = convolution(steps).mapValues { $0.relu() } }
    return steps.maxOverLength()
  }

  /// `ln(1 + count)` of every token and of all of them, `[N, tokens + 1]`.
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

  /// Scales the counts to mean 0 and deviation 1 over the training drugs; a token that never varies counts nothing.
  mutating func fitCounts(_ tokens: Ragged<Int32>) {
    guard countScale != nil else { return }
    let counts = counts(tokens)
    let means = counts.mean(alongAxis: 0), squares = (counts - means).squared().mean(alongAxis: 0)
    let inverses = squares.scalars.map { $0 > 1e-8 ? 1 / $0.squareRoot() : 0 }
    countScale = Tensor(means.scalars + inverses, shape: [2, means.count])
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("recurrent", &recurrent)
    visit("convolutions", &convolutions)
    if countScale != nil { visit.buffer("count_scale", &countScale!) }
  }
}
