import LigaseGenomics

/// Regions as written by a user, before the contigs of the file are known.
///
/// `HLA-A*01:01:01:01` is a contig, or position 1 of `HLA-A*01:01:01`: the contigs of the header and of the
/// index determine which. If neither is present, as in a stream whose header declares no contigs, the records
/// of both are selected.
package struct RegionQuery: Sendable {
  /// The texts: `contig`, `contig:position`, `contig:start-end`.
  package var texts: [String]
  /// Regions that need no interpretation.
  package var regions: [Region]

  /// The error of an invalid region.
  package struct SyntaxError: Error, Equatable, CustomStringConvertible {
    /// The text.
    package var text: String

    /// Creates the error of a text that is not a region.
    package init(text: String) { self.text = text }

    /// The problem: the value found and the value expected.
    package var description: String {
      "found region \(FormatError.quoted(text)), expected contig, contig:position or contig:start-end"
    }
  }

  /// Creates a query.
  package init(_ texts: [String], regions: [Region] = []) {
    self.texts = texts
    self.regions = regions
  }

  /// Returns the regions in a file; a text that is neither a region nor the name of a contig throws a
  /// `SyntaxError`.
  ///
  /// - Parameters:
  ///   - isComplete: whether all contigs of the file are known.
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

  /// Returns whether a text may be a name that ends in `:digits`.
  private static func endsInDigits(_ text: String) -> Bool {
    guard !text.hasPrefix("{"), let colon = text.lastIndex(of: ":") else { return false }
    let end = text[text.index(after: colon)...].utf8
    return !end.isEmpty && end.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }
}
