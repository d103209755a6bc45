import LigaseDatasets
import LigaseFormats

/// The records of a sorted VCF in order, each with its neighbours; only those within reach are in memory.
struct HaplotypeNeighbours {
  /// A record with the alleles of its samples.
  struct Site {
    var record: VCF.Record
    /// The number of the record in the file, from 0.
    var number: Int
    var contig: String
    /// The range of the reference allele.
    var range: Range<Int>
    /// The change of each allele; nil for the reference and for alleles that cannot be inserted.
    var changes: [HaplotypeContext.Change?] = []
    /// The allele of each haplotype of each sample; nil where the phase is unknown.
    var haplotypes: [[Int?]] = []
  }

  /// The largest distance between the starts of a record and its neighbours.
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

  /// Moves to the next record and reads until all its neighbours are in memory; nil at the end.
  ///
  /// - Parameter isUsable: returns whether a record's reference allele agrees with the reference sequence.
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

  /// Returns the changes of one haplotype of a sample around the current record.
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
          + "haplotypes are assembled from neighbouring records")
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
      // A genotype with equal alleles needs no phase.
      let isKnown = genotype.isPhased || Set(genotype.alleles).count == 1
      return genotype.alleles.map { isKnown ? $0 : nil }
    }
    sites.append(site)
  }
}
