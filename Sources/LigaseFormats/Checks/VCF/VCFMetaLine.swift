/// A header line of the form `key=value` or `key=<key=value,key="text",key=[a, b]>`, read strictly.
struct VCFMetaLine {
  /// One entry between the angle brackets.
  struct Entry: Equatable {
    var key: String
    /// The value without quotes, with escapes resolved.
    var value: String
    /// Whether the value is in double quotes.
    var isQuoted: Bool
  }

  /// The reason why a line is invalid.
  enum Failure: Error {
    /// There is no `=`, or no text before it.
    case noKey
    /// There is no text after the `=`.
    case emptyValue
    /// It begins with `<` and does not end with `>`.
    case notClosed
    /// A quote is not closed, or there is text between a closing quote and the next comma.
    case quotes
    /// An entry without `=`, key or value, or with a quote or bracket in it.
    case entry
  }

  /// The text before the first `=`.
  var key: String
  /// The text after the first `=`.
  var value: String
  /// The entries, if the value is in angle brackets; otherwise nil.
  var entries: [Entry]?

  /// Returns the value of an entry.
  subscript(_ key: String) -> Entry? { entries?.first { $0.key == key } }

  /// Reads a line without its `##`.
  ///
  /// - Parameter isLoose: returns whether a bracketed value of a key that is not a list of entries is allowed
  ///   as text.
  init(_ line: UnsafeBufferPointer<UInt8>, isLoose: (String) -> Bool) throws {
    guard let equals = line.firstIndex(of: 0x3D), equals > 0 else { throw Failure.noKey }
    key = String(decoding: line[..<equals], as: UTF8.self)
    let text = Array(line[(equals + 1)...])
    value = String(decoding: text, as: UTF8.self)
    if text.isEmpty { throw Failure.emptyValue }
    guard text[0] == 0x3C else { return }
    let loose = isLoose(key)
    guard text.count > 1, text[text.count - 1] == 0x3E else {
      throw VCFMetaLine.hasOpenQuote(text) ? Failure.quotes : Failure.notClosed
    }
    do {
      entries = try VCFMetaLine.entries(text[1..<(text.count - 1)])
    } catch  where loose {
      // `<text>` and `<"text">` are allowed as text.
      if text.count == 2 { throw Failure.emptyValue }
    }
  }

  private static func hasOpenQuote(_ text: [UInt8]) -> Bool {
    var isOpen = false
    var isEscaped = false
    for byte in text {
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte == 0x22 {
        isOpen.toggle()
      }
    }
    return isOpen
  }

  private static func entries(_ text: ArraySlice<UInt8>) throws -> [Entry] {
    var entries: [Entry] = []
    var i = text.startIndex
    let end = text.endIndex
    if i == end { throw Failure.entry }
    while true {
      let keyStart = i
      while i < end, text[i] != 0x3D, text[i] != 0x2C { i += 1 }
      guard i < end, text[i] == 0x3D, i > keyStart else { throw Failure.entry }
      let key = text[keyStart..<i]
      if key.contains(where: { $0 == 0x22 || $0 == 0x3C || $0 == 0x3E }) { throw Failure.entry }
      i += 1
      var value: [UInt8] = []
      let isQuoted = i < end && text[i] == 0x22
      if isQuoted {
        i = try quoted(text, i, &value)
      } else if i < end, text[i] == 0x5B, let close = text[i...].firstIndex(of: 0x5D) {
        value = Array(text[i...close])
        i = close + 1
      } else {
        while i < end, text[i] != 0x2C {
          if text[i] == 0x22 { throw Failure.quotes }
          if text[i] == 0x3C || text[i] == 0x3E { throw Failure.entry }
          value.append(text[i])
          i += 1
        }
        if value.isEmpty { throw Failure.entry }
      }
      if i < end, text[i] != 0x2C { throw isQuoted ? Failure.quotes : Failure.entry }
      entries.append(
        Entry(
          key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self),
          isQuoted: isQuoted))
      if i == end { return entries }
      i += 1
    }
  }

  /// Reads a quoted text and returns the index after it.
  private static func quoted(_ text: ArraySlice<UInt8>, _ start: Int, _ value: inout [UInt8]) throws -> Int {
    var i = start + 1
    while i < text.endIndex {
      if text[i] == 0x5C, i + 1 < text.endIndex {
        value.append(text[i + 1])
        i += 2
      } else if text[i] == 0x22 {
        return i + 1
      } else {
        value.append(text[i])
        i += 1
      }
    }
    throw Failure.quotes
  }
}
