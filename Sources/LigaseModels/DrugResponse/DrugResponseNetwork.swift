import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Predicts the response of a cell line with expression x to a drug with SMILES s: the mean of several members, which
/// share the encoder of SMILES and differ in all else.
///
/// Each distinct line and drug is encoded once a batch, however many pairs share it.
public struct DrugResponseNetwork: Module {
  /// What the network was built from.
  public let architecture: DrugResponseArchitecture
  /// SMILES tokens to 2H, or more.
  public var smilesEncoder: SMILESEncoder
  /// The members.
  public var members: [PairNetwork]

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - geneCount: the genes of an expression profile.
  ///   - tokenCount: the rows of the token embedding.
  ///   - lineCount: known lines.
  ///   - drugCount: known drugs.
  public init(
    _ architecture: DrugResponseArchitecture, geneCount: Int, tokenCount: Int, lineCount: Int, drugCount: Int,
    from weights: WeightBuilder
  ) {
    self.architecture = architecture
    smilesEncoder = SMILESEncoder(
      architecture, tokenCount: tokenCount, from: weights.nested("smiles_encoder"))
    members = (0..<architecture.members).map { m in
      PairNetwork(
        architecture, geneCount: geneCount,
        structureSize: SMILESEncoder.outputSize(architecture, tokenCount: tokenCount), lineCount: lineCount,
        drugCount: drugCount, from: weights.nested("members.\(m)"))
    }
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("smiles_encoder", &smilesEncoder)
    visit("members", &members)
  }

  /// The lines and drugs of a batch, encoded by each member: `[entities, K + 1]`.
  public struct Encoded: Sendable {
    var lines: [Tensor]
    var drugs: [Tensor]
  }

  /// Encodes lines and drugs.
  ///
  /// - Parameters:
  ///   - expression: `[lines, genes]`, scaled.
  ///   - lineIDs: for each line its row in the embedding; -1 for one not seen in training.
  ///   - tokens: the drugs' tokens.
  ///   - drugIDs: likewise for drugs.
  public func encode(
    expression: Tensor, lineIDs: [Int32], tokens: Ragged<Int32>, drugIDs: [Int32], _ context: Context
  ) -> Encoded {
    let structures = smilesEncoder(tokens, context).dropped(architecture.drugDropout, context)
    return Encoded(
      lines: members.map { $0.encodeLines(expression, ids: lineIDs, context) },
      drugs: members.map { $0.encodeDrugs(structures, ids: drugIDs, context) })
  }

  /// Each member's predictions `[pairs]` for pairs of encoded lines and drugs, named by their rows.
  public func callAsFunction(
    _ encoded: Encoded, lineOf: [Int32], drugOf: [Int32], _ context: Context
  ) -> [Tensor] {
    members.indices.map { m in
      members[m](
        u: encoded.lines[m].gatheredRows(lineOf), v: encoded.drugs[m].gatheredRows(drugOf), context)
    }
  }
}

extension Tensor {
  /// Dropout in training, nothing otherwise.
  func dropped(_ probability: Float, _ context: Context) -> Tensor {
    context.isTraining && probability > 0 ? dropout(probability: probability, key: context.nextKey()) : self
  }
}
