import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// Profiles and structures as the network reads them, with the rows of their learned vectors.
struct DrugResponseInputs: Sendable {
  /// Scaled expression, `[lines, genes]`.
  let expression: Tensor
  /// For each line its row among the lines of training, or -1.
  let lineIDs: [Int32]
  /// Token numbers of each drug.
  let tokens: [[Int32]]
  /// For each drug its row among the drugs of training, or -1.
  let drugIDs: [Int32]

  init(_ manifest: DrugResponseModel.Manifest, expression: ExpressionMatrix, drugs: DrugTable) {
    self.expression = Tensor(
      manifest.expression.apply(expression.values), shape: [expression.samples.count, expression.genes.count])
    lineIDs = Self.rows(of: expression.samples, in: manifest.lines)
    tokens = drugs.tokens.map(manifest.vocabulary.encode)
    drugIDs = Self.rows(of: drugs.ids, in: manifest.drugs)
  }

  private static func rows(of ids: [String], in known: [String]) -> [Int32] {
    let index = Dictionary(
      known.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    return ids.map { index[$0] ?? -1 }
  }

  /// The distinct lines and drugs among pairs, and each pair's place among them.
  func batch(lines: [Int32], drugs: [Int32]) -> Batch {
    let (distinctLines, lineOf) = Self.distinct(lines, below: lineIDs.count)
    let (distinctDrugs, drugOf) = Self.distinct(drugs, below: drugIDs.count)
    return Batch(
      expression: expression.gatheredRows(distinctLines), lineIDs: distinctLines.map { lineIDs[Int($0)] },
      tokens: Ragged(distinctDrugs.map { tokens[Int($0)] }), drugIDs: distinctDrugs.map { drugIDs[Int($0)] },
      lineOf: lineOf, drugOf: drugOf)
  }

  private static func distinct(_ values: [Int32], below count: Int) -> (distinct: [Int32], placeOf: [Int32]) {
    var place = [Int32](repeating: -1, count: count)
    for value in values { place[Int(value)] = 0 }
    var distinct: [Int32] = []
    for value in place.indices where place[value] == 0 {
      place[value] = Int32(distinct.count)
      distinct.append(Int32(value))
    }
    return (distinct, values.map { place[Int($0)] })
  }

  /// What one call of the network reads.
  struct Batch: Sendable {
    let expression: Tensor
    let lineIDs: [Int32]
    let tokens: Ragged<Int32>
    let drugIDs: [Int32]
    let lineOf: [Int32]
    let drugOf: [Int32]
  }
}

extension DrugResponseNetwork {
  /// The loss of a batch: each member's mean squared error, and the penalty on the size of its vectors.
  func loss(
    _ batch: DrugResponseInputs.Batch, targets: Tensor, linePenalty: Float, drugPenalty: Float,
    _ context: Context
  ) -> Tensor {
    let encoded = encode(batch, context)
    var total = Tensor(0)
    for output in self(encoded, lineOf: batch.lineOf, drugOf: batch.drugOf, context) {
      total = total + (output - targets).squared().mean()
    }
    for (vectors, penalty) in [(encoded.lines, linePenalty), (encoded.drugs, drugPenalty)] where penalty > 0 {
      for latent in vectors { total = total + penalty * latent.squared().sum() }
    }
    return total
  }

  func encode(_ batch: DrugResponseInputs.Batch, _ context: Context) -> Encoded {
    encode(
      expression: batch.expression, lineIDs: batch.lineIDs, tokens: batch.tokens, drugIDs: batch.drugIDs,
      context)
  }

  /// The members' mean output for any number of pairs, each line and drug encoded once.
  func outputs(_ inputs: DrugResponseInputs, lines: [Int32], drugs: [Int32]) -> [Float] {
    let batch = inputs.batch(lines: lines, drugs: drugs)
    let encoded = encode(batch, .inference)
    var result: [Float] = []
    result.reserveCapacity(lines.count)
    for start in stride(from: 0, to: lines.count, by: 4096) {
      let range = start..<min(start + 4096, lines.count)
      let outputs = self(
        encoded, lineOf: Array(batch.lineOf[range]), drugOf: Array(batch.drugOf[range]), .inference)
      let sum = outputs.dropFirst().reduce(outputs[0], +)
      result += (sum / Float(outputs.count)).scalars
    }
    return result
  }
}

extension ProfileKernel {
  /// Fits the kernel on the lines of some pairs; every drug among them is a known one.
  init(
    fitting inputs: DrugResponseInputs, pairs: DrugResponsePairs, targets: [Float], rows: [Int],
    drugNumber: [Int32: Int32], baseline: ResponseBaseline
  ) {
    let ids = Set(rows.map { pairs.lines[$0] }).sorted()
    let place = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, Int32($0)) })
    self.init(
      fitting: inputs.expression.gatheredRows(ids), lines: rows.map { place[pairs.lines[$0]]! },
      drugs: rows.map { drugNumber[pairs.drugs[$0]]! }, responses: rows.map { targets[$0] },
      drugMeans: baseline.drugEffects.indices.map { baseline.value(drug: Int32($0), line: -1) })
  }
}
