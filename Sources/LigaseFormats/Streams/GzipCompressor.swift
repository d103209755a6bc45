import CZlib

/// Compresses a stream of bytes as one gzip member, or as BGZF blocks with the empty block at the end.
final class GzipCompressor {
  private let path: String
  private let blocked: Bool
  private let stream: UnsafeMutablePointer<z_stream>
  private var output: [UInt8]
  private var pending: [UInt8] = []
  /// As much as fits into a block of 64 KiB even where it cannot be compressed.
  private static let blockLength = 0xFF00

  init(path: String, blocked: Bool, level: Int32 = 6) throws {
    self.path = path
    self.blocked = blocked
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = [UInt8](repeating: 0, count: 1 << 17)
    let code = deflateInit2_(
      stream, level, Z_DEFLATED, blocked ? -15 : 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      throw FormatError(.inputOutput, path: path, "cannot start compression (zlib code \(code))")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func write(_ bytes: UnsafeRawBufferPointer, to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard blocked else {
      var rest = bytes
      while rest.count > 0 {
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
        try deflate(part, Z_NO_FLUSH, to: emit)
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      }
      return
    }
    var rest = bytes
    while rest.count > 0 {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(GzipCompressor.blockLength - pending.count))
      pending.append(contentsOf: part)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      if pending.count == GzipCompressor.blockLength { try writeBlock(to: emit) }
    }
  }

  func finish(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard blocked else {
      return try deflate(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, to: emit)
    }
    if !pending.isEmpty { try writeBlock(to: emit) }
    try BGZF.endBlock.withUnsafeBytes { try emit($0) }
  }

  private func deflate(
    _ bytes: UnsafeRawBufferPointer, _ flush: Int32, to emit: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    try output.withUnsafeMutableBufferPointer { output in
      while true {
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let code = CZlib.deflate(stream, flush)
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
          throw FormatError(.inputOutput, path: path, "cannot compress (zlib code \(code))")
        }
        let count = output.count - Int(stream.pointee.avail_out)
        if count > 0 { try emit(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count])) }
        if stream.pointee.avail_out > 0 || code == Z_STREAM_END { break }
      }
    }
  }

  private func writeBlock(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    var block: [UInt8] = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0, 0, 0]
    deflateReset(stream)
    try pending.withUnsafeBytes { bytes in
      try deflate(bytes, Z_FINISH) { block.append(contentsOf: $0) }
    }
    let check = UInt32(truncatingIfNeeded: crc32(0, pending, UInt32(pending.count)))
    for value in [check, UInt32(pending.count)] {
      for shift: UInt32 in [0, 8, 16, 24] { block.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    precondition(block.count <= 1 << 16, "BGZF: a block of \(block.count) bytes")
    block[16] = UInt8(truncatingIfNeeded: block.count - 1)
    block[17] = UInt8((block.count - 1) >> 8)
    pending.removeAll(keepingCapacity: true)
    try block.withUnsafeBytes { try emit($0) }
  }
}
