import LigaseFormats

extension SMILESModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let tokenizer = (preparation as? SMILESPreparation)?.tokenizer ?? SMILESTokenizer()
    let table = try Table(contentsOf: file.path)
    let drugs = try DrugTable(
      table, idColumn: file.key.flatMap { table.hasColumn($0) ? $0 : nil }, tokenizer: tokenizer)
    return ReadInput(ids: drugs.ids, drugs, SMILESModality(), notes: [drugs.report].compactMap { $0 })
  }
}
