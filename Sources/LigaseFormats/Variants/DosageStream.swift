import Glibc
import LigaseGenomics

/// The genotypes of a VCF file as allele counts, in constant memory: pieces of text parsed by several
/// threads.
public final class DosageStream {
  /// The header of the file.
  public let header: VCF.Header
  private let reader: ByteReader
  private let window: TextWindow
  private let threads: Int
  private let parser: GenotypeParser
  private let indexed: VCF.RegionReader?
  /// Contigs of regions that the header has and the index lacks.
  public var indexGap: VariantIndex.Gap? { indexed?.indexGap }
  /// The contigs of regions that the file has not.
  public let mismatch: ContigMismatch

  /// Opens `path` and reads the header; `-` or nil is standard input.
  ///
  /// - Parameters:
  ///   - regions: nil takes every record, else those that overlap; through an index where there is one.
  ///   - aliases: other names under which the file may have the regions' contigs.
  public init(
    contentsOf path: String?, withExchangedAlleles: Bool = false, regions: RegionSet? = nil,
    aliases: ContigAliases = .init(), threads: Int = 1
  ) throws {
    reader = try ByteReader(variants: path, threads: threads)
    window = TextWindow(reader)
    header = try VCF.Reader.readHeader(window)
    self.threads = threads
    parser = GenotypeParser(
      path: reader.path, sampleCount: header.samples.count, exchangesAlleles: withExchangedAlleles,
      regions: regions, aliases: aliases)
    if let regions, let path, path != "-", try VariantIndex.exists(beside: path) {
      indexed = try VCF.RegionReader(contentsOf: path, regions: regions, aliases: aliases)
    } else {
      indexed = nil
    }
    var mismatch = indexed?.mismatch ?? ContigMismatch()
    if let regions, indexed == nil, !header.contigs.isEmpty {
      let declared = Set(header.contigs.map(\.id))
      _ = regions.renamed(by: aliases, among: declared.contains, &mismatch)
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

  /// Calls `body` with each tile, in the order of the file.
  func forEachTile(_ body: (DosageTile) throws -> Void) throws {
    if let indexed { return try forEachTile(of: indexed, body) }
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
      ? Threads.start(threads) { _ in
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
      // What stands before a broken end is judged first.
      while !pending.isEmpty { try takeFirst() }
      throw error
    }
    while !pending.isEmpty { try takeFirst() }
  }

  /// Calls `body` with tiles of the records that an index leads to.
  private func forEachTile(of records: VCF.RegionReader, _ body: (DosageTile) throws -> Void) throws {
    var text: [UInt8] = []
    func parse() throws {
      if text.isEmpty { return }
      let base = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + TextChunk.slack)
      base.update(from: text, count: text.count)
      let chunk = TextChunk(base, end: text.count, line: 0)
      text.removeAll(keepingCapacity: true)
      do {
        try body(parser.parse(chunk).get())
      } catch var error as FormatError {
        // Lines have no numbers here.
        error.line = nil
        throw error
      }
    }
    var record = VCF.Record()
    while try records.next(into: &record) {
      text += record.text
      text.append(0x0A)
      if text.count >= 1 << 20 { try parse() }
    }
    try parse()
  }

  /// Writes one row a variant: contig, position, id, reference, alternate, then one column a sample.
  public func writeVariantsInRows(to output: OutputFile) throws {
    let columns = ["contig", "position", "id", "reference", "alternate"] + header.samples
    try output.write(columns.joined(separator: "\t") + "\n")
    let sampleCount = header.samples.count
    var row: [UInt8] = []
    try forEachTile { tile in
      for (i, variant) in tile.variants.enumerated() {
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
