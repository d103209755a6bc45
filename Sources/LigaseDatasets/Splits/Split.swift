import LigaseTensors

/// A division of the rows of a table into training, validation and test rows.
///
/// A split has either a fold number for each row (`fold`: 0, 1, …), or a subset for each row (`split`:
/// `train`, `val` or `test`). Rows are identified by their ids, so a split applies to every table with these
/// ids: a split with one column (`DepMap_ID`, `fold`) also assigns the rows of a response table by their cell
/// line.
///
/// ```swift
/// let pairs = try Table(contentsOf: "response.tsv").keys(["cell_line", "drug_name"])
/// let folds = try Split.folds(5, of: pairs, by: .group("drug_name"), seed: 1)
/// let output = try OutputFile("split.tsv")
/// try folds.write(to: output)
/// try output.close()
/// ```
public struct Split: Hashable, Sendable {
  /// The use of a row: training, validation or test.
  public enum Subset: String, Hashable, Sendable, Codable, CaseIterable {
    /// The rows on which the model is trained.
    case train
    /// The rows for early stopping and the choice of options.
    case validation = "val"
    /// The rows on which the finished model is evaluated.
    case test

    /// Creates the subset of that name; `validation` and `valid` are `val`.
    package init?(name: String) {
      switch name {
      case "train": self = .train
      case "val", "valid", "validation": self = .validation
      case "test": self = .test
      default: return nil
      }
    }
  }

  /// The fold or subset of each row.
  package enum Assignment: Hashable, Sendable {
    /// A fold number, 0 or more, for each row.
    case folds([Int])
    /// A subset for each row.
    case parts([Subset])
  }

  /// The unit that is never divided between folds or subsets.
  public enum Unit: Hashable, Sendable {
    /// Single rows; only rows with the same ids in every key column stay together.
    case row
    /// All rows with the same id in this column: `drug_name` for a split with new drugs.
    case group(String)
  }

  /// The ids of the rows.
  package let keys: KeyColumns

  /// The fold or subset of each row.
  package let assignment: Assignment

  /// Creates a split of rows with these ids; the assignment must have as many rows.
  package init(keys: KeyColumns, assignment: Assignment) {
    let count =
      switch assignment {
      case .folds(let folds): folds.count
      case .parts(let parts): parts.count
      }
    precondition(count == keys.rowCount, "Split: \(count) assignments for \(keys.rowCount) rows")
    self.keys = keys
    self.assignment = assignment
  }

  /// The name of the column of the assignment: `fold` or `split`.
  package var columnName: String {
    switch assignment {
    case .folds: "fold"
    case .parts: "split"
    }
  }

  /// Returns the text of the assignment of a row.
  package func label(_ row: Int) -> String {
    switch assignment {
    case .folds(let folds): String(folds[row])
    case .parts(let parts): parts[row].rawValue
    }
  }
}

extension Split {
  /// Assigns rows to folds that are as equal in size as whole units allow.
  ///
  /// The units are shuffled with the seed and sorted by their number of rows (largest first), and each is
  /// assigned to the fold with the fewest rows so far. The order of the rows has no effect.
  public static func folds(
    _ count: Int, of keys: KeyColumns, by unit: Unit = .row, seed: UInt64
  ) throws(SplitError) -> Split {
    precondition(count > 1, "Split.folds: \(count) folds")
    let dealt = try deal(
      keys, by: unit, shares: [Double](repeating: 1 / Double(count), count: count), seed: seed)
    return Split(keys: keys, assignment: .folds(dealt))
  }

  /// Assigns rows to train, validation and test by fractions that sum to 1, as in ``folds(_:of:by:seed:)``; a
  /// fraction of 0 leaves its subset empty.
  public static func fractions(
    train: Double, validation: Double, test: Double, of keys: KeyColumns, by unit: Unit = .row, seed: UInt64
  ) throws(SplitError) -> Split {
    let shares = [train, validation, test]
    guard shares.allSatisfy({ (0...1).contains($0) }), abs(train + validation + test - 1) < 1e-6 else {
      throw .badFractions(shares)
    }
    let dealt = try deal(keys, by: unit, shares: shares, seed: seed)
    return Split(keys: keys, assignment: .parts(dealt.map { Subset.allCases[$0] }))
  }

  private static func deal(
    _ keys: KeyColumns, by unit: Unit, shares: [Double], seed: UInt64
  ) throws(SplitError) -> [Int] {
    let units = try SplitUnits(keys, unit)
    let needed = shares.count { $0 > 0 }
    guard units.sizes.count >= needed else {
      let name = if case .group(let column) = unit { "values of '\(column)'" } else { "rows" }
      throw .tooFewGroups(groups: units.sizes.count, needed: needed, of: name)
    }
    var random = SeededGenerator(seed: seed, stream: "split")
    var order = units.ordered
    random.shuffle(&order)
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    order.sort { (-units.sizes[$0], place[$0]!) < (-units.sizes[$1], place[$1]!) }

    var rows = [Int](repeating: 0, count: shares.count)
    var members = [[Int]](repeating: [], count: shares.count)
    for unit in order {
      var best = -1
      var fill = Double.infinity
      for part in shares.indices where shares[part] > 0 {
        let filled = Double(rows[part] + units.sizes[unit]) / shares[part]
        if filled < fill { (best, fill) = (part, filled) }
      }
      rows[best] += units.sizes[unit]
      members[best].append(unit)
    }
    // Few large groups can leave a small subset empty: it gets the smallest group of the subset with the most
    // groups.
    for part in shares.indices where shares[part] > 0 && members[part].isEmpty {
      let richest = members.indices.max { members[$0].count < members[$1].count }!
      members[part].append(members[richest].removeLast())
    }
    var parts = [Int](repeating: 0, count: units.sizes.count)
    for (part, units) in members.enumerated() {
      for unit in units { parts[unit] = part }
    }
    return units.codes.map { parts[Int($0)] }
  }
}

/// The units of a split: the unit of each row, the rows of each unit, and the units in the order of their
/// ids, which does not depend on the order of the rows.
struct SplitUnits {
  let codes: [Int32]
  let sizes: [Int]
  let ordered: [Int]

  init(_ keys: KeyColumns, _ unit: Split.Unit) throws(SplitError) {
    var kept = keys
    if case .group(let name) = unit {
      guard let column = keys.column(name) else { throw .missingColumn(name, keys.names) }
      kept = KeyColumns([column])
    }
    let (codes, representatives) = kept.combinations()
    var sizes = [Int](repeating: 0, count: representatives.count)
    for code in codes { sizes[Int(code)] += 1 }
    // Ids are compared by their bytes, as ranks in that order.
    let ranks = kept.columns.map { column in
      var rank = [Int](repeating: 0, count: column.ids.count)
      let sorted = column.ids.indices.sorted {
        column.ids[$0].utf8.lexicographicallyPrecedes(column.ids[$1].utf8)
      }
      for (place, id) in sorted.enumerated() { rank[id] = place }
      return rank
    }
    ordered = representatives.indices.sorted { first, second in
      for (column, rank) in zip(kept.columns, ranks) {
        let left = rank[Int(column.codes[representatives[first]])]
        let right = rank[Int(column.codes[representatives[second]])]
        if left != right { return left < right }
      }
      return false
    }
    self.codes = codes
    self.sizes = sizes
  }
}
