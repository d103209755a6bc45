import Glibc

/// The genotypes of a VCF file as allele counts, in constant memory: pieces of text parsed by several
/// threads.
public final class DosageStream {
  /// The header of the file.
  public let header: VCF.Header
  private let reader: ByteReader
  private let window: TextWindow
  private let threads: Int

  /// Opens `path` and reads the header; `-` or nil is standard input.
  public init(contentsOf path: String?, threads: Int = 1) throws {
    reader = try ByteReader(contentsOf: path, threads: threads)
    window = TextWindow(reader)
    header = try VCF.Reader.readHeader(window)
    self.threads = threads
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
    var chunks = TextChunks(reader, delimiter: .tab)
    chunks.begin(
      with: UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start),
      line: window.line)
    let parser = GenotypeParser(path: reader.path, sampleCount: header.samples.count)
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
