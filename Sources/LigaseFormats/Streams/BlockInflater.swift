import Glibc

#if Libdeflate
  import CLibdeflate
#else
  import CZlib
#endif

#if Libdeflate
  /// Decompresses single BGZF blocks, checking length and CRC, with libdeflate.
  final class BlockInflater {
    private let decompressor = libdeflate_alloc_decompressor()

    deinit { libdeflate_free_decompressor(decompressor) }

    /// Decompresses a whole block into `target`, which is as long as the block's trailer says; returns what is
    /// wrong.
    func inflate(
      _ block: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> String? {
      guard let decompressor else { return "the decompressor cannot be started" }
      let header = 12 + (Int(block[10]) | Int(block[11]) << 8)
      guard header + 8 <= block.count else { return "a BGZF block that is too short" }
      // An empty target still needs an address.
      var nothing: UInt8 = 0
      var taken = 0
      let code = withUnsafeMutablePointer(to: &nothing) { nowhere in
        libdeflate_deflate_decompress_ex(
          decompressor, block.baseAddress! + header, block.count - header - 8,
          target.count > 0 ? target.baseAddress! : nowhere, target.count, &taken, nil)
      }
      guard code == LIBDEFLATE_SUCCESS, taken == block.count - header - 8 else {
        return code == LIBDEFLATE_BAD_DATA ? "invalid data" : "incorrect length of a BGZF block"
      }
      let tail = block.baseAddress! + (block.count - 8)
      let expected = (0..<4).reduce(UInt32(0)) { $0 | UInt32(tail[$1]) << UInt32(8 * $1) }
      let found = target.count == 0 ? 0 : libdeflate_crc32(0, target.baseAddress, target.count)
      return found == expected ? nil : "incorrect data check"
    }
  }
#else
  /// Decompresses single BGZF blocks, checking length and CRC.
  final class BlockInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init() {
      stream = .allocate(capacity: 1)
      stream.initialize(to: z_stream())
      isReady = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
      if isReady { inflateEnd(stream) }
      stream.deallocate()
    }

    /// Decompresses a whole block into `target`, which is as long as the block's trailer says; returns what is
    /// wrong.
    func inflate(_ block: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>)
      -> String?
    {
      guard isReady, inflateReset(stream) == Z_OK else { return "the decompressor cannot be started" }
      let header = 12 + (Int(block[10]) | Int(block[11]) << 8)
      guard header + 8 <= block.count else { return "a BGZF block that is too short" }
      // An empty target still needs an address.
      var nothing: UInt8 = 0
      return withUnsafeMutablePointer(to: &nothing) { nowhere in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: block.baseAddress! + header)
        stream.pointee.avail_in = UInt32(block.count - header - 8)
        stream.pointee.next_out = target.count > 0 ? target.baseAddress! : nowhere
        stream.pointee.avail_out = UInt32(target.count)
        let code = CZlib.inflate(stream, Z_FINISH)
        guard code == Z_STREAM_END, stream.pointee.avail_out == 0, stream.pointee.avail_in == 0 else {
          return stream.pointee.msg.map { String(cString: $0) } ?? "incorrect length of a BGZF block"
        }
        let tail = block.baseAddress! + (block.count - 8)
        let expected = (0..<4).reduce(UInt(0)) { $0 | UInt(tail[$1]) << UInt(8 * $1) }
        let found = crc32(crc32(0, nil, 0), target.baseAddress, UInt32(target.count))
        return found == expected ? nil : "incorrect data check"
      }
    }
  }
#endif
