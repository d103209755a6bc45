import LigaseTensors

/// Structures of molecules as SMILES.
package struct SMILESModality: Modality {
  package static let name = "smiles"
  package static let axes = 1
  /// The treatment of salts.
  package var salts = SMILESTokenizer.Salts.keep

  package init() {}

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: SMILESPreparation, encoded: any EncodedRecords
  ) {
    let drugs = records as! DrugTable
    var preparation = SMILESPreparation(
      tokenizer: SMILESTokenizer(salts: salts), vocabulary: SMILESVocabulary(rows.map { drugs.tokens[$0] }))
    preparation.drugs = rows.map { .init(id: drugs.ids[$0], smiles: drugs.tokens[$0].joined()) }
    return (preparation, preparation.encode(drugs))
  }
}

/// The conversion of SMILES to token numbers, stored in the model.
package struct SMILESPreparation: Preparation {
  package static let modality = SMILESModality.name
  /// The tokenizer of SMILES.
  package var tokenizer: SMILESTokenizer
  /// The tokens of training records.
  package var vocabulary: SMILESVocabulary
  /// The drugs of the training data; nil in files of earlier versions.
  package var drugs: [Drug]?

  /// A drug of the training data.
  package struct Drug: Codable, Hashable, Sendable {
    package var id: String
    package var smiles: String
  }

  /// The drugs of the training data as a table; nil where they are unknown or cannot be read.
  package var knownDrugs: DrugTable? {
    guard let drugs else { return nil }
    var tokens: [[String]] = []
    for drug in drugs {
      guard let found = try? SMILESTokenizer().tokens(drug.smiles) else { return nil }
      tokens.append(found)
    }
    return DrugTable(ids: drugs.map(\.id), tokens: tokens)
  }

  package init(tokenizer: SMILESTokenizer, vocabulary: SMILESVocabulary) {
    (self.tokenizer, self.vocabulary) = (tokenizer, vocabulary)
  }

  package func encode(_ records: any Records) -> any EncodedRecords {
    EncodedTokens((records as! DrugTable).tokens.map(vocabulary.encode))
  }

  package var shape: InputShape { InputShape(steps: 0, tokens: vocabulary.count) }
  package var problem: String? { nil }

  package var summary: [(name: String, value: String)] { [("tokens", "\(vocabulary.count)")] }
}

/// The token numbers of records.
package struct EncodedTokens: EncodedRecords {
  package let tokens: [[Int32]]
  package init(_ tokens: [[Int32]]) { self.tokens = tokens }
  package var count: Int { tokens.count }
  package func weight(of record: Int) -> Int { max(1, tokens[record].count) }
  package func batch(_ records: [Int], view: Int) -> InputBatch {
    .tokens(Ragged(records.map { tokens[$0] }))
  }
  package func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch { batch(records, view: 0) }
}

extension DrugTable: Records {
  package var count: Int { ids.count }
  package var stepColumns: [String] { ["token"] }
  package func stepCount(of record: Int) -> Int { tokens[record].count }
  package func stepFields(of record: Int, step: Int) -> [String] { [tokens[record][step]] }

  package func selecting(_ rows: [Int]) -> DrugTable {
    DrugTable(ids: rows.map { ids[$0] }, tokens: rows.map { tokens[$0] })
  }

  package func add(to digest: inout some ContentDigest) {
    digest.add(ids)
    digest.add(Array(tokens.joined()))
  }
}
