/// The matching rows of two tables: those with the same ids in all shared columns.
package struct KeyJoin: Sendable {
  /// The names of the columns that both tables have, in the left table's order.
  package let names: [String]

  /// The first row of the right table with the same ids, for each row of the left table; -1 without a match.
  package let partners: [Int]

  /// The rows of the left table without a match.
  package let unmatchedLeft: [Int]

  /// The rows of the right table without a match.
  package let unmatchedRight: [Int]

  /// Joins two tables on `names`, or on the columns that both have.
  ///
  /// Throws ``SplitError/noSharedColumns(_:_:)`` where there is no such column, and
  /// ``SplitError/emptyJoin(_:)`` where no row matches.
  package init(_ left: KeyColumns, _ right: KeyColumns, over names: [String]? = nil) throws(SplitError) {
    let shared = names ?? left.names.filter { right.column($0) != nil }
    guard let leftKeys = left.selecting(shared), let rightKeys = right.selecting(shared) else {
      throw .noSharedColumns(left.names, right.names)
    }
    self.names = shared
    // Both tables share one numbering of ids, so that rows compare as short arrays of numbers.
    let recoded = KeyColumns(zip(rightKeys.columns, leftKeys.columns).map { $0.recoded(like: $1) })
    var rows: [[Int32]: Int] = [:]
    var key = [Int32](repeating: 0, count: shared.count)
    for row in 0..<recoded.rowCount {
      for (index, column) in recoded.columns.enumerated() { key[index] = column.codes[row] }
      if rows[key] == nil { rows[key] = row }
    }
    var partners = [Int](repeating: -1, count: left.rowCount)
    var seen: Set<[Int32]> = []
    for row in 0..<left.rowCount {
      for (index, column) in leftKeys.columns.enumerated() { key[index] = column.codes[row] }
      if let partner = rows[key] {
        partners[row] = partner
        seen.insert(key)
      }
    }
    guard !seen.isEmpty else {
      throw .emptyJoin(
        .init(
          names: shared, left: (0..<min(3, left.rowCount)).map(leftKeys.describe),
          right: (0..<min(3, right.rowCount)).map(rightKeys.describe)))
    }
    self.partners = partners
    unmatchedLeft = partners.indices.filter { partners[$0] < 0 }
    unmatchedRight = (0..<recoded.rowCount).filter { row in
      !seen.contains(recoded.columns.map { $0.codes[row] })
    }
  }
}
