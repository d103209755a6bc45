import LigaseNetworks
import LigaseTensors

/// One member of a drug-response network: lines and drugs become vectors that meet in a product and a small head.
///
/// ```
/// u = encoder(x) + A x + vector of the line      [K + 1]
/// v = projection(structure) + vector of the drug      [K + 1]
/// y = u_K + v_K + sum_k u_k v_k + head([u, v, u v])
/// ```
/// The learned vectors belong to the lines and drugs of training; every other one has the vector of the unknown, which
/// is trained by dropping known ones at random.
public struct PairNetwork: Module {
  /// What the network was built from.
  public let architecture: DrugResponseArchitecture
  /// Genes to K + 1, with ReLU between the layers.
  public var expressionEncoder: [Linear]
  /// Genes to K + 1 in one step, beside the layers.
  public var linearPath: Linear?
  /// The drug encoder's output to K + 1, with ReLU between the layers.
  public var drugProjection: [Linear]
  /// A vector for each known line, the last row for the unknown, `[lines + 1, K + 1]`.
  public var lineEmbedding: Embedding?
  /// A vector for each known drug, the last row for the unknown, `[drugs + 1, K + 1]`.
  public var drugEmbedding: Embedding?
  /// `[u, v, u v]` (2K without the product) to one number, with ReLU between the layers.
  public var head: [Linear] = []

  init(
    _ architecture: DrugResponseArchitecture, geneCount: Int, structureSize: Int, lineCount: Int,
    drugCount: Int,
    from weights: WeightBuilder
  ) {
    self.architecture = architecture
    let k = architecture.latentSize
    func stack(_ name: String, _ sizes: [Int], lastScale: Float = 1) -> [Linear] {
      (1..<sizes.count).map { i in
        Linear(
          sizes[i - 1], sizes[i], scale: i == sizes.count - 1 ? lastScale : 1,
          from: weights.nested("\(name).\(i - 1)"))
      }
    }
    // Encoders begin as small corrections of the learned vectors; alone, they begin larger.
    expressionEncoder = stack(
      "expression_encoder", [geneCount] + architecture.expressionHidden + [k + 1],
      lastScale: architecture.embedsLines ? 0.35 : 0.85)
    if architecture.hasLinearPath {
      linearPath = Linear(geneCount, k + 1, bias: false, scale: 0.1, from: weights.nested("linear_path"))
    }
    let hidden = architecture.structureHidden > 0 ? [architecture.structureHidden] : []
    drugProjection = stack(
      "drug_projection", [structureSize] + hidden + [k + 1], lastScale: architecture.embedsDrugs ? 0.35 : 0.85
    )
    if architecture.embedsLines {
      lineEmbedding = Embedding(
        lineCount + 1, k + 1, deviation: 0.1, from: weights.nested("line_embedding"))
    }
    if architecture.embedsDrugs {
      drugEmbedding = Embedding(
        drugCount + 1, k + 1, deviation: 0.1, from: weights.nested("drug_embedding"))
    }
    if !architecture.headHidden.isEmpty {
      head = stack("head", [architecture.usesProduct ? 3 * k : 2 * k] + architecture.headHidden + [1])
    }
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("expression_encoder", &expressionEncoder)
    visit("linear_path", &linearPath)
    visit("drug_projection", &drugProjection)
    visit("line_embedding", &lineEmbedding)
    visit("drug_embedding", &drugEmbedding)
    visit("head", &head)
  }

  func encodeLines(_ expression: Tensor, ids: [Int32], _ context: Context) -> Tensor {
    let genes = expression.dropped(architecture.geneDropout, context)
    var x = genes
    for layer in expressionEncoder.dropLast() {
      x = layer(x, context).relu().dropped(architecture.expressionDropout, context)
    }
    x = expressionEncoder.last!(x, context)
    if let linearPath { x = x + linearPath(genes, context) }
    return adding(lineEmbedding, ids: ids, to: x, context)
  }

  func encodeDrugs(_ structures: Tensor, ids: [Int32], _ context: Context) -> Tensor {
    var x = structures
    for layer in drugProjection.dropLast() {
      x = layer(x, context).relu().dropped(architecture.drugDropout, context)
    }
    return adding(drugEmbedding, ids: ids, to: drugProjection.last!(x, context), context)
  }

  private func adding(_ embedding: Embedding?, ids: [Int32], to x: Tensor, _ context: Context) -> Tensor {
    guard let embedding else { return x }
    let unknown = Int32(embedding.weight.shape[0] - 1)
    var rows = ids.map { $0 < 0 ? unknown : $0 }
    if context.isTraining, architecture.unknownRate > 0 {
      var random = SeededGenerator(seed: context.nextKey())
      for i in rows.indices where random.nextUniform() < Double(architecture.unknownRate) {
        rows[i] = unknown
      }
    }
    return x + embedding(rows)
  }

  /// The predictions `[N]` for the vectors of N pairs, `[N, K + 1]` each.
  func callAsFunction(u: Tensor, v: Tensor, _ context: Context) -> Tensor {
    let k = architecture.latentSize, n = u.shape[0]
    let line = u.slicedLast(0..<k), drug = v.slicedLast(0..<k)
    var y = (u + v).slicedLast(k..<(k + 1)).reshaped([n])
    var features = [line, drug]
    if architecture.usesProduct {
      let product = line * drug
      y = y + product.dropped(architecture.latentDropout, context).sum(alongAxis: 1)
      features.append(product)
    }
    guard let first = head.first else { return y }
    var hidden = first(Tensor.concatenated(features).dropped(architecture.latentDropout, context), context)
    for layer in head.dropFirst() {
      hidden = layer(hidden.relu().dropped(architecture.headDropout, context), context)
    }
    return y + hidden.reshaped([n])
  }
}
