/// Checks of the first bytes of a stream before its format is known: an unsupported compression, an encoding
/// other than UTF-8, or line ends of old Mac text.
struct StreamHead {
  /// The first bytes of the (decompressed) content.
  let bytes: [UInt8]

  /// The number of bytes in which the first line end is searched.
  static let limit = 1 << 22

  /// UTF-8's byte-order mark.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Whether the content begins with UTF-8's byte-order mark.
  var hasMark: Bool { bytes.starts(with: StreamHead.mark) }

  /// A format with its first bytes, and the command that converts it to text.
  private struct Signature {
    var magic: [UInt8]
    var name: String
    var command: String?
  }

  private static let compressions: [Signature] = [
    Signature(magic: [0x42, 0x5A, 0x68], name: "bzip2", command: "bzip2 -dc"),
    Signature(magic: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], name: "xz", command: "xz -dc"),
    Signature(magic: [0x28, 0xB5, 0x2F, 0xFD], name: "zstd", command: "zstd -dc"),
    Signature(magic: [0x04, 0x22, 0x4D, 0x18], name: "lz4", command: "lz4 -dc"),
    Signature(magic: [0x1F, 0x9D], name: "compress (.Z)", command: "gzip -dc"),
    Signature(magic: [0x50, 0x4B, 0x03, 0x04], name: "zip (or .xlsx, which is zip)", command: "unzip -p"),
    Signature(magic: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], name: "7z", command: "7z x -so"),
    Signature(magic: [0x89, 0x48, 0x44, 0x46], name: "HDF5 (.h5, .h5ad)", command: nil),
    Signature(magic: Array("PAR1".utf8), name: "Parquet", command: nil),
    Signature(magic: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], name: "NumPy (.npy)", command: nil),
    Signature(magic: Array("%PDF-".utf8), name: "PDF", command: nil),
    Signature(magic: Array("RDX2\n".utf8), name: "R data (.rda)", command: nil),
    Signature(magic: Array("RDX3\n".utf8), name: "R data (.rda)", command: nil),
    Signature(magic: Array("<!DOCTYPE html".utf8), name: "HTML (a page instead of the file?)", command: nil),
    Signature(magic: Array("<html".utf8), name: "HTML (a page instead of the file?)", command: nil),
    Signature(magic: [0x42, 0x41, 0x4D, 0x01], name: "BAM", command: "samtools fasta"),
    Signature(magic: [0x43, 0x52, 0x41, 0x4D], name: "CRAM", command: "samtools fasta"),
  ]

  /// Throws where the raw bytes of a file, or the content of a gzip stream (`isUnpacked`), are of an
  /// unsupported compression or container.
  static func refuseContainers(_ bytes: some Collection<UInt8>, path: String, isUnpacked: Bool) throws {
    func refuse(_ name: String, _ command: String?) -> FormatError {
      FormatError(
        .badData, path: path,
        "found \(name)\(isUnpacked ? " within gzip" : ""), expected text, plain or compressed with gzip or BGZF",
        remedy: command.map { .decompress(with: isUnpacked ? "gzip -dc FILE | \($0)" : "\($0) FILE") })
    }
    if isUnpacked, bytes.starts(with: [0x1F, 0x8B]) { throw refuse("gzip", "gzip -dc") }
    for signature in compressions where bytes.starts(with: signature.magic) {
      // `BZh` could begin a word; in bzip2 a digit and the digits of pi follow.
      if signature.name == "bzip2" {
        let rest = Array(bytes.dropFirst(3).prefix(7))
        guard rest.count == 7, 0x31...0x39 ~= rest[0],
          Array(rest[1...]) == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
            || Array(rest[1...]) == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        else { continue }
      }
      // `CRAM` could begin a word; in CRAM the version follows.
      if signature.name == "CRAM", Array(bytes.dropFirst(4).prefix(1)).first.map({ $0 > 9 }) ?? true {
        continue
      }
      throw refuse(signature.name, signature.command)
    }
  }

  /// Throws where the content is not UTF-8 text with LF or CRLF line ends.
  func refuseForeignText(path: String) throws {
    if let encoding = wideEncoding {
      throw FormatError(
        .badData, path: path, "found text in \(encoding), expected UTF-8",
        remedy: .convert(with: "iconv -f \(encoding) -t UTF-8 FILE"))
    }
    if let end = firstLineEnd, bytes[end] == 0x0D, let next = bytes[end...].first(where: { $0 != 0x0D }),
      next != 0x0A
    {
      throw FormatError(
        .badData, path: path, line: 1,
        "found line ends of old Mac text (CR alone), expected LF or CRLF",
        remedy: .convert(with: "tr '\\r' '\\n' < FILE"))
    }
  }

  /// Whether the checks are possible: there is a line end followed by a byte.
  var isDecided: Bool {
    guard bytes.count >= 16, let end = firstLineEnd else { return false }
    return bytes[end] == 0x0A || bytes[end...].contains { $0 != 0x0D }
  }

  /// UTF-16 or UTF-32, detected by the byte-order mark or by zeros in every other byte.
  private var wideEncoding: String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    let head = bytes.prefix(16)
    guard head.count >= 8 else { return nil }
    func isText(_ byte: UInt8) -> Bool { byte >= 0x09 && byte < 0x7F }
    for (zeros, name) in [(1, "UTF-16LE"), (0, "UTF-16BE")] {
      let isWide = head.indices.allSatisfy { $0 % 2 == zeros ? head[$0] == 0 : isText(head[$0]) }
      if isWide { return name }
    }
    return nil
  }

  /// The first CR or LF outside quotes; quotes count if they begin a field and are closed.
  private var firstLineEnd: Int? { lineEnd(heedingQuotes: true) ?? lineEnd(heedingQuotes: false) }

  private func lineEnd(heedingQuotes: Bool) -> Int? {
    if !heedingQuotes || !bytes.contains(0x22) { return bytes.firstIndex { $0 == 0x0A || $0 == 0x0D } }
    var isQuoted = false
    var previous: UInt8 = 0x0A
    for (i, byte) in bytes.enumerated() {
      if byte == 0x22, isQuoted || [0x0A, 0x09, 0x2C, 0x3B].contains(previous) { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D { return i }
      previous = byte
    }
    return nil
  }
}
