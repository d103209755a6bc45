import LigaseFormats

extension DrugResponsePairs {
  /// The key columns of the pairs' rows: what a split is joined by.
  public func keys(of table: Table) throws -> KeyColumns {
    try table.keys(keyColumnNames(of: table)).selecting(rows: rows)
  }

  /// The columns that name a row: all that are not meant to hold numbers, and the two that were joined.
  private func keyColumnNames(of table: Table) throws -> [String] {
    let names = Set(try table.keyColumnNames() + [cellColumn, drugColumn])
    return table.columnNames.filter(names.contains)
  }

  /// Names that may be cell lines: those of the column, where one is named, else all that are no numbers. They
  /// tell which way an expression matrix lies.
  public static func possibleLines(of table: Table, cellColumn: String?) throws -> [String] {
    let names = try cellColumn.map { [$0] } ?? table.keyColumnNames()
    return try names.flatMap { try Set(table.strings($0)).sorted() }
  }

  /// Every line with every drug, line by line.
  public init(everyPairOf lines: Int, drugs: Int, cellColumn: String, drugColumn: String) {
    self.init(
      cellColumn: cellColumn, drugColumn: drugColumn,
      lines: (0..<lines).flatMap { [Int32](repeating: Int32($0), count: drugs) },
      drugs: (0..<lines).flatMap { _ in (0..<drugs).map { Int32($0) } })
  }

  /// Writes the key columns and a column `prediction`, a row a pair.
  ///
  /// - Parameter table: where the pairs came from; nil writes their names under the joined columns.
  public func write(
    _ predictions: [Float], of table: Table?, lines: [String], drugs: [String], to output: OutputFile
  ) throws {
    precondition(predictions.count == count, "write: \(predictions.count) predictions for \(count) pairs")
    let names = try table.map(keyColumnNames) ?? [cellColumn, drugColumn]
    let columns = try names.map { name in try table.map { try $0.index(ofColumn: name) } }
    let writer = try TSVWriter(output, columns: names + ["prediction"])
    for i in predictions.indices {
      if let table {
        for column in columns { try writer.field(table.string(row: rows[i], column: column!)) }
      } else {
        try writer.field(lines[Int(self.lines[i])])
        try writer.field(drugs[Int(self.drugs[i])])
      }
      writer.field(predictions[i])
      try writer.endRow()
    }
  }

  /// The response column where the user named none: the only one that is meant to hold numbers.
  ///
  /// - Throws: `JoinError` naming the choices when there is none or more than one.
  public static func onlyNumericColumn(of table: Table) throws -> String {
    let numeric = try table.columnNames.filter { try table.looksNumeric($0) }
    guard numeric.count == 1 else {
      throw JoinError(
        "\(table.spokenPath): cannot tell which column is predicted: "
          + (numeric.isEmpty ? "no column holds numbers" : "\(FormatError.list(numeric)) hold numbers"),
        remedy: .nameTargetColumn)
    }
    return numeric[0]
  }
}

extension Split {
  /// Without a split: a tenth of the rows, drawn by the seed, is for validation and the rest for training.
  public static func validationOnly(keys: KeyColumns, seed: UInt64) throws -> ResolvedSplit {
    let parts = [Part](repeating: .train, count: keys.rowCount)
    return try Split(keys: keys, assignment: .parts(parts)).resolved(for: keys, seed: seed)
  }
}

extension Table {
  /// The file as messages call it.
  var spokenPath: String { path == "-" ? "standard input" : path }
}
