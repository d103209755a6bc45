/// One column of ids, each distinct id held once.
public struct KeyColumn: Hashable, Sendable {
  /// The column's name.
  package let name: String

  /// The distinct ids, in the order in which they first occur.
  package let ids: [String]

  /// For each row, the index of its id in ``ids``.
  package let codes: [Int32]

  /// The column of these values, one for each row.
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

  /// The id of a row.
  package subscript(row: Int) -> String { ids[Int(codes[row])] }

  /// The column of the rows given, in their order.
  package func selecting(_ rows: [Int]) -> KeyColumn { KeyColumn(name, rows.lazy.map { self[$0] }) }

  /// The same rows with ids numbered as in another column; ids that it does not know follow its own.
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

/// The columns that name the rows of a table: cell line and drug, or patient and visit.
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

  /// How many rows there are.
  package let rowCount: Int

  /// Creates the keys of a table; columns of different lengths and names that repeat are wrong use.
  public init(_ columns: [KeyColumn]) {
    precondition(!columns.isEmpty, "KeyColumns: no column")
    precondition(Set(columns.map(\.codes.count)).count == 1, "KeyColumns: columns of different lengths")
    precondition(Set(columns.map(\.name)).count == columns.count, "KeyColumns: a name twice")
    self.columns = columns
    rowCount = columns[0].codes.count
  }

  /// The names of the columns.
  package var names: [String] { columns.map(\.name) }

  /// The column of that name.
  package func column(_ name: String) -> KeyColumn? { columns.first { $0.name == name } }

  /// The columns of those names, in their order; nil when one is missing.
  package func selecting(_ names: [String]) -> KeyColumns? {
    let found = names.compactMap(column)
    return found.count == names.count && !found.isEmpty ? KeyColumns(found) : nil
  }

  /// The rows given, in their order.
  package func selecting(rows: [Int]) -> KeyColumns { KeyColumns(columns.map { $0.selecting(rows) }) }

  /// The ids of a row as people read them: `ACH-000001, Camptothecin`.
  package func describe(_ row: Int) -> String { columns.map { $0[row] }.joined(separator: ", ") }

  /// For each row, the number of its combination of ids, counted from 0 in the order of first occurrence,
  /// and a row for each combination.
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
