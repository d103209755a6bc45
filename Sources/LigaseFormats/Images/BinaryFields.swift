/// Numbers of a binary header in either byte order. Positions outside the bytes give nil.
struct BinaryFields {
  let bytes: [UInt8]
  let isBigEndian: Bool

  /// Returns the integer of type `T` that begins at a byte.
  func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
    let size = MemoryLayout<T>.size
    guard offset >= 0, size <= bytes.count, offset <= bytes.count - size else { return nil }
    let raw = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
    return isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)
  }

  /// Returns the 32-bit number that begins at a byte.
  func float(at offset: Int) -> Double? {
    integer(UInt32.self, at: offset).map { Double(Float(bitPattern: $0)) }
  }

  /// Returns the 64-bit number that begins at a byte.
  func double(at offset: Int) -> Double? { integer(UInt64.self, at: offset).map { Double(bitPattern: $0) } }

  /// Returns text of at most `count` bytes that ends at a zero byte; bytes that are not UTF-8 are replaced.
  func text(at offset: Int, count: Int) -> String {
    guard offset >= 0, offset < bytes.count else { return "" }
    return String(decoding: bytes[offset...].prefix(count).prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// The type of a stored number.
package enum SampleType: String, Sendable, CaseIterable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// The number of bytes.
  package var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Calls `body` with the index and the number of each sample of `bytes`.
  func forEach(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, _ body: (Int, Double) -> Void) {
    func run<T: FixedWidthInteger>(_ type: T.Type, _ number: (T) -> Double) {
      for i in 0..<bytes.count / MemoryLayout<T>.size {
        let raw = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self)
        body(i, number(isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)))
      }
    }
    switch self {
    case .uint8: run(UInt8.self, Double.init)
    case .int8: run(Int8.self, Double.init)
    case .uint16: run(UInt16.self, Double.init)
    case .int16: run(Int16.self, Double.init)
    case .uint32: run(UInt32.self, Double.init)
    case .int32: run(Int32.self, Double.init)
    case .uint64: run(UInt64.self) { Double($0) }
    case .int64: run(Int64.self, Double.init)
    case .float32: run(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: run(UInt64.self) { Double(bitPattern: $0) }
    }
  }
}
