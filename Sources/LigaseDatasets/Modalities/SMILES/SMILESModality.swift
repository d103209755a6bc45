import LigaseTensors

/// Structures of molecules as SMILES.
package struct SMILESModality: Modality {
  package static let name = "smiles"
  package static let axes = 1
  /// What happens to salts.
  package var salts = SMILESTokenizer.Salts.keep

  package init() {}

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: SMILESPreparation, encoded: any EncodedRecords
  ) {
    let drugs = records as! DrugTable
    let preparation = SMILESPreparation(
      tokenizer: SMILESTokenizer(salts: salts), vocabulary: SMILESVocabulary(rows.map { drugs.tokens[$0] }))
    return (preparation, preparation.encode(drugs))
  }
}

/// How SMILES become token numbers; kept with the model.
package struct SMILESPreparation: Preparation {
  package static let modality = SMILESModality.name
  /// How SMILES are cut into tokens.
  package var tokenizer: SMILESTokenizer
  /// The tokens of training records.
  package var vocabulary: SMILESVocabulary

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

/// Token numbers of records.
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

  package func add(to digest: inout some ContentDigest) {
    digest.add(ids)
    digest.add(Array(tokens.joined()))
  }
}
