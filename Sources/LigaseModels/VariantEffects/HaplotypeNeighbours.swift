import LigaseDatasets
import LigaseFormats

/// Records of a sorted VCF in their order, each with those around it: as many as lie within reach are kept.
struct HaplotypeNeighbours {
  /// A record and what its samples have there.
  struct Site {
    var record: VCF.Record
    /// Its number in the file, from 0.
    var number: Int
    var contig: String
    /// The reference allele.
    var range: Range<Int>
    /// For each allele what it changes; nil for the reference and for alleles that cannot be put in.
    var changes: [HaplotypeContext.Change?] = []
    /// For each sample the allele of each haplotype; nil where it is not known which haplotype has it.
    var haplotypes: [[Int?]] = []
  }

  /// How far from a record its neighbours may begin.
  let reach: Int
  let path: String
  private var sites: [Site] = []
  private var current = -1
  private var isAtEnd = false
  private var count = 0

  init(reach: Int, path: String) {
    self.reach = reach
    self.path = path
  }

  /// Goes to the next record and reads on until all its neighbours are there; nil at the end.
  ///
  /// - Parameter isUsable: whether a record's reference allele is that of the reference.
  mutating func advance(
    _ next: () throws -> VCF.Record?, isUsable: (VCF.Record) throws -> Bool
  ) throws -> Site? {
    current += 1
    if current == sites.count { try read(next, isUsable) }
    guard current < sites.count else { return nil }
    let site = sites[current]
    while !isAtEnd, let last = sites.last, last.contig == site.contig,
      last.range.lowerBound <= site.range.lowerBound + reach
    { try read(next, isUsable) }
    let spent = sites[..<current].prefix {
      $0.contig != site.contig || $0.range.lowerBound < site.range.lowerBound - reach
    }.count
    if spent > 0 {
      sites.removeFirst(spent)
      current -= spent
    }
    return site
  }

  /// What one haplotype of a sample changes around the current record.
  func changes(sample: Int, haplotype: Int) -> [HaplotypeContext.Change] {
    let site = sites[current]
    return sites.enumerated().compactMap { i, other in
      guard i != current, other.contig == site.contig, sample < other.haplotypes.count,
        haplotype < other.haplotypes[sample].count, let allele = other.haplotypes[sample][haplotype],
        allele < other.changes.count
      else { return nil }
      return other.changes[allele]
    }
  }

  private mutating func read(
    _ next: () throws -> VCF.Record?, _ isUsable: (VCF.Record) throws -> Bool
  ) throws {
    guard let record = try next() else {
      isAtEnd = true
      return
    }
    let start = record.position - 1
    var site = Site(
      record: record, number: count, contig: record.contig, range: start..<start + record.reference.utf8.count
    )
    count += 1
    if let last = sites.last, last.contig == site.contig, start < last.range.lowerBound {
      throw FormatError(
        .badData, path: path, line: record.line == 0 ? nil : record.line, column: 2,
        "found position \(record.position) after \(last.range.lowerBound + 1), expected records sorted by position: "
          + "haplotypes are put together from neighbours")
    }
    let usable = try isUsable(record)
    site.changes = [nil]
    for alternate in record.alternates {
      let bases = Array(alternate.utf8)
      site.changes.append(
        usable && VariantScoring.isBases(bases)
          ? .init(start: start, referenceCount: site.range.count, bases: bases) : nil)
    }
    site.haplotypes = record.genotypes.map { genotype in
      // A genotype of equal alleles needs no phase.
      let isKnown = genotype.isPhased || Set(genotype.alleles).count == 1
      return genotype.alleles.map { isKnown ? $0 : nil }
    }
    sites.append(site)
  }
}
