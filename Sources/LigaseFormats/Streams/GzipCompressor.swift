import CZlib

/// Compresses a stream of bytes as one gzip member.
final class GzipCompressor {
  private let path: String
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 17)

  init(path: String, level: Int32 = 6) throws {
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = deflateInit2_(
      stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      throw FormatError(.inputOutput, path: path, "cannot start compression (zlib code \(code))")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func write(_ bytes: UnsafeRawBufferPointer, to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = bytes
    while rest.count > 0 {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      try deflate(part, Z_NO_FLUSH, to: emit)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
    }
  }

  func finish(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    try deflate(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, to: emit)
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
}
