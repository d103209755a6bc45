import LigaseFormats
import LigaseRuntime

/// The values of a table column matched with known ids, with the values and ids that have no match.
package struct IDJoin: Sendable {
  /// The column that was joined.
  package let column: String
  /// The index of the id of each row, or -1.
  package let indices: [Int32]
  /// The distinct values that are not known ids, in order of appearance.
  package let unknown: [String]
  /// The known ids that occur in no row.
  package let unused: [String]
  /// The number of rows with a known id.
  package let matchedRows: Int

  /// Joins a column's values to `ids`.
  package init(column: String, values: [String], ids: [String]) {
    var index: [String: Int32] = [:]
    index.reserveCapacity(ids.count)
    for (i, id) in ids.enumerated() where index[id] == nil { index[id] = Int32(i) }
    var (indices, unknown, seen) = ([Int32](), [String](), Set<String>())
    indices.reserveCapacity(values.count)
    var isUsed = [Bool](repeating: false, count: ids.count)
    for value in values {
      if let i = index[value] {
        indices.append(i)
        isUsed[Int(i)] = true
      } else {
        indices.append(-1)
        if seen.insert(value).inserted { unknown.append(value) }
      }
    }
    self.column = column
    self.indices = indices
    self.unknown = unknown
    unused = zip(ids, isUsed).filter { !$1 }.map(\.0)
    matchedRows = indices.count { $0 >= 0 }
  }

  /// A note with the counts, and up to three values and ids without a match.
  package func line(against what: String) -> String {
    var text =
      "joined column \(column) with \(what): \(matchedRows.grouped) of \(indices.count.counted("row")) matched"
    for (ids, label) in [(unknown, "not in \(what)"), (unused, "of \(what) unused")] where !ids.isEmpty {
      text +=
        "; \(ids.count.grouped) \(label) (\(ids.prefix(3).joined(separator: ", "))\(ids.count > 3 ? ", …" : ""))"
    }
    return text
  }
}

/// An empty join, or data from which no choice can be made; exit code 65.
package struct JoinError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// The problem: the value found and the value expected.
  package let description: String
  /// A remedy, if there is one.
  package let remedy: Remedy?

  /// Creates an error.
  package init(_ description: String, remedy: Remedy? = nil) {
    self.description = description
    self.remedy = remedy
  }
}
