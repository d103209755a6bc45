import LigaseGenomics

/// Regions as somebody writes them, before it is known which contigs a file has.
///
/// `HLA-A*01:01:01:01` is a contig, or position 1 of `HLA-A*01:01:01`: the contigs of the header and of the index tell.
/// Where neither is there, as in a stream whose header declares no contigs, the records of either are meant.
package struct RegionQuery: Sendable {
  /// The texts: `contig`, `contig:position`, `contig:start-end`.
  package var texts: [String]
  /// Regions that need no reading.
  package var regions: [Region]

  /// A text that is no region.
  package struct SyntaxError: Error, Equatable, CustomStringConvertible {
    /// The text.
    package var text: String

    /// A text that was to be a region.
    package init(text: String) { self.text = text }

    /// The problem: the value found and the value expected.
    package var description: String {
      "found region \(FormatError.quoted(text)), expected contig, contig:position or contig:start-end"
    }
  }

  /// The regions together.
  package init(_ texts: [String], regions: [Region] = []) {
    self.texts = texts
    self.regions = regions
  }

  /// The regions in a file; a text that is none, and not the name of a contig, throws a `SyntaxError`.
  ///
  /// - Parameters:
  ///   - isComplete: whether the file has no other contigs than those that are known.
  func resolved(isComplete: Bool, among isKnown: (String) -> Bool) throws -> RegionSet {
    var all: [Region] = []
    var readings: [String: String] = [:]
    for text in texts {
      guard let region = Region(text, contigs: isKnown) else { throw SyntaxError(text: text) }
      all.append(region)
      if isComplete || region.contig == text || isKnown(region.contig) || !RegionQuery.endsInDigits(text) {
        continue
      }
      all.append(Region(contig: text))
      readings[text] = region.contig
    }
    var set = RegionSet(all + regions)
    set.otherReadings = readings
    return set
  }

  /// Whether a text may be a name that ends in `:digits`.
  private static func endsInDigits(_ text: String) -> Bool {
    guard !text.hasPrefix("{"), let colon = text.lastIndex(of: ":") else { return false }
    let end = text[text.index(after: colon)...].utf8
    return !end.isEmpty && end.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }
}
