import LigaseGenomics

/// The sites whose genotypes are read; other records are skipped after a look at their first columns.
///
///     let stream = try DosageStream(contentsOf: "chr20.vcf.gz", sites: SiteSelection(positions: [("20", 76962)], ids: ["rs1"]))
///
/// A record is selected if its position is, ignoring the prefix `chr` of contigs, or if one of its
/// identifiers is.
package struct SiteSelection: Sendable {
  private var positions: [String: Set<Int>] = [:]
  private let ids: Set<String>

  /// Creates a selection by contig and position (counted from 1), and by identifier.
  package init(positions: some Sequence<(contig: String, position: Int)>, ids: some Sequence<String>) {
    for (contig, position) in positions {
      self.positions[ContigAliases.plain(contig), default: []].insert(position)
    }
    self.ids = Set(ids)
  }

  /// Returns whether a record is one of the sites.
  func holds(_ record: VCF.Record) -> Bool {
    positions[ContigAliases.plain(record.contig)]?.contains(record.position) == true
      || !ids.isEmpty && record.ids.contains { ids.contains($0) }
  }
}

/// The records at sites that were not requested.
package struct SkippedSites: Equatable, Sendable {
  /// The number of their alternate alleles.
  package private(set) var count = 0
  /// The contigs of the records.
  package private(set) var contigs: Set<String> = []
  /// The keys of the first three alleles.
  package private(set) var first: [String] = []

  /// Adds a record.
  mutating func add(_ record: VCF.Record) {
    let alternates = record.alternates
    if alternates.isEmpty { return }
    count += alternates.count
    contigs.insert(record.contig)
    for alternate in alternates where first.count < 3 {
      first.append("\(record.contig):\(record.position):\(record.reference):\(alternate)")
    }
  }

  /// Adds the records skipped in a later part of the file.
  static func += (a: inout SkippedSites, b: SkippedSites) {
    a.count += b.count
    a.contigs.formUnion(b.contigs)
    a.first += b.first.prefix(3 - a.first.count)
  }
}
