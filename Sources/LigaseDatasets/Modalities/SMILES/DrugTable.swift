import LigaseFormats

/// Drugs by name with their SMILES, tokenised.
package struct DrugTable: Sendable {
  /// The drugs' names, in file order, each once.
  package let ids: [String]
  /// The tokens of each drug's SMILES.
  package let tokens: [[String]]

  /// Reads names and SMILES from a table.
  ///
  /// - Parameters:
  ///   - idColumn: the column of names; nil takes the first column.
  ///   - smilesColumn: the column of SMILES; nil takes `CanonicalSMILES`, `IsomericSMILES` or the only column with
  ///     `smiles` in its name.
  /// - Throws: `FormatError` with the place of a missing column, a repeated name or a SMILES that cannot be read.
  package init(
    _ table: Table, idColumn: String? = nil, smilesColumn: String? = nil, tokenizer: SMILESTokenizer
  ) throws {
    try table.requireRows()
    let ids = try table.strings(idColumn ?? table.columnNames[0])
    let column = try smilesColumn ?? Self.smilesColumn(of: table)
    let index = try table.index(ofColumn: column)
    let idIndex = try table.index(ofColumn: idColumn ?? table.columnNames[0])
    var firstRow: [String: Int] = [:]
    for (row, id) in ids.enumerated() {
      if id.isEmpty { throw table.error(row: row, column: idIndex, "found an empty drug name, expected one") }
      if let first = firstRow.updateValue(row, forKey: id) {
        throw table.error(
          row: row, column: idIndex,
          "found the drug \(FormatError.quoted(id)) again, first on line \(table.line(ofRow: first)); expected it once"
        )
      }
    }
    tokens = try table.strings(column).enumerated().map { row, text in
      do {
        return try tokenizer.tokens(text)
      } catch let error as SMILESError {
        throw table.error(row: row, column: index, "drug \(FormatError.quoted(ids[row])): \(error)")
      }
    }
    self.ids = ids
  }

  private static func smilesColumn(of table: Table) throws -> String {
    for name in ["CanonicalSMILES", "IsomericSMILES"] where table.hasColumn(name) { return name }
    let named = table.columnNames.filter { $0.lowercased().contains("smiles") }
    guard named.count == 1 else {
      throw JoinError(
        "\(table.spokenPath): cannot tell which column holds SMILES: found \(FormatError.list(table.columnNames))",
        remedy: .nameSMILESColumn)
    }
    return named[0]
  }
}
