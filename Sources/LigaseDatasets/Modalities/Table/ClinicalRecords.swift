import LigaseFormats
import LigaseRuntime

/// Records of a clinical table: columns of numbers and categories, a row a record.
package struct ClinicalRecords: Records {
  /// The columns that are features.
  package var columns: [ClinicalColumn]
  /// The number of rows.
  package let count: Int

  package init(columns: [ClinicalColumn], count: Int) {
    precondition(columns.allSatisfy { $0.count == count }, "ClinicalRecords: columns of unequal lengths")
    (self.columns, self.count) = (columns, count)
  }

  /// Some of the records.
  package func selecting(_ rows: [Int]) -> ClinicalRecords {
    ClinicalRecords(columns: columns.map { $0.selecting(rows) }, count: rows.count)
  }

  package func add(to digest: inout some ContentDigest) {
    digest.add(columns.map { "\($0.name)=\($0.kind.word)" })
    for column in columns {
      digest.add(column.numbers)
      digest.add(column.levels.map { $0 ?? "" })
    }
  }

  /// The columns of a table, and notes about them.
  ///
  /// - Parameters:
  ///   - excluded: the columns that are never features: keys, labels, times, events, groups and splits.
  ///   - kinds: the kinds that the user gives.
  /// - Throws: `FormatError` for values of another kind, dates and free text; `JoinError` where no column is left.
  package static func read(
    _ table: Table, excluding excluded: Set<String>, kinds: [String: ColumnKind] = [:]
  ) throws -> (records: ClinicalRecords, notes: [String]) {
    try table.requireRows()
    var (columns, useless): ([ClinicalColumn], [String: [String]]) = ([], [:])
    for name in table.columnNames where !excluded.contains(name) {
      let column = try ClinicalColumn(name, of: table, kind: kinds[name])
      if column.kind == .skipped, kinds[name] == .skipped { continue }
      if kinds[name] == nil, let why = column.uselessness {
        useless[why, default: []].append(name)
      } else {
        columns.append(column)
      }
    }
    guard !columns.isEmpty else {
      throw JoinError(
        "found no column of features in \(table.spokenPath), expected at least one besides "
          + FormatError.list(table.columnNames.filter(excluded.contains)))
    }
    var notes = [detected(columns)]
    let left = table.columnNames.filter(excluded.contains)
    if !left.isEmpty {
      notes.append("not features: \(FormatError.list(left, limit: 8)) (keys, labels and groups)")
    }
    for (why, names) in useless.sorted(by: { $0.key < $1.key }) {
      notes.append("skipped \(names.count.counted("column")) (\(why)): \(FormatError.list(names, limit: 5))")
    }
    return (ClinicalRecords(columns: columns, count: table.rowCount), notes + twins(columns))
  }

  /// The columns of new data that a model reads, in its order.
  ///
  /// - Throws: `JoinError` where the table lacks a column.
  package static func read(_ table: Table, as preparation: ClinicalPreparation) throws -> (
    records: ClinicalRecords, notes: [String]
  ) {
    try table.requireRows()
    let wanted = preparation.columns.map(\.name)
    let missing = wanted.filter { !table.hasColumn($0) }
    guard missing.isEmpty else {
      throw JoinError(
        "\(table.spokenPath): found no column \(FormatError.list(missing, limit: 5)), which the model reads; the columns are "
          + FormatError.list(table.columnNames, limit: 8))
    }
    let columns = try preparation.columns.map { column in
      do { return try ClinicalColumn(column.name, of: table, kind: column.kind) } catch var error
        as FormatError
      {
        // How a column is read was decided in training.
        error.remedy = nil
        throw error
      }
    }
    var notes: [String] = []
    for (column, fitted) in zip(columns, preparation.columns) {
      let known = Set(fitted.levels + fitted.rareLevels)
      let unseen = Set(column.levels.compactMap { $0 }).subtracting(known).sorted()
      guard column.kind == .category, !unseen.isEmpty else { continue }
      let rows = column.levels.count { level in level.map { unseen.contains($0) } ?? false }
      notes.append(
        "column \(column.name): \(unseen.count.counted("category", "categories")) of \(rows.counted("row")) not in the training data, "
          + (fitted.hasOther ? "read as a rare one: " : "read as unknown: ")
          + FormatError.list(unseen, limit: 5))
    }
    return (ClinicalRecords(columns: columns, count: table.rowCount), notes)
  }

  /// `7 columns: 4 numbers (age, …), 2 categories (…), 1 boolean (…)`.
  private static func detected(_ columns: [ClinicalColumn]) -> String {
    let kinds: [(String, (ColumnKind) -> Bool)] = [
      ("numeric", { $0 == .number }), ("boolean", { $0 == .boolean }), ("categorical", { $0 == .category }),
      ("ordered", { if case .ordered = $0 { true } else { false } }),
    ]
    let words = kinds.compactMap { word, isKind -> String? in
      let names = columns.filter { isKind($0.kind) }.map { column -> String in
        if case .ordered(let levels) = column.kind {
          return "\(column.name): \(levels.joined(separator: " < "))"
        }
        return column.name
      }
      return names.isEmpty ? nil : "\(names.count) \(word) (\(FormatError.list(names, limit: 4)))"
    }
    return "\(columns.count.counted("column")): \(words.joined(separator: ", "))"
  }

  /// Categories that may be misspellings of others.
  private static func twins(_ columns: [ClinicalColumn]) -> [String] {
    columns.filter { $0.kind == .category }.compactMap { column in
      let levels = Set(column.levels.compactMap { $0 }).sorted()
      guard levels.count <= 500 else { return nil }
      for level in levels {
        let near = (levels + ["unknown", "missing"]).first { other in
          guard other != level else { return false }
          // Short names differ by a letter; by case alone none does on purpose.
          if other.lowercased() == level.lowercased() { return true }
          return level.count > 3 && other.count > 3
            && isNear(Array(level.lowercased().utf8), Array(other.lowercased().utf8))
        }
        guard let near else { continue }
        let rows = column.levels.count { $0 == level }
        return
          "column \(column.name): '\(level)' (\(rows.counted("row"))) resembles '\(near)'; it is a category of its own"
      }
      return nil
    }
  }

  /// Whether one text becomes the other by one letter more, one less, or two neighbours exchanged, or by the case of letters
  /// alone. Digits tell names apart, and so do changed letters: `B-cell` is no misspelling of `T-cell`.
  private static func isNear(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a == b { return true }
    guard abs(a.count - b.count) <= 1 else { return false }
    func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
    if a.contains(where: isDigit) || b.contains(where: isDigit) { return false }
    var head = 0
    while head < min(a.count, b.count), a[head] == b[head] { head += 1 }
    var tail = 0
    while tail < min(a.count, b.count) - head, a[a.count - 1 - tail] == b[b.count - 1 - tail] { tail += 1 }
    let (left, right) = (a[head..<(a.count - tail)], b[head..<(b.count - tail)])
    if left.count + right.count == 1 { return true }
    return left.count == 2 && right.count == 2 && left.reversed().elementsEqual(right)
  }
}
