/// What can be counted to see that parts of a table are apart: rows and distinct ids of each part, and the ids that
/// two parts share.
public struct SplitProof: Hashable, Sendable {
  /// The counts of one part.
  public struct PartCount: Hashable, Sendable {
    /// The part's name.
    public let name: String
    /// Its rows.
    public let rows: Int
    /// Its distinct ids in each key column.
    public let distinct: [Int]
  }

  /// What two parts share.
  public struct Overlap: Hashable, Sendable {
    /// The two parts.
    public let first: String, second: String
    /// Distinct combinations of ids that occur in both.
    public let combinations: Int
    /// For each key column, distinct ids that occur in both.
    public let ids: [Int]
  }

  /// The key columns that were counted.
  public let columns: [String]
  /// The parts in their order.
  public let parts: [PartCount]
  /// Every pair of parts.
  public let overlaps: [Overlap]

  /// Counts the rows and ids of named parts.
  public init(keys: KeyColumns, parts: [(name: String, rows: [Int])]) {
    let (combinations, representatives) = keys.combinations()
    func present(_ codes: [Int32], _ count: Int, _ rows: [Int]) -> [Bool] {
      var seen = [Bool](repeating: false, count: count)
      for row in rows { seen[Int(codes[row])] = true }
      return seen
    }
    func common(_ first: [Bool], _ second: [Bool]) -> Int { zip(first, second).count { $0 && $1 } }
    let whole = parts.map { present(combinations, representatives.count, $0.rows) }
    let single = parts.map { part in keys.columns.map { present($0.codes, $0.ids.count, part.rows) } }
    columns = keys.names
    self.parts = parts.indices.map { part in
      PartCount(
        name: parts[part].name, rows: parts[part].rows.count,
        distinct: single[part].map { $0.count { $0 } })
    }
    overlaps = parts.indices.flatMap { first in
      parts.indices.dropFirst(first + 1).map { second in
        Overlap(
          first: parts[first].name, second: parts[second].name,
          combinations: common(whole[first], whole[second]),
          ids: zip(single[first], single[second]).map { common($0, $1) })
      }
    }
  }

  /// Whether no combination of ids occurs in two parts.
  public var isDisjoint: Bool { overlaps.allSatisfy { $0.combinations == 0 } }

  /// The key columns of which no id occurs in two parts.
  public var disjointColumns: [String] {
    columns.indices.filter { column in overlaps.allSatisfy { $0.ids[column] == 0 } }.map { columns[$0] }
  }

  /// An aligned table of the parts, and a line for each pair of parts; of more than three parts, the pairs are
  /// summed up in one line.
  public var lines: [String] {
    var rows = [["part", "rows"] + columns]
    rows += parts.map { [$0.name, String($0.rows)] + $0.distinct.map(String.init) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
    if parts.count > 3 {
      let shared = columns.indices.map { column in
        "\(columns[column]) \(overlaps.map { $0.ids[column] }.max() ?? 0)"
      }
      let most = overlaps.map(\.combinations).max() ?? 0
      lines.append("shared by any two parts, at most: rows \(most), \(shared.joined(separator: ", "))")
    } else {
      lines += overlaps.map { overlap in
        let shared = zip(columns, overlap.ids).map { "\($0) \($1)" }.joined(separator: ", ")
        return "shared by \(overlap.first) and \(overlap.second): rows \(overlap.combinations), \(shared)"
      }
    }
    return lines
  }
}

extension Split {
  /// The counts of each fold or part of the split itself, and what they share.
  public var proof: SplitProof {
    var rows: [String: [Int]] = [:]
    for row in 0..<keys.rowCount { rows[label(row), default: []].append(row) }
    let names: [String]
    switch assignment {
    case .folds(let folds): names = Set(folds).sorted().map(String.init)
    case .parts: names = Part.allCases.map(\.rawValue).filter { rows[$0] != nil }
    }
    return SplitProof(keys: keys, parts: names.map { ($0, rows[$0] ?? []) })
  }
}
