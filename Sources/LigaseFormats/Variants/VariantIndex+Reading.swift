import LigaseRuntime

extension VariantIndex {
  /// Reads the index of a file: `path.tbi`, else `path.csi`, for BCF `path.csi`; nil if there is none.
  package init?(beside path: String) throws {
    guard try VariantIndex.exists(beside: path) else { return nil }
    if case .binary(_, let records) = try PlacedRecords(contentsOf: path) {
      try self.init(contentsOf: path + ".csi", contigs: VariantIndex.names(of: records.header))
      // In the order of the file, which may differ from that of the numbers.
      func begin(_ contig: Contig) -> UInt64 {
        contig.bins.values.lazy.flatMap(\.chunks).map(\.begin).min() ?? .max
      }
      indexed = indexed.filter { !$0.bins.isEmpty }.sorted { begin($0) < begin($1) }
      return
    }
    try self.init(contentsOf: access(path + ".tbi", R_OK) == 0 ? path + ".tbi" : path + ".csi")
  }

  /// Returns whether a BGZF file of variants has an index.
  package static func exists(beside path: String) throws -> Bool {
    let isThere = [".tbi", ".csi"].map { access(path + $0, R_OK) == 0 }
    guard isThere.contains(true) else { return false }
    let reader = try ByteReader(variants: path)
    guard reader.compression == .bgzf, try VCF.recognizes(reader) else { return false }
    return isThere[1] || !reader.isBinaryVariants
  }

  /// Returns the contigs of BCF by number; a number without a name has an empty one.
  static func names(of header: BCFHeader) -> [String] {
    let last = header.contigs.keys.max() ?? -1
    // A malicious header could have very large numbers.
    guard last < 1 << 24 else { return [] }
    return last < 0 ? [] : (0...last).map { String(decoding: header.contigs[$0] ?? [], as: UTF8.self) }
  }

  /// Reads an index. Every count is checked against the available bytes before memory is allocated for it.
  ///
  /// - Parameter contigs: the names for an index without names, as for BCF.
  package init(contentsOf path: String, contigs: [String]? = nil) throws {
    var bytes = IndexBytes(try ByteReader(contentsOf: path, content: .binary).readAll(), path: path)
    let magic = try bytes.take(4)
    switch magic {
    case Array("TBI\u{1}".utf8):
      self.init(format: .tbi, scheme: .tabix)
      let count = try bytes.count(of: 8, "contigs")
      try readHeader(&bytes, contigCount: count)
    case Array("CSI\u{1}".utf8):
      let (shift, depth) = (try bytes.int32(), try bytes.int32())
      guard 1...30 ~= shift, 0...9 ~= depth, shift + 3 * depth <= 50 else {
        throw bytes.failure("bins of 2^\(shift) on \(depth) levels, expected what fits into 2^50 positions")
      }
      self.init(format: .csi, scheme: BinningScheme(minimumShift: shift, depth: depth))
      let auxiliary = try bytes.count(of: 1, "bytes of names")
      let end = bytes.position + auxiliary
      if auxiliary == 0, let contigs {
        columns = []
        let count = try bytes.count(of: 4, "contigs")
        guard count <= contigs.count else {
          throw bytes.failure("\(count) contigs, and \(contigs.count) in the header of the file")
        }
        indexed = contigs[..<count].map { Contig(name: $0) }
        break
      }
      guard auxiliary >= 28 else {
        throw bytes.failure(
          "no names of contigs, expected the index of a VCF file")
      }
      try readHeader(&bytes, contigCount: nil)
      guard bytes.position <= end else { throw bytes.failure("names that are longer than they should be") }
      bytes.position = end
      let count = try bytes.count(of: 4, "contigs")
      guard count <= indexed.count else { throw bytes.failure("\(count) contigs and \(indexed.count) names") }
    default:
      throw FormatError(
        .badData, path: path, "found \(FormatError.quoted(magic)), expected an index in the format TBI or CSI"
      )
    }
    for i in indexed.indices { try readContig(i, &bytes) }
  }

  private mutating func readHeader(_ bytes: inout IndexBytes, contigCount: Int?) throws {
    columns = try (0..<6).map { _ in Int32(truncatingIfNeeded: try bytes.int32()) }
    guard columns[0] & 0xFFFF == 2 else {
      throw bytes.failure("an index of format \(columns[0]), expected that of a VCF file (2)")
    }
    let length = try bytes.count(of: 1, "bytes of names")
    let names = try bytes.take(length).split(separator: 0, omittingEmptySubsequences: false).dropLast()
    guard contigCount == nil || names.count == contigCount else {
      throw bytes.failure("\(names.count) names for \(contigCount ?? 0) contigs")
    }
    indexed = names.map { Contig(name: String(decoding: $0, as: UTF8.self)) }
  }

  private mutating func readContig(_ i: Int, _ bytes: inout IndexBytes) throws {
    if bytes.isAtEnd && format == .csi { return }
    let binCount = try bytes.count(of: format == .tbi ? 8 : 16, "bins")
    for _ in 0..<binCount {
      let number = Int(try bytes.uint32())
      guard number <= scheme.countsBin else {
        throw bytes.failure("bin \(number), expected one up to \(scheme.countsBin)")
      }
      var bin = Bin()
      if format == .csi { bin.firstOffset = try bytes.uint64() }
      let count = try bytes.count(of: 16, "stretches")
      bin.chunks.reserveCapacity(count)
      for _ in 0..<count { bin.chunks.append(Chunk(begin: try bytes.uint64(), end: try bytes.uint64())) }
      if indexed[i].bins.updateValue(bin, forKey: number) != nil {
        throw bytes.failure("bin \(number) twice")
      }
    }
    if format == .csi { return }
    let windowCount = try bytes.count(of: 8, "windows")
    indexed[i].windows.reserveCapacity(windowCount)
    for _ in 0..<windowCount { indexed[i].windows.append(try bytes.uint64()) }
  }
}

/// The bytes of an index and a position in them; reading beyond the end throws.
private struct IndexBytes {
  let bytes: [UInt8]
  let path: String
  var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  var isAtEnd: Bool { position == bytes.count }

  func failure(_ message: String) -> FormatError {
    FormatError(.badData, path: path, offset: position, "found \(message)")
  }

  mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= bytes.count - position else {
      throw failure("the end of the index within one of its parts, expected \(count) bytes more")
    }
    position += count
    return Array(bytes[position - count..<position])
  }

  private mutating func number(_ width: Int) throws -> UInt64 {
    guard width <= bytes.count - position else {
      throw failure("the end of the index, expected a number of \(width) bytes")
    }
    var value: UInt64 = 0
    for i in 0..<width { value |= UInt64(bytes[position + i]) << UInt64(8 * i) }
    position += width
    return value
  }

  mutating func uint64() throws -> UInt64 { try number(8) }
  mutating func uint32() throws -> UInt32 { UInt32(truncatingIfNeeded: try number(4)) }
  mutating func int32() throws -> Int { Int(Int32(bitPattern: try uint32())) }

  /// Reads a count of parts, each of which has at least `size` bytes.
  mutating func count(of size: Int, _ what: String) throws -> Int {
    let count = try int32()
    guard count >= 0, count <= (bytes.count - position) / size else {
      throw failure("\(count) \(what), more than the rest of the index can hold")
    }
    return count
  }
}
