/// The separator of the fields of a table.
///
/// ```swift
/// let table = try Table(contentsOf: "measurements.txt", delimiter: .semicolon)
/// ```
public enum Delimiter: String, CaseIterable, Sendable {
  /// Tab-separated without quoting.
  case tab
  /// Comma-separated with the quotes of RFC 4180: a quoted field may contain commas, newlines and doubled
  /// quotes.
  case comma
  /// Semicolon-separated with the same quotes, as spreadsheets write where the comma is the decimal mark.
  case semicolon
  /// One or more spaces or tabs outside double quotes; those around a line are ignored.
  case space

  /// The byte of the delimiter; runs of spaces are replaced by single tabs before fields are split.
  var byte: UInt8 {
    switch self {
    case .tab, .space: 0x09
    case .comma: 0x2C
    case .semicolon: 0x3B
    }
  }

  /// Whether fields may be quoted as in RFC 4180.
  var hasQuotes: Bool { self == .comma || self == .semicolon }

  /// The plural noun of the delimiter.
  package var plural: String {
    switch self {
    case .tab: "tabs"
    case .comma: "commas"
    case .semicolon: "semicolons"
    case .space: "blanks"
    }
  }

  /// Returns the delimiter for the suffix of a file name: `.csv`, `.tsv`, `.tab`, ignoring `.gz` or `.bgz`.
  package static func named(by path: String) -> Delimiter? {
    var name = path.lowercased()[...]
    for suffix in [".gz", ".bgz"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
    if name.hasSuffix(".csv") { return .comma }
    if name.hasSuffix(".tsv") || name.hasSuffix(".tab") { return .tab }
    return nil
  }

  /// Replaces every run of spaces and tabs outside double quotes by a tab, in place, and removes those around
  /// lines, the quotes and tabs within them; returns the new length. Line ends are kept.
  static func normalizeBlanks(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    var to = 0
    var isQuoted = false
    var isPending = false
    var isLineStart = true
    for i in 0..<count {
      let byte = base[i]
      if byte == 0x0A {
        (isQuoted, isPending, isLineStart) = (false, false, true)
        base[to] = byte
        to &+= 1
      } else if byte == 0x22 {
        if isPending, !isLineStart {
          base[to] = 0x09
          to &+= 1
        }
        isPending = false
        isLineStart = false
        isQuoted.toggle()
      } else if !isQuoted, byte <= 0x20 {
        isPending = true
      } else {
        if isPending, !isLineStart {
          base[to] = 0x09
          to &+= 1
        }
        (isPending, isLineStart) = (false, false)
        base[to] = byte == 0x09 ? 0x20 : byte
        to &+= 1
      }
    }
    return to
  }
}
