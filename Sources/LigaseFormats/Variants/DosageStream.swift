import LigaseRuntime
import LigaseGenomics

/// The genotypes of a VCF file as allele counts, in constant memory: pieces of text are parsed by several
/// threads.
package final class DosageStream {
  /// The header of the file.
  package let header: VCF.Header
  private let reader: ByteReader
  private let window: TextWindow
  private let threads: Int
  private let parser: GenotypeParser
  private let indexed: VCF.RegionReader?
  private var genotypes = GenotypeTally()
  /// The requested contigs that the header has but the index lacks.
  package var indexGap: VariantIndex.Gap? { indexed?.indexGap }
  /// The requested contigs that the file lacks.
  package let mismatch: ContigMismatch
  private var found: [VCF.Warning]
  /// The records so far at sites that were not requested.
  package private(set) var skipped = SkippedSites()

  /// Warnings about malformed input so far, one for each class.
  package var warnings: [VCF.Warning] {
    var all = found
    if let indexed { all.merge(indexed.warnings) }
    return all
  }

  /// Opens `path` and reads the header; `-` or nil is standard input.
  ///
  /// - Parameters:
  ///   - regions: nil reads every record, else those that overlap; with an index if there is one.
  ///   - aliases: other names of the regions' contigs in the file.
  ///   - sites: nil reads every site.
  ///   - needsGenotypes: whether a record without GT is an error; otherwise its genotypes are missing, with a
  ///     warning.
  package convenience init(
    contentsOf path: String?, withExchangedAlleles: Bool = false, regions: RegionSet? = nil,
    aliases: ContigAliases = .init(), sites: SiteSelection? = nil, needsGenotypes: Bool = false,
    threads: Int = 1
  ) throws {
    try self.init(
      path, withExchangedAlleles, regions.map { regions in { _, _ in regions } }, aliases, sites, threads
    ) { try VCF.RegionReader(contentsOf: $0, regions: regions, aliases: aliases) }
    genotypes.isStrict = needsGenotypes
  }

  /// Opens `path` for regions that are interpreted with the contigs of the file; an invalid region throws a
  /// `RegionQuery.SyntaxError`.
  package convenience init(
    contentsOf path: String?, query: RegionQuery?, aliases: ContigAliases = .init(), threads: Int = 1
  ) throws {
    try self.init(
      path, false, query.map { query in { try query.resolved(isComplete: $0, among: $1) } }, aliases, nil,
      threads
    ) { try VCF.RegionReader(contentsOf: $0, query: query, aliases: aliases) }
  }

  private init(
    _ path: String?, _ exchangesAlleles: Bool, _ regions: ((Bool, (String) -> Bool) throws -> RegionSet)?,
    _ aliases: ContigAliases, _ sites: SiteSelection?, _ threads: Int,
    _ open: (String) throws -> VCF.RegionReader
  ) throws {
    reader = try ByteReader(variants: path, threads: threads)
    window = TextWindow(reader)
    header = try VCF.Reader.readHeader(window)
    self.threads = threads
    let declared = Set(header.contigs.map(\.id))
    var chosen: RegionSet?
    if regions != nil, let path, path != "-", try VariantIndex.exists(beside: path) {
      indexed = try open(path)
    } else {
      indexed = nil
      chosen = try regions?(false, declared.contains)
    }
    // A reader with an index warns about the header itself.
    found = indexed == nil ? header.warnings : []
    parser = GenotypeParser(
      path: reader.path, sampleCount: header.samples.count, columns: VCF.ColumnCount(header),
      hasLines: indexed == nil, exchangesAlleles: exchangesAlleles, regions: chosen, aliases: aliases,
      sites: sites)
    var mismatch = indexed?.mismatch ?? ContigMismatch()
    if let chosen, !declared.isEmpty {
      _ = chosen.renamed(by: aliases, among: declared.contains, &mismatch)
    }
    self.mismatch = mismatch
    if header.samples.isEmpty {
      throw FormatError(
        .badData, path: reader.path, "found no samples in the line #CHROM, expected genotypes")
    }
  }

  private final class Slot: @unchecked Sendable {
    let chunk: TextChunk
    var result: Result<DosageTile, FormatError>?
    let done = BoundedQueue<Bool>(capacity: 1)
    init(_ chunk: TextChunk) { self.chunk = chunk }
  }

  /// Calls `body` with each tile, in the order of the file; a file without GT throws.
  func forEachTile(_ body: (DosageTile) throws -> Void) throws {
    func take(_ tile: DosageTile) throws {
      try genotypes.add(tile, header, path: reader.path)
      found.merge(tile.warnings)
      skipped += tile.skipped
      try body(tile)
    }
    if let indexed { try forEachTile(of: indexed, take) } else { try forEachChunk(take) }
    try genotypes.finish(header, path: reader.path, &found)
  }

  /// Reads to the end and returns the number of variants, one for each alternate allele.
  package func countVariants() throws -> Int {
    var count = 0
    try forEachTile { count += $0.variants.count }
    return count
  }

  private func forEachChunk(_ body: (DosageTile) throws -> Void) throws {
    var chunks = TextChunks(reader, layout: .known(TableLayout(delimiter: .tab)))
    chunks.begin(
      with: UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start),
      line: window.line)
    let parser = parser
    let queue = BoundedQueue<Slot>(capacity: threads + 2)
    let work: @Sendable (Slot) -> Void = { slot in
      slot.result = parser.parse(slot.chunk)
      slot.chunk.free()
    }
    let workers =
      threads > 1
      ? Threads(threads) {
        while let slot = queue.pop() {
          work(slot)
          slot.done.push(true)
        }
      } : .init()
    defer {
      queue.close()
      workers.wait()
    }
    var pending: [Slot] = []
    func takeFirst() throws {
      let slot = pending.removeFirst()
      if workers.count > 0 { _ = slot.done.pop() }
      try body(slot.result!.get())
    }
    do {
      while let chunk = try chunks.next() {
        let slot = Slot(chunk)
        pending.append(slot)
        if workers.count > 0 { queue.push(slot) } else { work(slot) }
        if workers.count == 0 || pending.count > threads + 1 { try takeFirst() }
      }
    } catch {
      // Records before a truncated end are checked first.
      while !pending.isEmpty { try takeFirst() }
      throw error
    }
    while !pending.isEmpty { try takeFirst() }
  }

  /// Calls `body` with tiles of the records found by an index.
  private func forEachTile(of records: VCF.RegionReader, _ body: (DosageTile) throws -> Void) throws {
    var text: [UInt8] = []
    func parse() throws {
      if text.isEmpty { return }
      let base = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + TextChunk.slack)
      base.update(from: text, count: text.count)
      let chunk = TextChunk(base, end: text.count, line: 0)
      text.removeAll(keepingCapacity: true)
      var tile = try parser.parse(chunk).get()
      // There are no line numbers here.
      for i in tile.warnings.indices { tile.warnings[i].line = 0 }
      tile.recordsWithoutGenotypes.line = 0
      try body(tile)
    }
    var record = VCF.Record()
    while try records.next(into: &record) {
      text += record.text
      text.append(0x0A)
      if text.count >= 1 << 20 { try parse() }
    }
    try parse()
  }

  /// Writes one row per variant: contig, position, id, reference, alternate, then one column per sample.
  ///
  /// - Parameter selection: the rows to write.
  package func writeVariantsInRows(to output: OutputFile, _ selection: RecordSelection = .init()) throws {
    var selection = selection
    let columns = ["contig", "position", "id", "reference", "alternate"] + header.samples
    try output.writeHeader(Array((columns.joined(separator: "\t") + "\n").utf8))
    let sampleCount = header.samples.count
    var row: [UInt8] = []
    try forEachTile { tile in
      for (i, variant) in tile.variants.enumerated() where selection.takes() {
        row.removeAll(keepingCapacity: true)
        let names = [
          variant.contig, "\(variant.position)", variant.id ?? "", variant.reference, variant.alternate,
        ]
        row.append(contentsOf: names.joined(separator: "\t").utf8)
        if let values = tile.values?.base {
          DosageTile.append(
            UnsafeBufferPointer(start: values + i * sampleCount, count: sampleCount), to: &row)
        }
        row.append(0x0A)
        try output.write(row)
      }
    }
  }
}

/// The counts of records with and without GT, which is required for allele counts.
private struct GenotypeTally {
  /// Whether a single record without GT is an error.
  var isStrict = false
  private var withGenotypes = 0
  private var without = (count: 0, line: 0)
  private var keys: Set<String> = []

  /// Counts the records of a tile; throws where it is certain that no record of the file has GT.
  mutating func add(_ tile: DosageTile, _ header: VCF.Header, path: String) throws {
    withGenotypes += tile.recordsWithGenotypes
    if tile.recordsWithoutGenotypes.count > 0 {
      if without.count == 0 { without.line = tile.recordsWithoutGenotypes.line }
      without.count += tile.recordsWithoutGenotypes.count
      keys.formUnion(tile.keysWithoutGenotypes)
    }
    if without.count > 0, isStrict || withGenotypes == 0 && header.format["GT"] == nil {
      throw failure(header, path)
    }
  }

  /// Throws where no record had GT, and warns where some had none.
  func finish(_ header: VCF.Header, path: String, _ warnings: inout [VCF.Warning]) throws {
    if without.count == 0 { return }
    if withGenotypes == 0 { throw failure(header, path) }
    warnings.note(
      "no-genotype", line: without.line, count: without.count,
      "found a record without GT in FORMAT, whose genotypes count as missing")
  }

  private func failure(_ header: VCF.Header, _ path: String) -> FormatError {
    let others = [
      ("DS", "dosages"), ("HDS", "dosages of haplotypes"), ("GP", "probabilities of genotypes"),
      ("GL", "likelihoods"), ("PL", "likelihoods"),
    ].filter { keys.contains($0.0) || header.format[$0.0] != nil }
    let has = others.map { "\($0.0) (\($0.1))" }.joined(separator: ", ")
    let found = keys.subtracting(["."]).sorted().joined(separator: ", ")
    return FormatError(
      .badData, path: path, line: without.line > 0 ? without.line : nil,
      "found no genotypes (GT) in FORMAT, expected them: alleles are counted in GT alone"
        + (has.isEmpty
          ? found.isEmpty ? "" : "; the record has \(found)"
          : "; the file has \(has), of which no whole counts can be made"))
  }
}
