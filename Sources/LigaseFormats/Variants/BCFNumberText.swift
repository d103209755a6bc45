import LigaseRuntime

/// Numbers of BCF in the text form of bcftools: six significant digits, `.` where they are missing.
enum BCFNumberText {
  /// The bits of a missing float, and of the float that ends a vector.
  static let missingFloat: UInt32 = 0x7F80_0001
  static let endOfFloats: UInt32 = 0x7F80_0002

  /// Returns the whole number that ends a vector; the one below it is a missing value.
  @inline(__always)
  static func endOfVector(size: Int) -> Int { (-1 << (8 * size - 1)) + 1 }

  /// Appends the float with these bits in the format `%g`.
  static func append(_ bits: UInt32, to text: inout [UInt8]) {
    if bits == missingFloat || bits == endOfFloats { return text.append(0x2E) }
    let value = Double(Float(bitPattern: bits))
    if value.isNaN { return text.append(contentsOf: "nan".utf8) }
    if value.magnitude < 1_000_000, value == value.rounded(.towardZero), value != 0 || value.sign == .plus {
      return DecimalText.append(digits: Int(value), to: &text)
    }
    if value.magnitude >= 0.0001, value.magnitude < 100_000, appendDecimals(value, to: &text) { return }
    var buffer = [CChar](repeating: 0, count: 32)
    let count = withVaList([value]) { vsnprintf(&buffer, 32, "%g", $0) }
    text.append(contentsOf: buffer[..<Int(count)].lazy.map { UInt8(bitPattern: $0) })
  }

  /// Appends six digits using one multiplication; returns false where its rounding error could matter.
  private static func appendDecimals(_ value: Double, to text: inout [UInt8]) -> Bool {
    var magnitude = value.magnitude
    var decimals = 5
    while magnitude >= 10 {
      magnitude /= 10
      decimals -= 1
    }
    while magnitude < 1 {
      magnitude *= 10
      decimals += 1
    }
    let scale = powers[decimals]
    let scaled = value.magnitude * scale
    let whole = scaled.rounded(.down)
    let rest = scaled - whole
    // Near a half, and where rounding adds a digit, the exact conversion is used.
    if (rest - 0.5).magnitude < 1e-5 || whole < 100_000 || whole >= 999_999 { return false }
    var number = Int(whole) + (rest > 0.5 ? 1 : 0)
    while decimals > 0, number % 10 == 0 {
      number /= 10
      decimals -= 1
    }
    if value < 0 { text.append(0x2D) }
    let unit = Int(powers[decimals])
    DecimalText.append(digits: number / unit, to: &text)
    if decimals == 0 { return true }
    text.append(0x2E)
    var rank = unit / 10
    let fraction = number % unit
    while rank > 0 {
      text.append(0x30 + UInt8(fraction / rank % 10))
      rank /= 10
    }
    return true
  }

  private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
}

extension DecimalText {
  /// Appends a whole number without creating a string.
  @inline(__always)
  static func append(digits value: Int, to text: inout [UInt8]) {
    if value >= 0, value < 10 { return text.append(0x30 &+ UInt8(truncatingIfNeeded: value)) }
    if value < 0 { text.append(0x2D) }
    var rest = value.magnitude
    let start = text.count
    repeat {
      text.append(0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }
}
