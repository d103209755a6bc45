import LigaseRuntime

/// Counts that show whether the subsets of a table are disjoint: rows and distinct ids of each subset, and
/// the ids that occur in several subsets.
package struct SplitProof: Hashable, Sendable {
  /// The counts of one subset.
  package struct PartCount: Hashable, Sendable {
    /// The name of the subset.
    package let name: String
    /// The number of its rows.
    package let rows: Int
    /// The number of its distinct ids in each key column.
    package let distinct: [Int]
  }

  /// The counts of the overlap of two subsets, or of any subsets.
  package struct Shared: Hashable, Sendable {
    /// The number of distinct combinations of ids.
    package let combinations: Int
    /// The number of distinct ids in each key column.
    package let ids: [Int]
  }

  /// The overlap of two subsets.
  package struct Overlap: Hashable, Sendable {
    /// The names of the subsets.
    package let first: String, second: String
    /// The counts of rows and ids in both.
    package let shared: Shared
  }

  /// The key columns that were counted.
  package let columns: [String]
  /// The subsets in their order.
  package let parts: [PartCount]
  /// The counts of rows and ids in more than one subset.
  package let shared: Shared
  /// The overlap of every pair of subsets; empty for more than three subsets.
  package let overlaps: [Overlap]

  /// Counts the rows and ids of named subsets.
  package init(keys: KeyColumns, parts: [(name: String, rows: [Int])]) {
    let (codes, representatives) = keys.combinations()
    // The combinations of ids, then the ids of each column.
    let counted = [(codes, representatives.count)] + keys.columns.map { ($0.codes, $0.ids.count) }
    func shared(_ parts: [[Int]]) -> Shared {
      let numbers = counted.map { Self.occurrences($0, $1, parts).shared }
      return Shared(combinations: numbers[0], ids: Array(numbers.dropFirst()))
    }
    let rows = parts.map(\.rows)
    let distinct = counted.dropFirst().map { Self.occurrences($0, $1, rows).distinct }
    columns = keys.names
    self.parts = parts.enumerated().map { index, part in
      PartCount(name: part.name, rows: part.rows.count, distinct: distinct.map { $0[index] })
    }
    self.shared = shared(rows)
    var overlaps: [Overlap] = []
    if parts.count <= 3 {
      for first in parts.indices {
        for second in parts.indices where second > first {
          overlaps.append(
            Overlap(
              first: parts[first].name, second: parts[second].name,
              shared: shared([rows[first], rows[second]])))
        }
      }
    }
    self.overlaps = overlaps
  }

  /// Returns the number of distinct codes of each subset, and the number of codes in more than one subset.
  private static func occurrences(
    _ codes: [Int32], _ count: Int, _ parts: [[Int]]
  ) -> (distinct: [Int], shared: Int) {
    var last = [Int](repeating: -1, count: count)
    var isShared = [Bool](repeating: false, count: count)
    let distinct = parts.enumerated().map { index, rows in
      rows.count { row in
        let code = Int(codes[row])
        defer { last[code] = index }
        if last[code] >= 0 && last[code] != index { isShared[code] = true }
        return last[code] != index
      }
    }
    return (distinct, isShared.count { $0 })
  }

  /// Whether no combination of ids occurs in two subsets.
  package var isDisjoint: Bool { shared.combinations == 0 }

  /// The key columns without an id that occurs in two subsets.
  package var disjointColumns: [String] {
    columns.indices.filter { shared.ids[$0] == 0 }.map { columns[$0] }
  }

  /// An aligned table of the first twenty subsets and their overlap: of each pair for two or three subsets,
  /// else of all.
  package var lines: [String] {
    var rows = [["subset", "rows"] + columns]
    rows += parts.prefix(20).map { [$0.name, String($0.rows)] + $0.distinct.map(String.init) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
    if parts.count > 20 { lines.append("… \(parts.count) folds in all") }
    if overlaps.isEmpty {
      lines.append("overlap between folds: \(describe(shared))")
    } else {
      lines += overlaps.map { "overlap between \($0.first) and \($0.second): \(describe($0.shared))" }
    }
    return lines
  }

  private func describe(_ shared: Shared) -> String {
    let ids = zip(columns, shared.ids).map { $1.counted(column: $0) }
    return ([shared.combinations.counted("row")] + ids).joined(separator: ", ")
  }
}

extension Split {
  /// The counts of each fold or subset of the split itself, and their overlap.
  package var proof: SplitProof {
    var rows: [String: [Int]] = [:]
    for row in 0..<keys.rowCount { rows[label(row), default: []].append(row) }
    let names: [String]
    switch assignment {
    case .folds(let folds): names = Set(folds).sorted().map(String.init)
    case .parts: names = Subset.allCases.map(\.rawValue).filter { rows[$0] != nil }
    }
    return SplitProof(keys: keys, parts: names.map { ($0, rows[$0] ?? []) })
  }
}
