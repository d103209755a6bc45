import LigaseGenomics
import Synchronization

/// A selection of records by name, or by a motif.
package struct SequenceSelection: Sendable {
  /// Names, in lower case if case is ignored.
  package var names: Set<String> = []
  /// Regular expressions, one of which must match in the name.
  package var patterns: [Pattern] = []
  /// Motifs, one of which the sequence must contain.
  package var motifs: [SequenceMotif] = []
  /// Whether the case of names is ignored.
  package var ignoresCase = false
  /// Whether patterns are searched in the whole header.
  package var searchesHeader = false
  private let seen = Seen()

  /// The selected names that occurred in records.
  private final class Seen: Sendable {
    let names = Mutex<Set<String>>([])
  }

  /// The selected names that no record has had so far.
  package var namesNotFound: [String] {
    let found = seen.names.withLock { $0 }
    return names.filter { !found.contains($0) }.sorted()
  }

  /// Creates an empty selection.
  package init() {}

  /// A regular expression in Swift's syntax, which is that of PCRE for what names need.
  package struct Pattern: @unchecked Sendable {
    private let regex: Regex<AnyRegexOutput>

    /// Returns nil for an invalid regular expression.
    package init?(_ text: String, ignoresCase: Bool = false) {
      guard let regex = try? Regex(text) else { return nil }
      self.regex = regex.ignoresCase(ignoresCase)
    }

    /// Returns whether the expression matches in a text.
    package func isFound(in text: String) -> Bool { (try? regex.firstMatch(in: text)) != nil }
  }

  /// Returns whether a record is selected.
  package func matches(_ record: SequenceRecord) -> Bool {
    if !names.isEmpty {
      let name = ignoresCase ? record.name.lowercased() : record.name
      if names.contains(name) {
        seen.names.withLock { _ = $0.insert(name) }
        return true
      }
    }
    if !patterns.isEmpty {
      let text = searchesHeader ? String(decoding: record.header, as: UTF8.self) : record.name
      if patterns.contains(where: { $0.isFound(in: text) }) { return true }
    }
    return motifs.contains { $0.isFound(in: record.sequence) }
  }
}

/// The records from one number to another, counted from 1, or from the end if negative.
package struct RecordRange {
  private let first: Int
  private let last: Int
  private var number = 0
  /// The records that may still be among the last ones, in a ring buffer.
  private var held: [SequenceRecord] = []
  private var isAtEnd = false

  /// Creates a range; `first` and `last` are not 0, and a negative `first` requires a negative `last`.
  package init(first: Int, last: Int) {
    precondition(first != 0 && last != 0 && !(first < 0 && last > 0), "RecordRange: \(first):\(last)")
    self.first = first
    self.last = last
  }

  /// Returns the next record of the range, nil after it. Only as much is read as the range needs.
  package mutating func next(from reader: SequenceReader) throws -> SequenceRecord? {
    // Records are returned when they are known to be far enough from the end.
    let reach = first < 0 ? -first : last < 0 ? -last - 1 : 0
    while !isAtEnd {
      if last > 0, number >= last { return nil }
      guard let record = try reader.next() else {
        isAtEnd = true
        break
      }
      number += 1
      if first > 0, number < first { continue }
      held.append(record)
      if held.count > reach {
        let next = held.removeFirst()
        if first > 0 { return next }
      }
    }
    if first > 0 || held.isEmpty { return nil }
    // The stored records are the last `-first` ones, of which `-last - 1` are after the range.
    return held.count > -last - 1 ? held.removeFirst() : nil
  }
}
