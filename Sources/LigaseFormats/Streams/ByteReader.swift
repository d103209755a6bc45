/// How a stream is compressed.
public enum Compression: String, CaseIterable, Sendable {
  /// Not at all.
  case none
  /// gzip, RFC 1952.
  case gzip
  /// Blocked gzip, which can be indexed; every gzip reader reads it.
  case bgzf
}

/// Reads the content of a file or of standard input, decompressing what its first bytes show to be gzip.
///
/// Memory is constant. Every member of a gzip stream is read; a truncated or corrupt stream throws
/// `FormatError.Kind.inputOutput` and never looks like a short file.
public final class ByteReader {
  private let input: FileInput
  private let members: GzipMembers?
  private let blocks: BlockedMembers?
  /// What the first bytes say.
  public let compression: Compression

  /// Opens `path`; `-` or nil is standard input. Several threads decompress blocked gzip.
  public init(contentsOf path: String?, threads: Int = 1) throws {
    input = try FileInput(path)
    try input.require(18)
    let head = input.window
    if head.count >= 1, head[0] == 0x1F, head.count < 2 || head[1] == 0x8B {
      compression = try BGZF.blockSize(at: input) == nil ? .gzip : .bgzf
      let parallel = compression == .bgzf && threads > 1 ? BlockedMembers(input, threads: threads) : nil
      blocks = parallel?.hasWorkers == true ? parallel : nil
      members = blocks == nil ? try GzipMembers(input) : nil
    } else {
      compression = .none
      members = nil
      blocks = nil
      if head.count == 0, let path, path.hasSuffix(".gz") || path.hasSuffix(".bgz") {
        throw FormatError(.inputOutput, path: path, "truncated: the file is empty, expected a gzip stream")
      }
    }
  }

  /// The file as the user named it; `-` is standard input.
  public var path: String { input.path }

  /// The size of the content, where it is known before reading: plain files.
  public var knownSize: Int? { compression == .none ? input.size : nil }

  /// The largest size that the content of a file can have, nil for a pipe: deflate makes at most 1,032 bytes of one.
  var sizeBound: Int? {
    input.size.map { compression == .none ? $0 : $0 > Int.max / 1032 ? .max : $0 * 1032 }
  }

  /// Reads into `target` and returns how many bytes came; 0 only at the end (or for an empty target).
  public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard target.count > 0 else { return 0 }
    if let blocks { return try blocks.read(into: target) }
    if let members { return try members.read(into: target) }
    return try input.read(into: target)
  }

  /// Everything that is left.
  public func readAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    if let size = knownSize { bytes.reserveCapacity(size + 1) }
    let chunkSize = 1 << 18
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = try read(into: chunk)
      if count == 0 { return bytes }
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
    }
  }
}
