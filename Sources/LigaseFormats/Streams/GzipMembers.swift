import CZlib

/// The content of a gzip stream (RFC 1952): any number of members, each checked by its CRC and length.
///
/// Zero bytes may pad the end, as on tapes; other bytes there are an error. A member with the BGZF extra
/// field (SAM specification, section 4.1) must have the block size of that field, and a stream whose last
/// member is a BGZF block must end with the empty block: without it the file was truncated between blocks.
final class GzipMembers {
  private let input: FileInput
  private let stream: UnsafeMutablePointer<z_stream>
  private var isInMember = false
  private var isDone = false
  private var membersRead: Int
  private var memberStart = 0
  private var memberLength = 0
  private var blockSize: Int?
  private var lacksEndBlock: Bool

  /// Starts at the window of `input`, after `membersRead` members, the last of which may lack its end block.
  init(_ input: FileInput, membersRead: Int = 0, lacksEndBlock: Bool = false) throws {
    self.input = input
    self.membersRead = membersRead
    self.lacksEndBlock = lacksEndBlock
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      throw FormatError(.inputOutput, path: input.path, "cannot start decompression (zlib code \(code))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decompresses into `target` until it is full or the stream ends; returns the number of bytes, 0 at the
  /// end.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let base = target.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let capacity = min(target.count, 1 << 30)
    var filled = 0
    while filled < capacity && !isDone {
      if !isInMember {
        try beginMember()
        continue
      }
      try input.require(1)
      let window = input.window
      guard window.count > 0 else { throw truncated() }
      stream.pointee.next_in = UnsafeMutablePointer(mutating: window.baseAddress!)
      stream.pointee.avail_in = UInt32(window.count)
      stream.pointee.next_out = base + filled
      stream.pointee.avail_out = UInt32(capacity - filled)
      let code = inflate(stream, Z_NO_FLUSH)
      input.consume(window.count - Int(stream.pointee.avail_in))
      let written = capacity - filled - Int(stream.pointee.avail_out)
      filled += written
      memberLength += written
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: try endMember()
      default: throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "invalid data")
      }
    }
    return filled
  }

  private func beginMember() throws {
    try input.require(18)
    let window = input.window
    if window.count == 0 {
      isDone = true
      if lacksEndBlock {
        throw FormatError(
          .inputOutput, path: input.path, offset: input.offset,
          "truncated: the BGZF stream ends without its empty end block")
      }
      return
    }
    if window[0] == 0 && membersRead > 0 { return try skipPadding() }
    if window.count < 3 { throw truncated() }
    guard window[0] == 0x1F, window[1] == 0x8B else {
      throw FormatError(
        .inputOutput, path: input.path, offset: input.offset,
        "found bytes that are no gzip member after the end of the last one")
    }
    memberStart = input.offset
    memberLength = 0
    blockSize = try BGZF.blockSize(at: input)
    guard inflateReset(stream) == Z_OK else { throw corrupt("the decompressor cannot be reset") }
    isInMember = true
  }

  private func endMember() throws {
    isInMember = false
    membersRead += 1
    lacksEndBlock = blockSize != nil && memberLength > 0
    if let blockSize, input.offset - memberStart != blockSize {
      throw corrupt("a BGZF block of \(input.offset - memberStart) bytes says it has \(blockSize)")
    }
  }

  private func skipPadding() throws {
    while true {
      try input.require(1)
      let window = input.window
      if window.count == 0 { break }
      guard window.allSatisfy({ $0 == 0 }) else {
        throw FormatError(
          .inputOutput, path: input.path, offset: input.offset,
          "found bytes that are no gzip member after the end of the last one")
      }
      input.consume(window.count)
    }
  }

  private func truncated() -> FormatError {
    FormatError(
      .inputOutput, path: input.path, offset: input.offset,
      "truncated: the gzip stream ends within a member")
  }

  private func corrupt(_ reason: String) -> FormatError {
    FormatError(
      .inputOutput, path: input.path, offset: input.offset, "corrupt gzip stream: \(reason)")
  }
}
