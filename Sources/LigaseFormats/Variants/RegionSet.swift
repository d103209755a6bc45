import LigaseGenomics

/// Stretches of contigs, merged where they overlap or touch: what `--region` and `--regions-file` ask for.
public struct RegionSet: Equatable, Sendable {
  /// The ranges of each contig, positions counted from 0, sorted and apart.
  private var ranges: [String: [Range<Int>]] = [:]
  /// The contigs in the order in which they were named.
  public private(set) var contigs: [String] = []

  /// The union of regions.
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

  /// The ranges of a contig, positions counted from 0, sorted and apart.
  public func ranges(of contig: String) -> [Range<Int>] { ranges[contig] ?? [] }

  /// Whether any range of a contig overlaps `range`.
  public func overlaps(_ contig: String, _ range: Range<Int>) -> Bool {
    guard let own = ranges[contig] else { return false }
    var (low, high) = (0, own.count)
    while low < high {
      let middle = (low + high) / 2
      if own[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < own.count && own[low].lowerBound < range.upperBound
  }

  /// The same ranges under the names that a file has for the contigs; those that it has not go to `mismatch`.
  public func renamed(
    by aliases: ContigAliases, among isKnown: (String) -> Bool, _ mismatch: inout ContigMismatch
  ) -> RegionSet {
    var regions: [Region] = []
    for contig in contigs {
      let name = aliases.resolve(contig, among: isKnown)
      for range in ranges(of: contig) {
        if name == nil { mismatch.add(contig, among: isKnown) }
        regions.append(
          Region(
            contig: name ?? contig, start: range.lowerBound + 1,
            end: range.upperBound == .max ? nil : range.upperBound))
      }
    }
    return RegionSet(regions)
  }
}

extension VCF.Record {
  /// The positions of the reference that a record spans, counted from 0: as long as REF, or to `END` of INFO
  /// where that lies behind the position.
  public var referenceRange: Range<Int> {
    let start = max(0, position - 1)
    if let entry = infoRange(of: Array("END".utf8)), entry.count > 4 {
      let digits = text[(entry.lowerBound + 4)..<entry.upperBound].prefix { $0 >= 0x30 && $0 <= 0x39 }
      if let end = Int(String(decoding: digits, as: UTF8.self)), end > start, end < 1 << 56 {
        return start..<end
      }
    }
    // A position 0 stands before the first base.
    let (end, isBeyond) = (position - 1).addingReportingOverflow(range(3).count)
    return start..<max(start + 1, isBeyond ? .max : end)
  }
}
