import LigaseFormats

/// A named set of labels that are evaluated as one, such as the whole tumour.
package struct SegmentationRegion: Sendable, Hashable {
  /// Its name in the output.
  package let name: String
  /// Its labels, each above 0, ascending; nil stands for all labels above 0.
  package let labels: [UInt16]?

  /// All labels above 0, which are evaluated together if no region is given.
  package static let foreground = SegmentationRegion(name: "foreground", labels: nil)

  private init(name: String, labels: [UInt16]?) { (self.name, self.labels) = (name, labels) }

  /// The region of one label, called by its number.
  init(class label: UInt16) { self.init(name: "\(label)", labels: [label]) }

  /// Reads `NAME=1,2,3`.
  ///
  /// - Throws: ``Problem`` for a name that is empty, a number or has `/`, for labels that are not whole numbers from 1 to 65535, and for
  ///   a label given twice.
  package init(parsing text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw Problem("expected a name and labels such as whole=1,2,4 (got \(FormatError.quoted(text)))")
    }
    guard Int(parts[0]) == nil, !parts[0].contains("/"), parts[0].utf8.allSatisfy({ $0 >= 32 }) else {
      throw Problem(
        "the name of a region cannot be a number or contain / (got \(FormatError.quoted(parts[0])))")
    }
    let labels = try parts[1].split(separator: ",", omittingEmptySubsequences: false).map { field in
      guard let label = UInt16(field), label > 0 else {
        throw Problem(
          "labels of the region \(parts[0]) must be whole numbers from 1 to 65535 (got \(FormatError.quoted(String(field))))"
        )
      }
      return label
    }
    guard Set(labels).count == labels.count else {
      throw Problem("the region \(parts[0]) has a label twice (got \(FormatError.quoted(text)))")
    }
    self.init(name: parts[0], labels: labels.sorted())
  }

  /// Why a text is no region.
  package struct Problem: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
  }

  /// Whether a label belongs to the region.
  func contains(_ label: UInt16) -> Bool { labels?.contains(label) ?? (label > 0) }
}
