/// The element types of a safetensors file, and the decoding of their (little-endian) bytes.
enum ElementType: String, CaseIterable, Sendable {
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case f8E5M2 = "F8_E5M2"
  case f8E4M3 = "F8_E4M3"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// The number of bytes of an element.
  var size: Int {
    switch self {
    case .bool, .u8, .i8, .f8E5M2, .f8E4M3: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// Returns the numbers in `raw`, whose length is a multiple of `size`.
  func decode(_ raw: UnsafeRawBufferPointer) -> [Double] {
    func each<Word: FixedWidthInteger>(_: Word.Type, _ value: (Word) -> Double) -> [Double] {
      (0..<(raw.count / MemoryLayout<Word>.size)).map {
        value(
          Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: Word.self)))
      }
    }
    return switch self {
    case .bool, .u8: each(UInt8.self) { Double($0) }
    case .i8: each(Int8.self) { Double($0) }
    case .f8E5M2: each(UInt8.self) { Self.small($0, exponentBits: 5, hasInfinity: true) }
    case .f8E4M3: each(UInt8.self) { Self.small($0, exponentBits: 4, hasInfinity: false) }
    case .i16: each(Int16.self) { Double($0) }
    case .u16: each(UInt16.self) { Double($0) }
    case .f16: each(UInt16.self) { Self.half($0) }
    case .bf16: each(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .i32: each(Int32.self) { Double($0) }
    case .u32: each(UInt32.self) { Double($0) }
    case .f32: each(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .f64: each(UInt64.self) { Double(bitPattern: $0) }
    case .i64: each(Int64.self) { Double($0) }
    case .u64: each(UInt64.self) { Double($0) }
    }
  }

  /// Decodes IEEE 754 binary16.
  private static func half(_ bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 1 ? -1 : 1
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }

  /// Decodes the 8-bit floats of Micikevicius et al., "FP8 formats for deep learning" (2022).
  private static func small(_ bits: UInt8, exponentBits: Int, hasInfinity: Bool) -> Double {
    let fractionBits = 7 - exponentBits
    let sign: Double = bits >> 7 == 1 ? -1 : 1
    let exponent = Int(bits & 0x7F) >> fractionBits, fraction = Int(bits) & (1 << fractionBits - 1)
    let top = 1 << exponentBits - 1, bias = 1 << (exponentBits - 1) - 1
    if exponent == top, hasInfinity { return fraction == 0 ? sign * .infinity : .nan }
    if exponent == top, fraction == 1 << fractionBits - 1 { return .nan }
    let part = Double(fraction) / Double(1 << fractionBits)
    return exponent == 0
      ? sign * part * Double(sign: .plus, exponent: 1 - bias, significand: 1)
      : sign * Double(sign: .plus, exponent: exponent - bias, significand: 1 + part)
  }
}
