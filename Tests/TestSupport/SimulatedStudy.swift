import LigaseTensors

/// A small seeded drug-response study: responses are effects of drugs and cell lines, an interaction
/// explained by genes, and noise.
public struct SimulatedStudy: Sendable {
  /// The names of the cell lines: `L0`, `L1`, …
  public let lines: [String]
  /// The names of the genes: `G0`, `G1`, …
  public let genes: [String]
  /// The names of the drugs: `D0`, `D1`, …
  public let drugs: [String]
  /// The structures of the drugs.
  public let smiles: [String]
  /// Expression, cell lines × genes.
  public let values: [Float]
  /// Cell line, drug and response of each pair.
  public let pairs: [(line: Int, drug: Int, response: Float)]

  private static let structures = [
    "CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "CC(=O)Nc1ccc(O)cc1",
    "Clc1ccccc1", "C1CCNCC1", "O=C(O)c1ccncc1", "CN1CCC[C@H]1c1cccnc1", "NCCc1ccc(O)c(O)c1",
    "FC(F)(F)c1ccccc1N",
  ]

  /// Draws a study; there are ten structures, which additional drugs share.
  public init(lines: Int = 30, genes: Int = 20, drugs: Int = 10, pairs: Int = 250, seed: UInt64 = 1) {
    var random = SeededGenerator(seed: seed, stream: "study")
    self.lines = (0..<lines).map { "L\($0)" }
    self.genes = (0..<genes).map { "G\($0)" }
    self.drugs = (0..<drugs).map { "D\($0)" }
    smiles = (0..<drugs).map { Self.structures[$0 % Self.structures.count] }
    let values = (0..<(lines * genes)).map { _ in Float((random.nextUniform() * 8000).rounded() / 1000) }
    self.values = values
    let effects = (0..<drugs).map { _ in 2 * random.nextNormal() }
    var cells = Array(0..<(lines * drugs))
    random.shuffle(&cells)
    self.pairs = cells.prefix(pairs).sorted().map { cell in
      let (line, drug) = (cell / drugs, cell % drugs)
      let gene = Double(values[line * genes + drug % genes]) - 4
      let response = effects[drug] + 0.5 * gene + 0.2 * random.nextNormal()
      return (line, drug, Float((response * 1e4).rounded() / 1e4))
    }
  }

  /// Expression as CSV, with a row for each cell line.
  public var expressionText: String {
    var text = (["line"] + genes).joined(separator: ",") + "\n"
    for (i, line) in lines.enumerated() {
      text +=
        line + ","
        + values[(i * genes.count)..<((i + 1) * genes.count)].map { "\($0)" }.joined(separator: ",")
      text += "\n"
    }
    return text
  }

  /// Names and structures as CSV.
  public var drugsText: String {
    "drug,CanonicalSMILES\n" + zip(drugs, smiles).map { "\($0),\($1)\n" }.joined()
  }

  /// Pairs and responses as CSV.
  public var responseText: String {
    "line,drug,value\n" + pairs.map { "\(lines[$0.line]),\(drugs[$0.drug]),\($0.response)\n" }.joined()
  }

  /// Writes `expression.csv`, `drugs.csv` and `response.csv`.
  public func write(to folder: TemporaryFolder) {
    folder.write(expressionText, to: "expression.csv")
    folder.write(drugsText, to: "drugs.csv")
    folder.write(responseText, to: "response.csv")
  }
}
