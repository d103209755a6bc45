/// The separator of the fields of a table.
///
/// ```swift
/// let table = try Table(contentsOf: "measurements.txt", delimiter: .semicolon)
/// ```
public enum Delimiter: String, CaseIterable, Sendable {
  /// Tab-separated: no quoting, a field is what stands between two tabs.
  case tab
  /// Comma-separated with the quotes of RFC 4180: a quoted field may hold commas, newlines and doubled quotes.
  case comma
  /// The same with semicolons, as spreadsheets write where the comma is the decimal mark.
  case semicolon
  /// One or more blanks (spaces or tabs), outside of double quotes; those around a line mean nothing.
  case space

  /// The byte itself; blanks are made single tabs before fields are looked for.
  var byte: UInt8 {
    switch self {
    case .tab, .space: 0x09
    case .comma: 0x2C
    case .semicolon: 0x3B
    }
  }

  /// Whether fields may be quoted as in RFC 4180.
  var hasQuotes: Bool { self == .comma || self == .semicolon }

  /// The word for several of it.
  package var plural: String {
    switch self {
    case .tab: "tabs"
    case .comma: "commas"
    case .semicolon: "semicolons"
    case .space: "blanks"
    }
  }

  /// The delimiter that the name of a file promises: `.csv`, `.tsv`, `.tab`, with `.gz` or `.bgz` taken off.
  package static func named(by path: String) -> Delimiter? {
    var name = path.lowercased()[...]
    for suffix in [".gz", ".bgz"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
    if name.hasSuffix(".csv") { return .comma }
    if name.hasSuffix(".tsv") || name.hasSuffix(".tab") { return .tab }
    return nil
  }

  /// Makes every run of blanks outside of double quotes a tab, in place, and drops those around lines, the quotes and
  /// tabs within them; returns the new length. Lines keep their ends.
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
