import LigaseGenomics

/// Ranges of contigs, merged where they overlap or are adjacent, as for `--region` and `--regions-file`.
package struct RegionSet: Equatable, Sendable {
  /// The ranges of each contig, with positions counted from 0, sorted and disjoint.
  private var ranges: [String: [Range<Int>]] = [:]
  /// The contigs in the order in which they were named.
  package private(set) var contigs: [String] = []
  /// Texts that end in `:digits` and may be names, each with the contig that they name if the digits are a
  /// position.
  var otherReadings: [String: String] = [:]

  /// Creates the union of regions.
  public init(_ regions: some Sequence<Region>) {
    for region in regions {
      if ranges[region.contig] == nil { contigs.append(region.contig) }
      ranges[region.contig, default: []].append(region.start - 1..<max(region.start - 1, region.end ?? .max))
    }
    for contig in contigs {
      var merged: [Range<Int>] = []
      for range in (ranges[contig] ?? []).sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
        if let last = merged.last, range.lowerBound <= last.upperBound {
          merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
          merged.append(range)
        }
      }
      ranges[contig] = merged
    }
  }

  /// Returns the ranges of a contig, with positions counted from 0, sorted and disjoint.
  package func ranges(of contig: String) -> [Range<Int>] { ranges[contig] ?? [] }

  /// Returns whether any range of a contig overlaps `range`.
  package func overlaps(_ contig: String, _ range: Range<Int>) -> Bool {
    guard let own = ranges[contig] else { return false }
    var (low, high) = (0, own.count)
    while low < high {
      let middle = (low + high) / 2
      if own[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < own.count && own[low].lowerBound < range.upperBound
  }

  /// Returns the ranges with the file's names of the contigs; contigs that are not in the file are added to
  /// `mismatch`.
  package func renamed(
    by aliases: ContigAliases, among isKnown: (String) -> Bool, _ mismatch: inout ContigMismatch
  ) -> RegionSet {
    var regions: [Region] = []
    for contig in contigs {
      let name = aliases.resolve(contig, among: isKnown)
      for range in ranges(of: contig) {
        if name == nil, !isExcused(contig, among: isKnown) { mismatch.add(contig, among: isKnown) }
        regions.append(
          Region(
            contig: name ?? contig, start: range.lowerBound + 1,
            end: range.upperBound == .max ? nil : range.upperBound))
      }
    }
    return RegionSet(regions)
  }

  /// Returns whether a missing contig is not reported, because its text has another interpretation.
  func isExcused(_ contig: String, among isKnown: (String) -> Bool) -> Bool {
    otherReadings[contig] != nil || otherReadings.contains { $0.value == contig && isKnown($0.key) }
  }
}
