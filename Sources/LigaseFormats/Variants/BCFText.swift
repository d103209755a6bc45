/// BCF 2.2 (GA4GH hts-specs), the binary form of VCF, converted to text on reading.
///
///     file   = "BCF" 2 2 length:u32 header-text { record }
///     record = shared-length:u32 other-length:u32 shared other
///
/// Every reader of VCF can thereby read BCF: numbers are written as by bcftools, `IDX` entries of the header
/// are removed, and line numbers are those of the text. Every size in the file is checked against the
/// available data before memory is allocated.
final class BCFText {
  /// Appends up to a number of bytes of the content to the array, fewer only at its end.
  typealias Source = (Int, inout [UInt8]) throws -> Void

  /// The first bytes; the last one is the minor version.
  static let magic: [UInt8] = [0x42, 0x43, 0x46, 0x02, 0x02]

  /// Returns whether a content begins like BCF 2.1 or 2.2.
  static func isMagic(_ head: [UInt8]) -> Bool {
    head.count == 5 && head[..<4].elementsEqual(magic[..<4]) && (head[4] == 1 || head[4] == 2)
  }

  let header: BCFHeader
  private let path: String
  private var text: [UInt8]
  private var start = 0
  /// The last record, and the number of bytes of its shared fields.
  private var record: [UInt8] = []
  private var sharedCount = 0
  private var count = 0

  /// Reads the header after the first five bytes.
  init(path: String, _ source: Source) throws {
    self.path = path
    var size: [UInt8] = []
    try source(4, &size)
    guard size.count == 4 else { throw BCFText.truncated(path) }
    let length = BCFText.number(size, 0)
    var lines: [UInt8] = []
    try source(length, &lines)
    if lines.count < length { throw BCFText.truncated(path) }
    let end = lines.firstIndex(of: 0) ?? lines.count
    header = BCFHeader(lines[..<end])
    text = header.text
  }

  /// Copies text into `target`; returns 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer, from source: Source) throws -> Int {
    if start == text.count {
      text.removeAll(keepingCapacity: true)
      start = 0
      while text.count < 1 << 16, try readRecord(source) { try appendRecord(to: &text) }
    }
    let count = min(target.count, text.count - start)
    target.copyBytes(from: text[start..<(start + count)])
    start += count
    return count
  }

  /// Reads the bytes of the next record; returns false at the end.
  func readRecord(_ source: Source) throws -> Bool {
    record.removeAll(keepingCapacity: true)
    try source(8, &record)
    if record.isEmpty { return false }
    guard record.count == 8 else { throw BCFText.truncated(path) }
    let (shared, other) = (BCFText.number(record, 0), BCFText.number(record, 4))
    guard shared >= 24, shared + other <= Int(Int32.max) else {
      throw failure("found a record of \(shared) and \(other) bytes, expected 24 or more and less than 2^31")
    }
    record.removeAll(keepingCapacity: true)
    try source(shared + other, &record)
    guard record.count == shared + other else { throw BCFText.truncated(path) }
    sharedCount = shared
    count += 1
    return true
  }

  /// Appends the last record as a line.
  func appendRecord(to text: inout [UInt8]) throws {
    do {
      try record.withUnsafeBufferPointer {
        var writer = BCFRecordText(header: header, sharedCount: sharedCount, bytes: $0)
        try writer.write(to: &text)
      }
    } catch let fault as BCFFault {
      throw failure(fault.message)
    }
  }

  /// Returns the contig index of the last record, and the positions of its reference, from 0; an ignored END
  /// is noted.
  ///
  /// The length in the record is used, except with symbolic alleles, because not every writer considers SVLEN
  /// and LEN there; for those the range is determined as in text.
  func recordRange(noting warnings: inout [VCF.Warning]) throws -> (contig: Int, range: Range<Int>) {
    let (contig, position) = (signed(0), signed(4))
    guard header.contigs[contig] != nil else {
      throw failure("found contig number \(contig) without a ##contig line in the header")
    }
    guard position >= -1 else { throw failure("found position \(position), expected one from -1 up") }
    if record[24..<sharedCount].contains(0x3C) {
      var line: [UInt8] = []
      try appendRecord(to: &line)
      if line.last == 0x0A { line.removeLast() }
      var text = VCF.Record()
      try line.withUnsafeBufferPointer { try text.set($0, path: path, number: 0) }
      if text.text[text.range(4)].contains(0x3C) {
        let span = text.referenceSpan
        span.note(in: &warnings, text)
        return (contig, span.range)
      }
    }
    return (contig, max(0, position)..<max(0, position) + max(1, signed(8)))
  }

  private func signed(_ i: Int) -> Int { Int(Int32(truncatingIfNeeded: BCFText.number(record, i))) }

  private func failure(_ message: String) -> FormatError {
    FormatError(.badData, path: path, "BCF record \(max(1, count)): \(message)")
  }

  private static func truncated(_ path: String) -> FormatError {
    FormatError(.inputOutput, path: path, "truncated: BCF ends within its header or a record")
  }

  private static func number(_ bytes: [UInt8], _ i: Int) -> Int {
    Int(bytes[i]) | Int(bytes[i + 1]) << 8 | Int(bytes[i + 2]) << 16 | Int(bytes[i + 3]) << 24
  }
}

/// The reason why a record of BCF cannot be read.
struct BCFFault: Error {
  var message: String
}

/// The header of BCF: its text, and the names by number.
struct BCFHeader {
  /// The header lines as in VCF, without `IDX`.
  private(set) var text: [UInt8] = []
  /// The names of FILTER, INFO and FORMAT, in one list; PASS comes first.
  private(set) var names: [Int: [UInt8]] = [0: Array("PASS".utf8)]
  /// The contigs.
  private(set) var contigs: [Int: [UInt8]] = [:]
  /// The number of samples in the column line.
  private(set) var sampleCount = 0
  /// Whether the first allele of a genotype has its own phase, as from 4.4 on.
  private(set) var hasFirstPhase = false

  init(_ bytes: ArraySlice<UInt8>) {
    var numbers = ["PASS": 0]
    var (nextName, nextContig) = (1, 0)
    for line in bytes.split(separator: 0x0A) {
      if line.starts(with: "##fileformat=VCFv4.".utf8) {
        hasFirstPhase = (VCF.Record.leadingNumber(line.dropFirst(19))) >= 4
      }
      if line.starts(with: "##".utf8) {
        var shown = String(decoding: line, as: UTF8.self)
        if let open = shown.firstIndex(of: "<"), shown.hasSuffix(">") {
          let kind = shown.prefix(upTo: open)
          let fields = VCF.Header.fields(of: shown[shown.index(after: open)...].dropLast())
          let isContig = kind == "##contig="
          if let id = fields["ID"], isContig || ["##FILTER=", "##INFO=", "##FORMAT="].contains(kind) {
            let given = fields["IDX"].flatMap { Int($0) }
            if isContig {
              let number = given ?? nextContig
              contigs[number] = Array(id.utf8)
              nextContig = max(nextContig, number < Int.max ? number + 1 : 0)
            } else {
              let number = given ?? numbers[id] ?? nextName
              names[number] = Array(id.utf8)
              numbers[id] = number
              nextName = max(nextName, number < Int.max ? number + 1 : 0)
            }
          }
          if fields["IDX"] != nil { shown = BCFHeader.withoutNumber(shown) }
        }
        text.append(contentsOf: shown.utf8)
      } else {
        let tabs = line.reduce(0) { $0 + ($1 == 0x09 ? 1 : 0) }
        if line.starts(with: "#CHROM".utf8) { sampleCount = max(0, tabs - 8) }
        text.append(contentsOf: line)
      }
      text.append(0x0A)
    }
  }

  /// Returns the line without its last `,IDX=n`.
  private static func withoutNumber(_ line: String) -> String {
    let bytes = Array(line.utf8)
    let mark = Array(",IDX=".utf8)
    guard bytes.count > mark.count else { return line }
    var i = bytes.count - mark.count
    while i > 0, !bytes[i..<(i + mark.count)].elementsEqual(mark) { i -= 1 }
    if i == 0 { return line }
    var end = i + mark.count
    while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39 { end += 1 }
    return String(decoding: bytes[..<i] + bytes[end...], as: UTF8.self)
  }
}
