import CZlib

#if Libdeflate
  import CLibdeflate
#endif

#if Libdeflate
  typealias BlockCodec = LibdeflateBlocks
#else
  typealias BlockCodec = ZlibBlocks
#endif

/// The frame of a BGZF block: header, compressed bytes, CRC and length.
enum BlockFrame {
  /// The header of a written block; its last two bytes are the size minus one.
  static let header: [UInt8] = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0, 0, 0]

  /// Returns the compressed bytes of a block, nil where it is too short.
  static func body(_ block: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    let start = 12 + (Int(block[10]) | Int(block[11]) << 8)
    return start + 8 <= block.count ? UnsafeBufferPointer(rebasing: block[start..<block.count - 8]) : nil
  }

  /// Returns the CRC in the trailer of a block.
  static func check(_ block: UnsafeBufferPointer<UInt8>) -> UInt32 {
    (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[block.count - 8 + $1]) << UInt32(8 * $1) }
  }

  /// Returns the CRC-32 of bytes that follow others.
  static func check(of bytes: UnsafeRawBufferPointer, after check: UInt32) -> UInt32 {
    guard let base = bytes.baseAddress else { return check }
    #if Libdeflate
      return libdeflate_crc32(check, base, bytes.count)
    #else
      return UInt32(crc32_z(UInt(check), base.assumingMemoryBound(to: UInt8.self), bytes.count))
    #endif
  }

  /// Appends a block of `length` bytes with the given CRC to `output`; `compress` writes the compressed bytes
  /// and returns their number, or nil on failure.
  static func append(
    to output: inout [UInt8], check: UInt32, length: Int,
    _ compress: (UnsafeMutableBufferPointer<UInt8>) -> Int?
  ) -> Bool {
    let start = output.count
    output.append(contentsOf: header)
    let capacity = BGZF.blockCapacity - header.count - 8
    output.append(contentsOf: repeatElement(0, count: capacity))
    let count = output.withUnsafeMutableBufferPointer {
      compress(UnsafeMutableBufferPointer(rebasing: $0[(start + header.count)...]))
    }
    guard let count else { return false }
    output.removeLast(capacity - count)
    for value in [check, UInt32(length)] {
      for shift: UInt32 in [0, 8, 16, 24] { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    let size = output.count - start - 1
    output[start + 16] = UInt8(truncatingIfNeeded: size)
    output[start + 17] = UInt8(size >> 8)
    return true
  }
}

/// Compresses and decompresses single BGZF blocks with zlib.
package final class ZlibBlocks {
  private let inflating: UnsafeMutablePointer<z_stream>
  private var deflating: UnsafeMutablePointer<z_stream>?
  private let isReady: Bool

  package init() {
    inflating = .allocate(capacity: 1)
    inflating.initialize(to: z_stream())
    isReady = inflateInit2_(inflating, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    if isReady { inflateEnd(inflating) }
    inflating.deallocate()
    if let deflating {
      deflateEnd(deflating)
      deflating.deallocate()
    }
  }

  /// Decompresses a whole block into `target`, which has the length in the block's trailer, and checks length
  /// and CRC; returns the error, if any.
  package func inflate(
    _ block: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
  ) -> String? {
    guard isReady, inflateReset(inflating) == Z_OK else { return "the decompressor cannot be started" }
    guard let body = BlockFrame.body(block) else { return "a BGZF block that is too short" }
    // An empty target still needs an address.
    var nothing: UInt8 = 0
    return withUnsafeMutablePointer(to: &nothing) { nowhere in
      inflating.pointee.next_in = UnsafeMutablePointer(mutating: body.baseAddress)
      inflating.pointee.avail_in = UInt32(body.count)
      inflating.pointee.next_out = target.count > 0 ? target.baseAddress! : nowhere
      inflating.pointee.avail_out = UInt32(target.count)
      let code = CZlib.inflate(inflating, Z_FINISH)
      guard code == Z_STREAM_END, inflating.pointee.avail_out == 0, inflating.pointee.avail_in == 0 else {
        return inflating.pointee.msg.map { String(cString: $0) } ?? "incorrect length of a BGZF block"
      }
      let found = crc32(crc32(0, nil, 0), target.baseAddress, UInt32(target.count))
      return found == UInt(BlockFrame.check(block)) ? nil : "incorrect data check"
    }
  }

  /// Appends `bytes`, at most `BGZF.contentCapacity` of them, to `output` as a block; returns false if zlib
  /// fails.
  package func deflate(_ bytes: UnsafeBufferPointer<UInt8>, appendingTo output: inout [UInt8]) -> Bool {
    if deflating == nil {
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      let size = Int32(MemoryLayout<z_stream>.size)
      guard deflateInit2_(stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
      else {
        stream.deallocate()
        return false
      }
      deflating = stream
    }
    guard let deflating, deflateReset(deflating) == Z_OK else { return false }
    let check = crc32(crc32(0, nil, 0), bytes.baseAddress, UInt32(bytes.count))
    return BlockFrame.append(to: &output, check: UInt32(check), length: bytes.count) { target in
      deflating.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      deflating.pointee.avail_in = UInt32(bytes.count)
      deflating.pointee.next_out = target.baseAddress
      deflating.pointee.avail_out = UInt32(target.count)
      guard CZlib.deflate(deflating, Z_FINISH) == Z_STREAM_END else { return nil }
      return target.count - Int(deflating.pointee.avail_out)
    }
  }
}

#if Libdeflate
  /// Compresses and decompresses single BGZF blocks with libdeflate.
  package final class LibdeflateBlocks {
    private let decompressor = libdeflate_alloc_decompressor()
    private lazy var compressor = libdeflate_alloc_compressor(6)
    private var compresses = false

    package init() {}

    deinit {
      libdeflate_free_decompressor(decompressor)
      if compresses { libdeflate_free_compressor(compressor) }
    }

    /// Decompresses a whole block into `target`, which has the length in the block's trailer, and checks
    /// length and CRC; returns the error, if any.
    package func inflate(
      _ block: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> String? {
      guard let decompressor else { return "the decompressor cannot be started" }
      guard let body = BlockFrame.body(block) else { return "a BGZF block that is too short" }
      // An empty target still needs an address.
      var nothing: UInt8 = 0
      var taken = 0
      let code = withUnsafeMutablePointer(to: &nothing) { nowhere in
        libdeflate_deflate_decompress_ex(
          decompressor, body.baseAddress, body.count, target.count > 0 ? target.baseAddress! : nowhere,
          target.count, &taken, nil)
      }
      guard code == LIBDEFLATE_SUCCESS, taken == body.count else {
        return code == LIBDEFLATE_BAD_DATA ? "invalid data" : "incorrect length of a BGZF block"
      }
      let found = target.count == 0 ? 0 : libdeflate_crc32(0, target.baseAddress, target.count)
      return found == BlockFrame.check(block) ? nil : "incorrect data check"
    }

    /// Appends `bytes`, at most `BGZF.contentCapacity` of them, to `output` as a block; returns false if
    /// libdeflate fails.
    package func deflate(_ bytes: UnsafeBufferPointer<UInt8>, appendingTo output: inout [UInt8]) -> Bool {
      compresses = true
      guard let compressor else { return false }
      let check = libdeflate_crc32(0, bytes.baseAddress, bytes.count)
      return BlockFrame.append(to: &output, check: check, length: bytes.count) { target in
        let count = libdeflate_deflate_compress(
          compressor, bytes.baseAddress, bytes.count, target.baseAddress, target.count)
        return count > 0 ? count : nil
      }
    }
  }
#endif
