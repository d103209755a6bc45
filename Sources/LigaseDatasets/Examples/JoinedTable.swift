import LigaseFormats
import LigaseRuntime

/// The rows of a table, joined by key columns to the records of several inputs.
package struct JoinedTable: Sendable {
  /// An input to be joined.
  package struct Side: Sendable {
    /// The name of the input in messages, such as `expression`.
    package var name: String
    /// The ids of its records.
    package var ids: [String]
    /// The key column; nil chooses the one with the most matches.
    package var column: String?

    package init(_ name: String, ids: [String], column: String? = nil) {
      (self.name, self.ids, self.column) = (name, ids, column)
    }
  }

  /// The table.
  package let table: Table
  /// The key column of each side.
  package let columns: [String]
  /// The record of each joined row, for each side.
  package let indices: [[Int32]]
  /// The row of the table of each joined row.
  package let rows: [Int]
  /// The measured numbers, joined rows × targets, NaN where missing.
  package let values: [Float]
  /// Notes about the joins, one line each.
  package let report: [String]

  /// Joins; rows without a record on a side, or without any measured target, are skipped and counted.
  ///
  /// - Parameter targets: the target columns; empty where none are needed.
  /// - Throws: `FormatError` for a missing column or a value that is not a number; `JoinError` for an empty
  ///   join.
  package init(_ table: Table, to sides: [Side], targets: [String] = []) throws {
    try table.requireRows()
    var joins: [IDJoin] = []
    for side in sides { joins.append(try Self.join(table, to: side, besides: joins.map(\.column))) }
    let measured = try targets.map { try table.floats($0, missing: .nan) }
    var (rows, values, unmeasured) = ([Int](), [Float](), 0)
    for row in 0..<table.rowCount where joins.allSatisfy({ $0.indices[row] >= 0 }) {
      let own = measured.map { $0[row] }
      if !targets.isEmpty, own.allSatisfy(\.isNaN) {
        unmeasured += 1
        continue
      }
      rows.append(row)
      values += own
    }
    guard !rows.isEmpty else {
      let names = sides.map(\.name).joined(separator: " and ")
      throw JoinError(
        "\(table.spokenPath): no row matches \(names)"
          + (targets.isEmpty ? "" : " and a number under '\(targets.joined(separator: "', '"))'"))
    }
    self.table = table
    columns = joins.map(\.column)
    let indices = joins.map { join in rows.map { join.indices[$0] } }
    self.indices = indices
    self.rows = rows
    self.values = values
    var report = zip(joins, sides).map { $0.line(against: $1.name) }
    if unmeasured > 0 {
      report.append("skipped \(unmeasured.counted("row")) without \(targets.joined(separator: ", "))")
    }
    let combinations = Set(rows.indices.map { i in indices.map { $0[i] } }).count
    if combinations < rows.count {
      report.append(
        "\((rows.count - combinations).counted("row")) with a repeated combination of \(columns.joined(separator: " and ")); all rows are used"
      )
    }
    self.report = report
  }

  private static func join(_ table: Table, to side: Side, besides taken: [String]) throws -> IDJoin {
    let candidates = side.column.map { [$0] } ?? table.columnNames.filter { !taken.contains($0) }
    var best: IDJoin?
    for column in candidates {
      let join = IDJoin(column: column, values: try table.strings(column), ids: side.ids)
      if join.matchedRows > (best?.matchedRows ?? 0) || best == nil { best = join }
    }
    guard let best, best.matchedRows > 0 else {
      let shown = best.map { "\($0.column): \($0.unknown.prefix(3).joined(separator: ", "))" } ?? "no column"
      throw JoinError(
        "\(table.spokenPath): no id matches \(side.name); found \(shown); expected ids such as "
          + side.ids.prefix(3).joined(separator: ", ")
          + (side.column == nil ? " in one of \(FormatError.list(table.columnNames))" : ""))
    }
    return best
  }

  /// Returns the key columns of the joined rows: the columns that are not numeric, and the joined columns.
  package func keys() throws -> KeyColumns {
    let names = Set(try table.keyColumnNames() + columns)
    return try table.keys(table.columnNames.filter(names.contains)).selecting(rows: rows)
  }

  /// Returns values that may be ids of records: those of a named column, else those of all columns that are
  /// not numeric. They determine the orientation of an expression matrix.
  package static func possibleIDs(of table: Table, column: String?) throws -> [String] {
    let names = try column.map { [$0] } ?? table.keyColumnNames()
    return try names.flatMap { try Set(table.strings($0)).sorted() }
  }

  /// Returns the only numeric column, for a target that the user did not name.
  ///
  /// - Throws: `JoinError` with the candidates when there is none or more than one.
  package static func onlyNumericColumn(of table: Table) throws -> String {
    let numeric = try table.columnNames.filter { try table.looksNumeric($0) }
    guard numeric.count == 1 else {
      throw JoinError(
        "\(table.spokenPath): cannot tell which column is the target: "
          + (numeric.isEmpty ? "no column is numeric" : "numeric columns are \(FormatError.list(numeric))"),
        remedy: .nameTargetColumn)
    }
    return numeric[0]
  }
}

extension Split {
  /// Returns a division without a split: a fraction of the rows, drawn with the seed, is for validation and
  /// the rest for training.
  package static func validationOnly(keys: KeyColumns, share: Double, seed: UInt64) throws -> ResolvedSplit {
    let parts = [Subset](repeating: .train, count: keys.rowCount)
    return try Split(keys: keys, assignment: .parts(parts)).resolved(
      for: keys, validationFraction: share, seed: seed)
  }
}

extension Table {
  /// The name of the file in messages.
  package var spokenPath: String { path == "-" ? "standard input" : path }
}
