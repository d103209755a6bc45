import LigaseFormats

extension Table {
  /// Returns the fields of columns as ids, in the order of the given names.
  ///
  /// An empty field or `NA` is an id like any other. An unknown column throws ``FormatError`` with the
  /// existing ones.
  public func keys(_ names: [String]) throws -> KeyColumns {
    KeyColumns(try names.map { KeyColumn($0, try strings($0)) })
  }

  /// Returns the column as ids; an empty field or `NA` throws with its line number.
  package func ids(_ name: String) throws -> KeyColumn {
    let column = KeyColumn(name, try strings(name))
    let index = try index(ofColumn: name)
    for (code, id) in column.ids.enumerated() where id.isEmpty || id == "NA" {
      let row = column.codes.firstIndex(of: Int32(code))!
      throw error(row: row, column: index, "found no id in column \(FormatError.quoted(name)), expected one")
    }
    return column
  }

  /// Returns whether a column is numeric: more than half of its first thousand non-missing fields are
  /// numbers. A single invalid field is then reported as an error in a numeric column.
  package func looksNumeric(_ name: String) throws -> Bool {
    let column = try index(ofColumn: name)
    var numbers = 0, fields = 0
    for row in 0..<rowCount {
      guard fields < 1000 else { break }
      if isMissingNumber(row: row, column: column) { continue }
      fields += 1
      if double(row: row, column: column) != nil { numbers += 1 }
    }
    return numbers * 2 > fields
  }

  /// Returns the default key columns: those that are not numeric.
  package func keyColumnNames() throws -> [String] {
    try columnNames.filter { try !looksNumeric($0) }
  }
}

extension Split {
  /// Reads a split: a column `fold` (0, 1, …) or `split` (`train`, `val`, `test`) and key columns.
  ///
  /// Other columns are allowed, because a table is joined on the columns that both have.
  /// Throws ``LigaseFormats/FormatError`` with the line number where there is no such column, or a value is
  /// invalid.
  public init(_ table: Table) throws {
    try table.requireRows()
    let hasFold = table.hasColumn("fold")
    let names = table.columnNames.filter { $0 != (hasFold ? "fold" : "split") }
    guard hasFold != table.hasColumn("split"), !names.isEmpty else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found the columns \(table.columnNames.joined(separator: ", ")), "
          + "expected key columns and either 'fold' or 'split'")
    }
    let keys = try table.keys(names)
    if hasFold {
      let folds = try table.integers("fold")
      if let row = folds.firstIndex(where: { $0 < 0 }) {
        throw table.error(
          row: row, column: try table.index(ofColumn: "fold"),
          "found '\(folds[row])' in column 'fold', expected a fold number of at least 0")
      }
      self.init(keys: keys, assignment: .folds(folds))
    } else {
      let parts = try table.strings("split").enumerated().map { row, name in
        guard let part = Subset(name: name) else {
          throw table.error(
            row: row, column: try table.index(ofColumn: "split"),
            "found \(FormatError.quoted(name)) in column 'split', expected train, val or test")
        }
        return part
      }
      self.init(keys: keys, assignment: .parts(parts))
    }
  }

  /// Writes the key columns and the assignment as strict TSV.
  public func write(to output: OutputFile) throws {
    let writer = try TSVWriter(output, columns: keys.names + [columnName])
    for row in 0..<keys.rowCount {
      for column in keys.columns { try writer.field(column[row]) }
      try writer.field(label(row))
      try writer.endRow()
    }
  }
}
