/// What separates the fields of a table.
public enum Delimiter: String, CaseIterable, Sendable {
  /// Tab-separated: no quoting, a field is what stands between two tabs.
  case tab
  /// Comma-separated with the quotes of RFC 4180: a quoted field may hold commas, newlines and doubled
  /// quotes.
  case comma

  /// The byte itself.
  public var byte: UInt8 { self == .tab ? 0x09 : 0x2C }

  /// The delimiter that the name of a file promises: `.csv`, `.tsv`, `.tab`, with `.gz` or `.bgz` taken off.
  public static func named(by path: String) -> Delimiter? {
    var name = path.lowercased()[...]
    for suffix in [".gz", ".bgz"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
    if name.hasSuffix(".csv") { return .comma }
    if name.hasSuffix(".tsv") || name.hasSuffix(".tab") { return .tab }
    return nil
  }

  /// The delimiter that the first line of a table shows: a tab in it means tab-separated.
  public static func detected(in bytes: UnsafeBufferPointer<UInt8>) -> Delimiter {
    for byte in bytes {
      if byte == 0x09 { return .tab }
      if byte == 0x0A { break }
    }
    return .comma
  }
}
