/// A range of a contig, `chr1:100-200`: positions counted from 1, both ends included.
///
/// ```swift
/// let region = Region("chr1:1,000-2,000")!
/// print(region.contig, region.start, region.end!)    // chr1 1000 2000
/// ```
public struct Region: Hashable, Sendable {
  /// The contig's name.
  public var contig: String
  /// The first position, counted from 1.
  public var start: Int
  /// The last position; nil extends to the contig's end.
  public var end: Int?

  /// Creates a range of a contig; `start` is at least 1 and `end`, if given, at least `start` - 1.
  public init(contig: String, start: Int = 1, end: Int? = nil) {
    precondition(start >= 1 && end ?? start >= start - 1, "Region: \(start)-\(end ?? start)")
    self.contig = contig
    self.start = start
    self.end = end
  }

  /// Reads `contig`, `contig:start`, `contig:start-`, `contig:-end` or `contig:start-end`; commas may separate
  /// thousands.
  ///
  /// A name that itself ends in `:digits` is the whole contig if `contigs` knows it, as in samtools;
  /// `{name}:1-2` resolves the ambiguity. `contig:start` is the one position. nil for an invalid region.
  public init?(_ text: String, contigs: (String) -> Bool = { _ in false }) {
    if text.isEmpty { return nil }
    if contigs(text) {
      self.init(contig: text)
      return
    }
    var name = text[...]
    var positions: Substring?
    if text.hasPrefix("{"), let close = text.lastIndex(of: "}") {
      name = text[text.index(after: text.startIndex)..<close]
      let rest = text[text.index(after: close)...]
      if !rest.isEmpty && rest.first != ":" { return nil }
      positions = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.lastIndex(of: ":"), colon > text.startIndex {
      name = text[..<colon]
      positions = text[text.index(after: colon)...]
    }
    guard let positions else {
      self.init(contig: String(name))
      return
    }
    let parts = positions.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let fromFirst = parts.count == 2 && parts[0].isEmpty && !parts[1].isEmpty
    guard let start = fromFirst ? 1 : Region.number(parts[0]), start >= 1 else { return nil }
    var end: Int? = start
    if parts.count == 2 {
      end = parts[1].isEmpty ? nil : Region.number(parts[1])
      if !parts[1].isEmpty && (end == nil || end! < start) { return nil }
    }
    self.init(contig: String(name), start: start, end: end)
  }

  private static func number(_ text: Substring) -> Int? {
    guard let first = text.utf8.first, first >= 0x30, first <= 0x39 else { return nil }
    return Int(text.filter { $0 != "," })
  }
}

extension Region: CustomStringConvertible {
  /// The text `contig:start-end`, or the name of a whole contig.
  public var description: String {
    if let end { return "\(contig):\(start)-\(end)" }
    return start == 1 ? contig : "\(contig):\(start)-"
  }
}
