extension VariantIndex {
  /// Creates the index of a BGZF-compressed file of variants, whose records must be sorted: those of a contig
  /// together, and by position. Anything else throws.
  ///
  /// - Parameter format: nil is `.tbi`, and `.csi` for BCF and where a contig or a record extends beyond
  ///   2^29.
  package init(indexing path: String, format: Format? = nil) throws {
    var warnings: [VCF.Warning] = []
    try self.init(indexing: path, format: format, warnings: &warnings)
  }

  /// Creates the index, and adds warnings about malformed records.
  package init(indexing path: String, format: Format? = nil, warnings: inout [VCF.Warning]) throws {
    guard try ByteReader(contentsOf: path, content: .binary).compression == .bgzf else {
      throw FormatError(
        .badData, path: path,
        "only BGZF files can be indexed, and this file is not BGZF", remedy: .writeBGZF)
    }
    if case .binary = try PlacedRecords(contentsOf: path) {
      if format == .tbi {
        throw FormatError(.badData, path: path, "found BCF, whose index is .csi, expected VCF for .tbi")
      }
      self = try VariantIndex.made(ofBinary: path, warnings: &warnings)
      return
    }
    let limit = BinningScheme.tabix.span
    let header = try VCF.Reader(contentsOf: path).header
    let longest = header.contigs.compactMap(\.length).max() ?? 0
    if format == nil && longest <= limit {
      do {
        self = try VariantIndex.made(of: path, header, .tbi, .tabix, warnings: &warnings)
        return
      } catch is BeyondTabix {}
    }
    if format == .tbi {
      do {
        self = try VariantIndex.made(of: path, header, .tbi, .tabix, warnings: &warnings)
        return
      } catch let error as BeyondTabix {
        throw FormatError(
          .badData, path: path, line: error.line,
          "found a position beyond 2^29, which .tbi cannot hold", remedy: .useCSI)
      }
    }
    // The depth is that of bcftools: six levels, or as many as the longest contig needs.
    var scheme = BinningScheme(minimumShift: 14, depth: 6)
    let reach = longest > 0 ? longest : 100 << 30
    while scheme.span < reach && scheme.depth < 9 { scheme.depth += 1 }
    self = try VariantIndex.made(of: path, header, .csi, scheme, warnings: &warnings)
  }

  /// A record that extends beyond the bins of tabix.
  private struct BeyondTabix: Error { var line: Int }

  private static func made(
    of path: String, _ header: VCF.Header, _ format: Format, _ scheme: BinningScheme,
    warnings: inout [VCF.Warning]
  ) throws -> VariantIndex {
    let columns = VCF.ColumnCount(header)
    var found = header.warnings
    var builder = IndexBuilder(VariantIndex(format: format, scheme: scheme))
    let lines = try BGZFCursor(contentsOf: path)
    var record = VCF.Record()
    var number = 0
    var begin = lines.offset
    try lines.seek(to: 0)
    while let span = try lines.nextLine({ text -> ReferenceSpan? in
      number += 1
      let isMarked = number == 1 && text.starts(with: StreamHead.mark)
      if text.first == 0x23 || isMarked || text.allSatisfy({ $0 <= 0x20 }) { return .none }
      try columns.check(text, path: path, number: number)
      try record.set(UnsafeBufferPointer(rebasing: text.fixedFields), path: path, number: number)
      return record.referenceSpan(in: text)
    }) {
      if let span {
        span.note(in: &found, record)
        let range = span.range
        guard range.upperBound <= scheme.span else {
          if format == .tbi { throw BeyondTabix(line: number) }
          throw FormatError(
            .badData, path: path, line: number,
            "found position \(range.upperBound), expected one within 2^\(scheme.minimumShift + 3 * scheme.depth)"
          )
        }
        try builder.add(record.bytes(0), range, begin..<lines.offset, line: record.line, path: path)
      }
      begin = lines.offset
    }
    warnings.merge(found)
    return builder.finished(at: begin)
  }

  /// Creates the index of BCF with the depth that the longest contig needs; for all positions of BCF, if
  /// `reachesAll`.
  private static func made(
    ofBinary path: String, reachesAll: Bool = false, warnings: inout [VCF.Warning]
  ) throws -> VariantIndex {
    guard case .binary(let cursor, let records) = try PlacedRecords(contentsOf: path) else {
      throw FormatError(.badData, path: path, "found VCF, expected BCF")
    }
    let declared =
      reachesAll ? nil : try VCF.Reader(contentsOf: path).header.contigs.compactMap(\.length).max()
    let longest = min(declared ?? .max, Int(Int32.max))
    var scheme = BinningScheme(minimumShift: 14, depth: 0)
    while scheme.span < longest + 256 { scheme.depth += 1 }
    var builder = IndexBuilder(VariantIndex(format: .csi, scheme: scheme))
    let names = VariantIndex.names(of: records.header)
    var number = 0
    var begin = cursor.offset
    var found: [VCF.Warning] = []
    while try records.readRecord({ try cursor.take($0, into: &$1) }) {
      number += 1
      let (contig, range) = try records.recordRange(noting: &found)
      guard range.upperBound <= scheme.span else {
        // A contig without a length, or a record after the end of its contig.
        return try made(ofBinary: path, reachesAll: true, warnings: &warnings)
      }
      guard contig < names.count else {
        throw FormatError(
          .badData, path: path, line: number, "found contig number \(contig), expected one below 2^24")
      }
      try builder.add(names[contig].utf8, range, begin..<cursor.offset, line: number, path: path)
      begin = cursor.offset
    }
    warnings.merge(found)
    var index = builder.finished(at: begin)
    let indexed = Dictionary(uniqueKeysWithValues: index.indexed.map { ($0.name, $0) })
    index.indexed = names.map { indexed[$0] ?? Contig(name: $0) }
    index.columns = []
    return index
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// A line of VCF up to FORMAT, without its samples.
  fileprivate var fixedFields: Slice<UnsafeBufferPointer<UInt8>> {
    var tabs = 0
    for i in 0..<count where self[i] == 0x09 {
      tabs += 1
      if tabs == 9 { return self[..<i] }
    }
    return self[...]
  }
}

/// Collects records into bins, in the order of the file.
private struct IndexBuilder {
  private var index: VariantIndex
  private var names: Set<String> = []
  private var contig: VariantIndex.Contig?
  private var last = (position: -1, bin: -1)
  /// The start of the records of the last bin, and of this contig.
  private var binBegin: UInt64 = 0
  private var contigBegin: UInt64 = 0
  private var recordCount: UInt64 = 0
  private let unset = UInt64.max

  init(_ index: VariantIndex) { self.index = index }

  mutating func add(
    _ name: some Sequence<UInt8>, _ range: Range<Int>, _ offsets: Range<UInt64>, line: Int, path: String
  ) throws {
    if contig == nil || !name.elementsEqual(contig!.name.utf8) {
      endContig(at: offsets.lowerBound)
      let name = String(decoding: Array(name), as: UTF8.self)
      guard names.insert(name).inserted else {
        throw FormatError(
          .badData, path: path, line: line,
          "found contig \(FormatError.quoted(name)) again after another one, expected its records together (sort first)"
        )
      }
      contig = .init(name: name)
      contigBegin = offsets.lowerBound
    } else if range.lowerBound < last.position {
      throw FormatError(
        .badData, path: path, line: line, column: 2,
        "found position \(range.lowerBound + 1) after \(last.position + 1), expected records sorted by position"
      )
    }
    let shift = index.scheme.minimumShift
    let windows = range.lowerBound >> shift...max(range.lowerBound, range.upperBound - 1) >> shift
    while contig!.windows.count <= windows.upperBound { contig!.windows.append(unset) }
    for window in windows where contig!.windows[window] == unset {
      contig!.windows[window] = offsets.lowerBound
    }
    let bin = index.scheme.bin(holding: range)
    if bin != last.bin {
      endBin(at: offsets.lowerBound)
      binBegin = offsets.lowerBound
    }
    last = (range.lowerBound, bin)
    recordCount += 1
  }

  private mutating func endBin(at offset: UInt64) {
    guard last.bin >= 0 else { return }
    contig?.bins[last.bin, default: .init()].chunks.append(.init(begin: binBegin, end: offset))
  }

  private mutating func endContig(at offset: UInt64) {
    endBin(at: offset)
    last = (-1, -1)
    guard var contig else { return }
    for i in contig.windows.indices.dropLast().reversed() where contig.windows[i] == unset {
      contig.windows[i] = contig.windows[i + 1]
    }
    for number in contig.bins.keys {
      let window = index.scheme.firstWindow(below: number)
      contig.bins[number]?.firstOffset = window < contig.windows.count ? contig.windows[window] : 0
    }
    compress(&contig)
    contig.bins[index.scheme.countsBin] = .init(
      chunks: [.init(begin: contigBegin, end: offset), .init(begin: recordCount, end: 0)])
    if index.format == .csi {
      contig.windows = []
    } else {
      for number in contig.bins.keys { contig.bins[number]?.firstOffset = 0 }
    }
    index.indexed.append(contig)
    recordCount = 0
    self.contig = nil
  }

  /// Moves the records of a bin that are within 64 KiB of the file to the parent bin, if that has any; then
  /// merges adjacent chunks.
  private func compress(_ contig: inout VariantIndex.Contig) {
    let scheme = index.scheme
    for level in stride(from: scheme.depth, to: 0, by: -1) {
      let first = scheme.firstBin(ofLevel: level)
      for number in contig.bins.keys.sorted() where number >= first {
        guard var chunks = contig.bins[number]?.chunks else { continue }
        chunks.sort { $0.begin < $1.begin }
        contig.bins[number]?.chunks = chunks
        let parent = scheme.parent(of: number)
        if chunks[chunks.count - 1].end >> 16 - chunks[0].begin >> 16 < 0x10000, contig.bins[parent] != nil {
          contig.bins[parent]?.chunks += chunks
          contig.bins[number] = nil
        }
      }
    }
    for number in contig.bins.keys {
      var merged: [VariantIndex.Chunk] = []
      for chunk in (contig.bins[number]?.chunks ?? []).sorted(by: { $0.begin < $1.begin }) {
        if let end = merged.last?.end, end >> 16 >= chunk.begin >> 16 {
          merged[merged.count - 1].end = max(end, chunk.end)
        } else {
          merged.append(chunk)
        }
      }
      contig.bins[number]?.chunks = merged
    }
  }

  mutating func finished(at offset: UInt64) -> VariantIndex {
    endContig(at: offset)
    return index
  }
}

extension VariantIndex {
  /// Writes the index; `output` must have been opened with BGZF compression.
  package func write(to output: OutputFile) throws {
    var bytes: [UInt8] = []
    func put(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    let names: [UInt8] = indexed.reduce(into: []) { $0 += Array($1.name.utf8) + [0] }
    func putHeader() {
      for value in columns + [Int32(names.count)] { put(value) }
      bytes += names
    }
    bytes += format == .tbi ? "TBI\u{1}".utf8 : "CSI\u{1}".utf8
    if format == .tbi {
      put(Int32(indexed.count))
      putHeader()
    } else {
      let auxiliary = columns.isEmpty ? 0 : 28 + names.count
      for value in [scheme.minimumShift, scheme.depth, auxiliary] { put(Int32(value)) }
      if auxiliary > 0 { putHeader() }
      put(Int32(indexed.count))
    }
    for contig in indexed {
      put(Int32(contig.bins.count))
      for (number, bin) in contig.bins.sorted(by: { $0.key < $1.key }) {
        put(UInt32(number))
        if format == .csi { put(bin.firstOffset) }
        put(Int32(bin.chunks.count))
        for chunk in bin.chunks {
          put(chunk.begin)
          put(chunk.end)
        }
      }
      if format == .csi { continue }
      put(Int32(contig.windows.count))
      for offset in contig.windows { put(offset) }
    }
    put(UInt64(0))
    try output.write(bytes)
  }
}
