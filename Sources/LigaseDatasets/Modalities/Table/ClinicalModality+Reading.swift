import LigaseFormats

extension ClinicalModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let table = try Table(contentsOf: file.path)
    try table.requireRows()
    let key =
      try file.key.flatMap { table.hasColumn($0) ? $0 : nil } ?? keyColumn(of: table, file.possibleIDs)
    let ids = try table.ids(key)
    let (records, notes) =
      if let fitted = preparation as? ClinicalPreparation {
        try ClinicalRecords.read(table, as: fitted)
      } else {
        try ClinicalRecords.read(table, excluding: file.excluded.union([key]), kinds: file.kinds)
      }
    return ReadInput(
      ids: (0..<table.rowCount).map { ids[$0] }, records, ClinicalModality(),
      notes: table.notices.map { "\($0)" } + notes)
  }

  /// The column that holds most of the names that records may have; the first where none does.
  private static func keyColumn(of table: Table, _ possible: [String]) throws -> String {
    let known = Set(possible)
    var (best, most) = (table.columnNames[0], 0)
    for name in table.columnNames {
      let found = Set(try table.strings(name)).intersection(known).count
      if found > most { (best, most) = (name, found) }
    }
    return best
  }
}
