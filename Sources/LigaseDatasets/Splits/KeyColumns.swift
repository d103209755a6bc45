/// A column of ids, in which each distinct id is stored once.
public struct KeyColumn: Hashable, Sendable {
  /// The column's name.
  package let name: String

  /// The distinct ids, in the order in which they first occur.
  package let ids: [String]

  /// The index in ``ids`` of the id of each row.
  package let codes: [Int32]

  /// Creates a column of these values, one for each row.
  public init(_ name: String, _ values: some Sequence<String>) {
    var known: [String: Int32] = [:]
    var ids: [String] = []
    var codes: [Int32] = []
    codes.reserveCapacity(values.underestimatedCount)
    for value in values {
      if let code = known[value] {
        codes.append(code)
      } else {
        known[value] = Int32(ids.count)
        codes.append(Int32(ids.count))
        ids.append(value)
      }
    }
    self.name = name
    self.ids = ids
    self.codes = codes
  }

  private init(name: String, ids: [String], codes: [Int32]) {
    self.name = name
    self.ids = ids
    self.codes = codes
  }

  /// Returns the id of a row.
  package subscript(row: Int) -> String { ids[Int(codes[row])] }

  /// Returns the column of the given rows, in their order.
  package func selecting(_ rows: [Int]) -> KeyColumn { KeyColumn(name, rows.lazy.map { self[$0] }) }

  /// Returns the same rows with ids numbered as in another column; its own other ids follow.
  func recoded(like other: KeyColumn) -> KeyColumn {
    var known = Dictionary(uniqueKeysWithValues: other.ids.enumerated().map { ($1, Int32($0)) })
    var all = other.ids
    let translated = ids.map { id in
      if let code = known[id] { return code }
      known[id] = Int32(all.count)
      all.append(id)
      return Int32(all.count - 1)
    }
    return KeyColumn(name: name, ids: all, codes: codes.map { translated[Int($0)] })
  }
}

/// The columns that identify the rows of a table: cell line and drug, or patient and visit.
///
/// ```swift
/// let table = try Table(contentsOf: "response.tsv")
/// let pairs = try table.keys(["cell_line", "drug_name"])
/// let same = KeyColumns([
///   KeyColumn("cell_line", try table.strings("cell_line")), KeyColumn("drug_name", try table.strings("drug_name")),
/// ])
/// ```
public struct KeyColumns: Hashable, Sendable {
  /// The columns, all of one length, with distinct names.
  package let columns: [KeyColumn]

  /// The number of rows.
  package let rowCount: Int

  /// Creates key columns; they must have the same length and distinct names.
  public init(_ columns: [KeyColumn]) {
    precondition(!columns.isEmpty, "KeyColumns: no column")
    precondition(Set(columns.map(\.codes.count)).count == 1, "KeyColumns: columns of different lengths")
    precondition(Set(columns.map(\.name)).count == columns.count, "KeyColumns: a name twice")
    self.columns = columns
    rowCount = columns[0].codes.count
  }

  /// The names of the columns.
  package var names: [String] { columns.map(\.name) }

  /// Returns the column of that name.
  package func column(_ name: String) -> KeyColumn? { columns.first { $0.name == name } }

  /// Returns the columns of those names, in their order; nil when one is missing.
  package func selecting(_ names: [String]) -> KeyColumns? {
    let found = names.compactMap(column)
    return found.count == names.count && !found.isEmpty ? KeyColumns(found) : nil
  }

  /// Returns the given rows, in their order.
  package func selecting(rows: [Int]) -> KeyColumns { KeyColumns(columns.map { $0.selecting(rows) }) }

  /// Returns the ids of a row for messages: `ACH-000001, Camptothecin`.
  package func describe(_ row: Int) -> String { columns.map { $0[row] }.joined(separator: ", ") }

  /// Returns the number of each row's combination of ids, from 0 in the order of first occurrence, and a row
  /// for each combination.
  package func combinations() -> (codes: [Int32], representatives: [Int]) {
    var known: [[Int32]: Int32] = [:]
    var representatives: [Int] = []
    var codes = [Int32](repeating: 0, count: rowCount)
    if columns.count == 1 {
      representatives = [Int](repeating: -1, count: columns[0].ids.count)
      for (row, code) in columns[0].codes.enumerated() where representatives[Int(code)] < 0 {
        representatives[Int(code)] = row
      }
      guard representatives.contains(-1) else { return (columns[0].codes, representatives) }
      representatives = []
    }
    var key = [Int32](repeating: 0, count: columns.count)
    for row in 0..<rowCount {
      for (index, column) in columns.enumerated() { key[index] = column.codes[row] }
      if let code = known[key] {
        codes[row] = code
      } else {
        known[key] = Int32(representatives.count)
        codes[row] = Int32(representatives.count)
        representatives.append(row)
      }
    }
    return (codes, representatives)
  }
}
