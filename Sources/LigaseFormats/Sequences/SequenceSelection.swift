import LigaseGenomics
import Synchronization

/// Which records of a file are wanted: by name, or by a motif.
package struct SequenceSelection: Sendable {
  /// Names, in lower case if case is ignored.
  package var names: Set<String> = []
  /// Regular expressions of which one is found in the name.
  package var patterns: [Pattern] = []
  /// Motifs of which the sequence holds one.
  package var motifs: [SequenceMotif] = []
  /// Whether upper and lower case of names are the same.
  package var ignoresCase = false
  /// Whether patterns are searched in the whole header.
  package var searchesHeader = false
  private let seen = Seen()

  /// The names that records had, of those that are wanted.
  private final class Seen: Sendable {
    let names = Mutex<Set<String>>([])
  }

  /// The wanted names that no record had so far.
  package var namesNotFound: [String] {
    let found = seen.names.withLock { $0 }
    return names.filter { !found.contains($0) }.sorted()
  }

  /// Nothing.
  package init() {}

  /// A regular expression in Swift's syntax, which is that of PCRE for what names need.
  package struct Pattern: @unchecked Sendable {
    private let regex: Regex<AnyRegexOutput>

    /// nil for a text that is no regular expression.
    package init?(_ text: String, ignoresCase: Bool = false) {
      guard let regex = try? Regex(text) else { return nil }
      self.regex = regex.ignoresCase(ignoresCase)
    }

    /// Whether the expression is found in a text.
    package func isFound(in text: String) -> Bool { (try? regex.firstMatch(in: text)) != nil }
  }

  /// Whether a record is wanted.
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

/// Records from one number to another, counted from 1, or from the end where negative.
package struct RecordRange {
  private let first: Int
  private let last: Int
  private var number = 0
  /// Records that may still be among the last ones, in a ring.
  private var held: [SequenceRecord] = []
  private var isAtEnd = false

  /// `first` and `last` are not 0; a negative `first` has a negative `last`.
  package init(first: Int, last: Int) {
    precondition(first != 0 && last != 0 && !(first < 0 && last > 0), "RecordRange: \(first):\(last)")
    self.first = first
    self.last = last
  }

  /// The next record of the range, nil behind it. Nothing is read that the range does not need.
  package mutating func next(from reader: SequenceReader) throws -> SequenceRecord? {
    // Records are given out once it is known that they are far enough from the end.
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
    // What is held are the last `-first` records, of which `-last - 1` are behind the range.
    return held.count > -last - 1 ? held.removeFirst() : nil
  }
}
