import LigaseFormats

/// A regular expression over the headers of sequences, whose first group is the label.
struct HeaderPattern {
  private let text: String
  private let expression: Regex<AnyRegexOutput>

  /// - Throws: `JoinError` for an invalid regular expression.
  init(_ text: String) throws {
    self.text = text
    do { expression = try Regex(text) } catch {
      throw JoinError("found the pattern '\(text)' for labels, expected a regular expression")
    }
  }

  /// Returns the first group of the first match of the pattern, or the whole match where it has no group.
  func label(of header: String) throws -> String {
    guard let match = try? expression.firstMatch(in: header) else {
      throw JoinError("the pattern '\(text)' does not match the header '\(header)'")
    }
    let group = match.output.count > 1 ? match.output[1] : match.output[0]
    return group.substring.map(String.init) ?? ""
  }
}

extension Table {
  /// Reads labels from the headers of sequences, as a table with the columns `id` and `class`.
  ///
  /// - Parameter pattern: a regular expression over headers, whose first group is the label.
  /// - Throws: `JoinError` for an invalid regular expression, or a header that it does not match.
  package init(labelsInHeadersOf reader: SequenceReader, pattern: String) throws {
    let pattern = try HeaderPattern(pattern)
    var text = "id\tclass\n"
    while let record = try reader.next() {
      let label = try pattern.label(of: String(decoding: record.header, as: UTF8.self))
      text += "\(record.name)\t\(label.replacing("\t", with: " "))\n"
    }
    try self.init(bytes: Array(text.utf8), path: reader.path, delimiter: .tab)
  }
}
