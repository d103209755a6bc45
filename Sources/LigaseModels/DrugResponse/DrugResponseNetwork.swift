import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Predicts the response of a cell line with expression x to a drug with SMILES s.
///
/// ```
/// u = encoder(x) + vector of the line      [K + 1]
/// v = projection(encoder(s)) + vector of the drug      [K + 1]
/// y = u_K + v_K + sum_k u_k v_k + head([u, v, u v])
/// ```
/// The learned vectors belong to the lines and drugs of training; every other one has the vector of the unknown, which
/// is trained by dropping known ones at random. Each distinct line and drug is encoded once a batch, however many pairs
/// share it, and the head's first layer is applied to `u` and `v` before they are paired.
public struct DrugResponseNetwork: Module {
  /// What the network was built from.
  public let architecture: DrugResponseArchitecture
  /// Genes to K + 1, with ReLU between the layers.
  public var expressionEncoder: [Linear]
  /// SMILES tokens to 2H.
  public var smilesEncoder: SMILESEncoder
  /// 2H to K + 1.
  public var drugProjection: Linear
  /// A vector for each known line, the last row for the unknown, `[lines + 1, K + 1]`.
  public var lineEmbedding: Embedding?
  /// A vector for each known drug, the last row for the unknown, `[drugs + 1, K + 1]`.
  public var drugEmbedding: Embedding?
  /// `[u, v, u v]` (3K, or 2K without the product) to one number, with ReLU between the layers.
  public var head: [Linear]

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - geneCount: the genes of an expression profile.
  ///   - tokenCount: the rows of the token embedding.
  ///   - lineCount: known lines.
  ///   - drugCount: known drugs.
  public init(
    _ architecture: DrugResponseArchitecture, geneCount: Int, tokenCount: Int, lineCount: Int, drugCount: Int,
    using random: inout SeededGenerator
  ) {
    self.architecture = architecture
    let k = architecture.latentSize
    expressionEncoder = Self.stack([geneCount] + architecture.expressionHidden + [k + 1], using: &random)
    smilesEncoder = SMILESEncoder(architecture, tokenCount: tokenCount, using: &random)
    drugProjection = Linear(2 * architecture.drugHidden, k + 1, using: &random)
    if architecture.embedsLines { lineEmbedding = Embedding(lineCount + 1, k + 1, deviation: 0.1, using: &random) }
    if architecture.embedsDrugs { drugEmbedding = Embedding(drugCount + 1, k + 1, deviation: 0.1, using: &random) }
    head = Self.stack([architecture.usesProduct ? 3 * k : 2 * k] + architecture.headHidden + [1], using: &random)
  }

  private static func stack(_ sizes: [Int], using random: inout SeededGenerator) -> [Linear] {
    zip(sizes, sizes.dropFirst()).map { Linear($0, $1, using: &random) }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("expression_encoder", &expressionEncoder)
    visit("smiles_encoder", &smilesEncoder)
    visit("drug_projection", &drugProjection)
    visit("line_embedding", &lineEmbedding)
    visit("drug_embedding", &drugEmbedding)
    visit("head", &head)
  }

  /// The distinct lines or drugs of a batch, encoded: `[entities, K + 1]`.
  public struct Encoded: Sendable {
    /// u or v.
    public var latent: Tensor
  }

  /// Encodes lines.
  ///
  /// - Parameters:
  ///   - expression: `[lines, genes]`, scaled.
  ///   - ids: for each its row in the embedding; -1 for a line not seen in training.
  public func encodeLines(_ expression: Tensor, ids: [Int32], _ context: Context) -> Encoded {
    var x = expression
    if context.isTraining { x = x.dropout(probability: architecture.geneDropout, key: context.nextKey()) }
    for (i, layer) in expressionEncoder.enumerated() {
      x = layer(x, context)
      guard i < expressionEncoder.count - 1 else { break }
      x = x.relu()
      if context.isTraining { x = x.dropout(probability: architecture.expressionDropout, key: context.nextKey()) }
    }
    return Encoded(latent: adding(lineEmbedding, ids: ids, to: x, context))
  }

  /// Encodes drugs, each given by its tokens and its row in the embedding (-1 for a drug not seen in training).
  public func encodeDrugs(_ tokens: Ragged<Int32>, ids: [Int32], _ context: Context) -> Encoded {
    var x = smilesEncoder(tokens, context)
    if context.isTraining { x = x.dropout(probability: architecture.drugDropout, key: context.nextKey()) }
    return Encoded(latent: adding(drugEmbedding, ids: ids, to: drugProjection(x, context), context))
  }

  private func adding(_ embedding: Embedding?, ids: [Int32], to x: Tensor, _ context: Context) -> Tensor {
    guard let embedding else { return x }
    let unknown = Int32(embedding.weight.shape[0] - 1)
    var rows = ids.map { $0 < 0 ? unknown : $0 }
    if context.isTraining, architecture.unknownRate > 0 {
      var random = SeededGenerator(seed: context.nextKey())
      for i in rows.indices where random.nextUniform() < Double(architecture.unknownRate) { rows[i] = unknown }
    }
    return x + embedding(rows)
  }

  /// The predictions `[pairs]` for pairs of encoded lines and drugs, named by their rows.
  public func callAsFunction(
    lines: Encoded, drugs: Encoded, lineOf: [Int32], drugOf: [Int32], _ context: Context
  ) -> Tensor {
    let k = architecture.latentSize
    func dropped(_ x: Tensor, _ rate: Float) -> Tensor {
      context.isTraining && rate > 0 ? x.dropout(probability: rate, key: context.nextKey()) : x
    }
    let u = lines.latent.slicedLast(0..<k), v = drugs.latent.slicedLast(0..<k)
    let bias =
      lines.latent.slicedLast(k..<(k + 1)).gatheredRows(lineOf)
      + drugs.latent.slicedLast(k..<(k + 1)).gatheredRows(drugOf)
    // Dropping entries of u and v once an entity lets the first layer run before the pairing.
    let (du, dv) = (dropped(u, architecture.latentDropout), dropped(v, architecture.latentDropout))
    let first = head[0].weight
    var hidden =
      du.linear(weight: first.slicedLast(0..<k), bias: head[0].bias).gatheredRows(lineOf)
      + dv.linear(weight: first.slicedLast(k..<(2 * k)), bias: nil).gatheredRows(drugOf)
    var y = bias
    if architecture.usesProduct {
      let product = u.gatheredRows(lineOf) * v.gatheredRows(drugOf)
      let kept = dropped(product, architecture.latentDropout)
      hidden = hidden + kept.linear(weight: first.slicedLast((2 * k)..<(3 * k)), bias: nil)
      y = y + kept.sum(alongAxis: 1).reshaped([lineOf.count, 1])
    }
    for layer in head.dropFirst() {
      hidden = layer(dropped(hidden.relu(), architecture.headDropout), context)
    }
    return (y + hidden).reshaped([lineOf.count])
  }
}
