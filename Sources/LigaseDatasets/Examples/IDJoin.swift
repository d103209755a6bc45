import LigaseFormats
import LigaseRuntime

/// The names in a table's column brought to a list of known ids: which row means which id, and what stays without a
/// partner on either side.
package struct IDJoin: Sendable {
  /// The column that was joined.
  package let column: String
  /// For each row the index of its id, or -1.
  package let indices: [Int32]
  /// Names in the column that are no known id, in order of appearance, each once.
  package let unknown: [String]
  /// Known ids that no row names.
  package let unused: [String]
  /// Rows that found their id.
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

  /// One line for people: counts, and up to three ids of each kind that found no partner.
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

/// A join that left nothing, or a choice that cannot be made; exit code 65.
package struct JoinError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// The problem: the value found and the value expected.
  package let description: String
  /// A remedy, if there is one.
  package let remedy: Remedy?

  /// An error with its text.
  package init(_ description: String, remedy: Remedy? = nil) {
    self.description = description
    self.remedy = remedy
  }
}
