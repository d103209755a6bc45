/// Splits a line into fields. With commas or semicolons the quotes of RFC 4180 are removed; with tabs only
/// the quotes of R around names, if requested.
struct FieldScanner {
  private let base: UnsafePointer<UInt8>
  private let end: Int
  private let separator: UInt8
  private let path: String
  private let hasQuotes: Bool
  private let stripsQuotes: Bool
  private(set) var position: Int
  private(set) var line: Int
  /// The number of the last field, counted from 1.
  private(set) var column = 0
  private var isLineDone = false

  /// Scans `base[position..<end]`, which ends in a newline.
  init(
    _ base: UnsafePointer<UInt8>, _ position: Int, _ end: Int, delimiter: Delimiter, line: Int, path: String,
    column: Int = 0, stripsQuotes: Bool = false
  ) {
    self.column = column
    self.base = base
    self.position = position
    self.end = end
    self.line = line
    self.path = path
    separator = delimiter.byte
    hasQuotes = delimiter.hasQuotes
    self.stripsQuotes = stripsQuotes
  }

  /// The bytes of a field, and whether doubled quotes in them are one quote.
  struct Field {
    var bytes: UnsafeBufferPointer<UInt8>
    var hasDoubledQuotes = false
  }

  /// Returns the next field of the line; nil once after the line's last field.
  mutating func next() throws -> Field? {
    if isLineDone {
      isLineDone = false
      column = 0
      return nil
    }
    column += 1
    var i = position
    if hasQuotes, base[i] == 0x22 { return try quoted() }
    while base[i] != separator, base[i] != 0x0A { i &+= 1 }
    var last = i
    if base[i] == 0x0A {
      isLineDone = true
      line += 1
      while last > position, base[last - 1] == 0x0D { last -= 1 }
    }
    var first = position
    position = i + 1
    if stripsQuotes {
      while first < last, base[first] == 0x20 { first += 1 }
      while last > first, base[last - 1] == 0x20 { last -= 1 }
    }
    if stripsQuotes, last - first >= 2, base[first] == 0x22, base[last - 1] == 0x22 {
      first += 1
      last -= 1
      let bytes = UnsafeBufferPointer(start: base + first, count: last - first)
      return Field(bytes: bytes, hasDoubledQuotes: FieldScanner.areQuotesDoubled(bytes))
    }
    return Field(bytes: UnsafeBufferPointer(start: base + first, count: last - first))
  }

  /// Returns whether there are quotes, all of them in pairs.
  static func areQuotesDoubled(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var i = 0
    var found = false
    while i < bytes.count {
      if bytes[i] == 0x22 {
        guard i + 1 < bytes.count, bytes[i + 1] == 0x22 else { return false }
        found = true
        i += 1
      }
      i += 1
    }
    return found
  }

  private mutating func quoted() throws -> Field? {
    let first = position + 1
    let openLine = line
    var i = first
    var hasDoubledQuotes = false
    while i < end {
      if base[i] == 0x22 {
        guard i + 1 < end, base[i + 1] == 0x22 else { break }
        hasDoubledQuotes = true
        i += 1
      } else if base[i] == 0x0A {
        line += 1
      }
      i += 1
    }
    guard i < end else {
      throw FormatError(
        .badData, path: path, line: openLine, column: column,
        "found no closing quote before the end of the file")
    }
    let field = Field(
      bytes: UnsafeBufferPointer(start: base + first, count: i - first), hasDoubledQuotes: hasDoubledQuotes)
    i += 1
    var after = i
    while after < end, base[after] == 0x0D { after += 1 }
    if after < end, base[after] == 0x0A { i = after }
    guard base[i] == separator || base[i] == 0x0A else {
      throw FormatError(
        .badData, path: path, line: line, column: column,
        "found \(FormatError.quoted([base[i]])) after a closing quote, expected a delimiter or the end of the line"
      )
    }
    if base[i] == 0x0A {
      isLineDone = true
      line += 1
    }
    position = i + 1
    return field
  }

  /// Returns the text of a field, which must be UTF-8 without NUL bytes.
  func string(_ field: Field) throws -> String {
    if UTF8Scan.firstInvalid(field.bytes) != nil || field.bytes.contains(0) {
      throw FormatError(
        .badData, path: path, line: line, column: column,
        "found \(FormatError.quoted(field.bytes)), expected text in UTF-8")
    }
    guard field.hasDoubledQuotes else { return String(decoding: field.bytes, as: UTF8.self) }
    var bytes: [UInt8] = []
    var i = 0
    while i < field.bytes.count {
      bytes.append(field.bytes[i])
      i += field.bytes[i] == 0x22 ? 2 : 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
