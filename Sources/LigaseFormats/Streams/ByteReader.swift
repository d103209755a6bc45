/// The compression of a stream.
///
/// ```swift
/// let output = try OutputFile(nil, compression: .bgzf)  // standard output as BGZF
/// try output.write("hello\n")
/// try output.close()
/// ```
public enum Compression: String, CaseIterable, Sendable {
  /// No compression.
  case none
  /// gzip, RFC 1952.
  case gzip
  /// Blocked gzip, which can be indexed; every gzip reader reads it.
  case bgzf
}

/// Reads the content of a file or of standard input, decompressing gzip, which is detected by the first
/// bytes.
///
/// Memory is constant. Every member of a gzip stream is read; a truncated or corrupt stream throws
/// `FormatError.Kind.inputOutput`, so it is never read as a shorter file. In a text UTF-8's byte-order mark
/// is skipped; UTF-16, line ends of old Mac text (CR alone) and unsupported compressions throw.
package final class ByteReader {
  /// The kind of content, for checks of the first bytes.
  package enum Content: Sendable {
    /// Text, whose byte-order mark and line ends are checked.
    case text
    /// Any content.
    case binary
  }

  private let input: FileInput
  private let members: GzipMembers?
  private let blocks: BlockedMembers?
  /// The compression detected by the first bytes.
  package let compression: Compression

  /// The number of skipped bytes of a byte-order mark: 3 or 0.
  package private(set) var skippedMark = 0

  /// Bytes that were read for detection, returned first.
  private var pushed: ArraySlice<UInt8> = []
  private var text: BCFText?

  /// Opens a file of variants, in which BCF is read as VCF text.
  package convenience init(variants path: String?, threads: Int = 1) throws {
    try self.init(contentsOf: path, threads: threads, content: .binary)
    let head = try readContent(BCFText.magic.count)
    if BCFText.isMagic(head) {
      text = try BCFText(path: self.path) { try readContent($0, into: &$1) }
    } else {
      pushed = head[...]
      try beginText()
    }
  }

  /// Opens `path`; `-` or nil is standard input. Several threads decompress blocked gzip.
  package init(contentsOf path: String?, threads: Int = 1, content: Content = .text) throws {
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
    if content == .text { try beginText() }
  }

  /// Checks the first bytes of a text and skips a byte-order mark.
  private func beginText() throws {
    if compression == .none && pushed.isEmpty {
      try StreamHead.refuseContainers(input.window, path: path, isUnpacked: false)
    }
    var head = StreamHead(bytes: Array(pushed))
    var isAtEnd = false
    while !isAtEnd, !head.isDecided, head.bytes.count < StreamHead.limit {
      var bytes = head.bytes
      let count = bytes.count
      try readPart(max(1 << 14, count), into: &bytes)
      isAtEnd = bytes.count == count
      head = StreamHead(bytes: bytes)
    }
    pushed = head.bytes[...]
    try StreamHead.refuseContainers(head.bytes, path: path, isUnpacked: compression != .none)
    try head.refuseForeignText(path: path)
    if head.hasMark {
      skippedMark = StreamHead.mark.count
      pushed = pushed.dropFirst(skippedMark)
    }
  }

  /// Appends the bytes of one read, up to `count`.
  private func readPart(_ count: Int, into bytes: inout [UInt8]) throws {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    let got = try bytes.withUnsafeMutableBytes {
      try readContent(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
    bytes.removeLast(count - got)
  }

  /// The file as the user named it; `-` is standard input.
  package var path: String { input.path }

  /// Whether the file is BCF, read as text.
  var isBinaryVariants: Bool { text != nil }

  /// The size of the content, if it is known before reading: for plain files.
  package var knownSize: Int? { compression == .none && text == nil ? input.size : nil }

  /// The largest possible size of a file's content, nil for a pipe: deflate expands one byte to at most
  /// 1,032.
  var sizeBound: Int? {
    input.size.map { compression == .none ? $0 : $0 > Int.max / 1032 ? .max : $0 * 1032 }
  }

  /// Reads into `target` and returns the number of bytes; 0 only at the end (or for an empty target).
  package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard target.count > 0 else { return 0 }
    if !pushed.isEmpty {
      let count = min(pushed.count, target.count)
      target.copyBytes(from: pushed.prefix(count))
      pushed = pushed.dropFirst(count)
      if pushed.isEmpty { pushed = [] }
      return count
    }
    if let text { return try text.read(into: target, from: { try readContent($0, into: &$1) }) }
    return try readContent(into: target)
  }

  /// Returns the next `count` bytes, fewer only at the end, without consuming them.
  package func peek(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var found = 0
    while found < count {
      let got = try bytes.withUnsafeMutableBytes {
        try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[found...]))
      }
      if got == 0 { break }
      found += got
    }
    bytes.removeLast(count - found)
    pushed = bytes + pushed
    return bytes
  }

  /// Returns up to `count` bytes of the content, fewer only at its end.
  func readContent(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try readContent(count, into: &bytes)
    return bytes
  }

  /// Appends up to `count` bytes of the content, fewer only at its end. Memory grows with the bytes that are
  /// read, not with `count`.
  func readContent(_ count: Int, into bytes: inout [UInt8]) throws {
    let end = bytes.count + count
    while bytes.count < end {
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: min(end - start, max(1 << 16, start))))
      let got = try bytes.withUnsafeMutableBytes {
        try readContent(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
      }
      bytes.removeLast(bytes.count - start - got)
      if got == 0 { return }
    }
  }

  /// Reads the unconverted content, BCF as BCF.
  private func readContent(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    if let blocks { return try blocks.read(into: target) }
    if let members { return try members.read(into: target) }
    return try input.read(into: target)
  }

  /// Returns the rest of the content.
  package func readAll() throws -> [UInt8] {
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
