import LigaseFormats
import LigaseRuntime

/// Drugs with their names and tokenised SMILES.
package struct DrugTable: Sendable {
  /// The distinct names of the drugs, in file order.
  package let ids: [String]
  /// The tokens of each drug's SMILES.
  package let tokens: [[String]]
  /// The drugs without a readable SMILES, each with the reason.
  package let skipped: [(id: String, reason: String)]

  /// Reads names and SMILES from a table.
  ///
  /// - Parameters:
  ///   - idColumn: the column of names; nil uses the first column.
  ///   - smilesColumn: the column of SMILES; nil uses `CanonicalSMILES`, `IsomericSMILES` or the only column
  ///     with `smiles` in its name.
  /// A drug without SMILES, or with one that cannot be read, is skipped.
  ///
  /// - Throws: `FormatError` with the position of a missing column or a repeated name, or where no drug
  ///   remains.
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
    var (kept, tokens, skipped): ([String], [[String]], [(id: String, reason: String)]) = ([], [], [])
    for (row, text) in try table.strings(column).enumerated() {
      if text.isEmpty || MissingValue.isMissing(text.utf8) {
        skipped.append((ids[row], "no SMILES"))
        continue
      }
      do {
        tokens.append(try tokenizer.tokens(text))
        kept.append(ids[row])
      } catch {
        skipped.append((ids[row], "line \(table.line(ofRow: row)): \(error)"))
        if skipped.count == ids.count {
          throw table.error(row: row, column: index, "drug \(FormatError.quoted(ids[row])): \(error)")
        }
      }
    }
    guard !kept.isEmpty else {
      throw table.error(row: 0, column: index, "found no drug with readable SMILES")
    }
    (self.ids, self.tokens, self.skipped) = (kept, tokens, skipped)
  }

  /// Creates a table of the drugs of a model.
  package init(ids: [String], tokens: [[String]]) {
    (self.ids, self.tokens, skipped) = (ids, tokens, [])
  }

  /// A note about the drugs that were skipped.
  package var report: String? {
    guard !skipped.isEmpty else { return nil }
    let shown = skipped.prefix(3).map { "\($0.id) (\($0.reason))" }.joined(separator: ", ")
    return
      "skipped \(skipped.count.grouped) of \((ids.count + skipped.count).counted("drug")) with unreadable SMILES: \(shown)"
      + (skipped.count > 3 ? ", …" : "")
  }

  private static func smilesColumn(of table: Table) throws -> String {
    for name in ["CanonicalSMILES", "IsomericSMILES"] where table.hasColumn(name) { return name }
    let named = table.columnNames.filter { $0.lowercased().contains("smiles") }
    guard named.count == 1 else {
      throw JoinError(
        "\(table.spokenPath): cannot tell which column contains SMILES: found \(FormatError.list(table.columnNames))",
        remedy: .nameSMILESColumn)
    }
    return named[0]
  }
}
