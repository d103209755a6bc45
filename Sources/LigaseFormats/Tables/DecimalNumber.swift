import LigaseRuntime

/// Conversion of text to binary floating point, rounded exactly (to nearest, ties to even) in one step to the
/// result type.
///
/// The grammar is `[+-] digits [. digits] [(e|E) [+-] digits]` with a digit on at least one side of the dot,
/// and spaces around it. Hexadecimal numbers, digit separators and `inf` are not numbers; empty text, `NA`,
/// `nan` and similar texts are missing. A number of up to 19 significant digits and a decimal exponent near
/// zero is rounded from one exact 128-bit product or quotient; all others use the C library's `strtod` and
/// `strtof`, which are also exact.
package enum DecimalNumber {
  /// The reason why a text is not a finite number.
  package enum Failure: Error, Equatable, Sendable {
    /// The text is empty, or spelled as a missing value (`MissingValue`).
    case missing
    /// The text is an infinity or NaN, or is too large for the type.
    case notFinite
    /// The text is not a number.
    case notNumber
  }

  /// Returns the Float32 nearest to the number in `text`.
  package static func float(_ text: UnsafeBufferPointer<UInt8>) -> Result<Float, Failure> {
    var parts = Parts()
    if let failure = parse(text, &parts) { return .failure(failure) }
    if parts.significand == 0 { return .success(parts.isNegative ? -0.0 : 0.0) }
    if parts.isExact {
      // 24-bit significands and powers up to 10^10 are exact in Float32, so one operation rounds once.
      if parts.significand <= 1 << 24, parts.exponent >= -10, parts.exponent <= 10 {
        let m = Float(parts.significand)
        let x = parts.exponent < 0 ? m / floatPower(-parts.exponent) : m * floatPower(parts.exponent)
        return .success(parts.isNegative ? -x : x)
      }
      if parts.exponent >= -27, parts.exponent <= 18 {
        let x = rounded(parts.significand, parts.exponent)
        return .success(parts.isNegative ? -x : x)
      }
    }
    return slow(text) { strtof($0, nil) }
  }

  /// Returns the Float64 nearest to the number in `text`.
  package static func double(_ text: UnsafeBufferPointer<UInt8>) -> Result<Double, Failure> {
    var parts = Parts()
    if let failure = parse(text, &parts) { return .failure(failure) }
    if parts.significand == 0 { return .success(parts.isNegative ? -0.0 : 0.0) }
    if parts.isExact {
      // 53-bit significands and powers up to 10^22 are exact in Float64, so one operation rounds once.
      if parts.significand <= 1 << 53, parts.exponent >= -22, parts.exponent <= 22 {
        let m = Double(parts.significand)
        let x = parts.exponent < 0 ? m / doublePower(-parts.exponent) : m * doublePower(parts.exponent)
        return .success(parts.isNegative ? -x : x)
      }
      if parts.exponent >= -27, parts.exponent <= 27 {
        let (bits, shift) = scaled(parts.significand, parts.exponent)
        let x = Double(bits) * powerOfTwo(shift)
        return .success(parts.isNegative ? -x : x)
      }
    }
    return slow(text) { strtod($0, nil) }
  }

  /// Reads the plain decimal at `p` (no exponent, no spaces, few digits) and moves `p` after it; returns nil
  /// for everything else. The text must end with a byte that is not a digit, sign or dot, such as a newline,
  /// followed by seven readable bytes.
  @inline(__always)
  static func plainFloat(_ p: inout UnsafePointer<UInt8>) -> Float? {
    var q = p
    let isNegative = q.pointee == 0x2D
    if isNegative { q += 1 }
    let first = q
    var significand: UInt64 = 0
    while true {
      let digit = UInt64(q.pointee &- 0x30)
      if digit > 9 { break }
      significand = significand &* 10 &+ digit
      q += 1
    }
    var digitCount = q - first
    var decimals = 0
    if q.pointee == 0x2E {
      q += 1
      let firstDecimal = q
      while let eight = eightDigits(q) {
        significand = significand &* 100_000_000 &+ eight
        q += 8
      }
      while true {
        let digit = UInt64(q.pointee &- 0x30)
        if digit > 9 { break }
        significand = significand &* 10 &+ digit
        q += 1
      }
      decimals = q - firstDecimal
      digitCount &+= decimals
    }
    if digitCount == 0 || digitCount > 19 || q.pointee > 0x2C { return nil }
    p = q
    if significand <= 1 << 53 {
      // Both are exact in Float64 and the quotient is rounded once; a second rounding, to Float32, is exact unless
      // the quotient lies half way between two values.
      let x = Double(significand) / doublePower(decimals)
      if x.bitPattern & 0x1FFF_FFFF != 0x1000_0000 { return Float(isNegative ? -x : x) }
    }
    let x = rounded(significand, -decimals)
    return isNegative ? -x : x
  }

  // MARK: - Reading the digits

  /// ±significand × 10^exponent; not exact when digits after the nineteenth were dropped.
  private struct Parts {
    var significand: UInt64 = 0
    var exponent = 0
    var isNegative = false
    var isExact = true
  }

  private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> (start: Int, end: Int) {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 { start &+= 1 }
    while end > start, text[end &- 1] == 0x20 { end &-= 1 }
    return (start, end)
  }

  @inline(__always)
  private static func parse(_ text: UnsafeBufferPointer<UInt8>, _ parts: inout Parts) -> Failure? {
    guard let base = text.baseAddress else { return .missing }
    var (i, end) = (0, text.count)
    if end == 0 { return .missing }
    if base[0] == 0x20 || base[end &- 1] == 0x20 { (i, end) = trimmed(text) }
    let start = i
    if i < end, base[i] == 0x2D || base[i] == 0x2B {
      parts.isNegative = base[i] == 0x2D
      i &+= 1
    }
    var significand: UInt64 = 0
    let firstDigit = i
    while i < end {
      let digit = UInt64(base[i] &- 0x30)
      if digit > 9 { break }
      significand = significand &* 10 &+ digit
      i &+= 1
    }
    var digitCount = i &- firstDigit
    var exponent = 0
    if i < end, base[i] == 0x2E {
      i &+= 1
      let firstDecimal = i
      while i &+ 8 <= end, let eight = eightDigits(base + i) {
        significand = significand &* 100_000_000 &+ eight
        i &+= 8
      }
      while i < end {
        let digit = UInt64(base[i] &- 0x30)
        if digit > 9 { break }
        significand = significand &* 10 &+ digit
        i &+= 1
      }
      exponent = firstDecimal &- i
      digitCount &-= exponent
    }
    if digitCount == 0 { return failure(base, start, end) }
    if digitCount > 19 { parts.isExact = significantDigits(base, firstDigit, i) <= 19 }
    if i < end, base[i] | 0x20 == 0x65 {
      i &+= 1
      var isNegative = false
      if i < end, base[i] == 0x2D || base[i] == 0x2B {
        isNegative = base[i] == 0x2D
        i &+= 1
      }
      var value = 0
      let first = i
      while i < end {
        let digit = Int(base[i] &- 0x30)
        if digit < 0 || digit > 9 { break }
        if value < 100_000_000 { value = value &* 10 &+ digit }
        i &+= 1
      }
      if i == first { return .notNumber }
      exponent &+= isNegative ? -value : value
    }
    if i != end { return .notNumber }
    parts.significand = significand
    parts.exponent = exponent
    // A significand that overflowed may have wrapped to zero.
    if !parts.isExact { parts.significand = 1 }
    return nil
  }

  /// Returns the number of eight digits, nil if they are not all digits (Lemire's arithmetic within one
  /// word).
  @inline(__always)
  private static func eightDigits(_ p: UnsafePointer<UInt8>) -> UInt64? {
    let word = UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
    let isOutside = (word &+ 0x4646_4646_4646_4646) | (word &- 0x3030_3030_3030_3030)
    if isOutside & 0x8080_8080_8080_8080 != 0 { return nil }
    let digits = word & 0x0F0F_0F0F_0F0F_0F0F
    let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF
  }

  /// Returns the number of digits without leading zeros in `base[start..<end]`, which has digits and at most
  /// one dot.
  private static func significantDigits(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var i = start
    while i < end, base[i] == 0x30 || base[i] == 0x2E { i += 1 }
    var count = 0
    while i < end {
      if base[i] != 0x2E { count += 1 }
      i += 1
    }
    return count
  }

  private static func failure(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Failure {
    if MissingValue.isMissing(UnsafeBufferPointer(start: base + start, count: end - start)) {
      return .missing
    }
    let text = String(
      decoding: UnsafeBufferPointer(start: base + start, count: min(end - start, 10)), as: UTF8.self)
    let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
    return ["nan", "inf", "infinity"].contains(String(word)) ? .notFinite : .notNumber
  }

  // MARK: - Exact rounding

  /// Returns `significand` × 10^`exponent` as `bits` × 2^`shift`: 64 bits with the top one set and the lowest
  /// one sticky (set if anything was cut off), so that one further rounding to 53 bits or fewer is exact.
  private static func scaled(_ significand: UInt64, _ exponent: Int) -> (bits: UInt64, shift: Int) {
    let leading = significand.leadingZeroBitCount
    let w = significand << UInt64(leading)
    if exponent >= 0 {
      let five = fivePower(exponent)
      let product = w.multipliedFullWidth(by: five)
      let zeros = product.high.leadingZeroBitCount
      guard zeros < 64 else { return (w, exponent &- leading) }
      let high = zeros == 0 ? product.high : product.high << UInt64(zeros) | product.low >> UInt64(64 - zeros)
      let isCut = zeros == 0 ? product.low != 0 : product.low << UInt64(zeros) != 0
      return (isCut ? high | 1 : high, exponent &- leading &+ 64 &- zeros)
    }
    let five = fivePower(-exponent)
    let fiveLeading = five.leadingZeroBitCount
    let divisor = five << UInt64(fiveLeading)
    // w/2 < divisor, so the quotient fits in 64 bits and has at least 63.
    let (quotient, remainder) = quotient(w >> 1, w << 63, by: divisor, reciprocalPower(-exponent))
    var bits = quotient
    var shift = exponent &- leading &- 63 &+ fiveLeading
    if bits >> 63 == 0 {
      // One more bit of the quotient, from comparing twice the remainder with the divisor.
      let isOne = remainder >= divisor &- remainder
      bits = bits << 1 | (isOne ? 1 : 0)
      shift &-= 1
      let rest = isOne ? remainder &- (divisor &- remainder) : remainder
      return (rest == 0 ? bits : bits | 1, shift)
    }
    return (remainder == 0 ? bits : bits | 1, shift)
  }

  /// Returns the Float32 nearest to `significand` × 10^`exponent`, for a significand above zero and exponents
  /// of -27...18.
  private static func rounded(_ significand: UInt64, _ exponent: Int) -> Float {
    let (bits, shift) = scaled(significand, exponent)
    return Float(Double(Float(bits >> 24 | (bits & 0xFF_FFFF == 0 ? 0 : 1))) * powerOfTwo(shift &+ 24))
  }

  /// Returns (`high`, `low`) / `divisor`, whose top bit is set, without a division (Möller and Granlund,
  /// "Improved division by invariant integers", 2011).
  @inline(__always)
  private static func quotient(
    _ high: UInt64, _ low: UInt64, by divisor: UInt64, _ reciprocal: UInt64
  ) -> (quotient: UInt64, remainder: UInt64) {
    let product = reciprocal.multipliedFullWidth(by: high)
    let (sumLow, carry) = product.low.addingReportingOverflow(low)
    var quotient = product.high &+ high &+ (carry ? 1 : 0) &+ 1
    var remainder = low &- quotient &* divisor
    if remainder > sumLow {
      quotient &-= 1
      remainder &+= divisor
    }
    if remainder >= divisor {
      quotient &+= 1
      remainder &-= divisor
    }
    return (quotient, remainder)
  }

  /// Returns 2^`exponent`, for the exponents that `scaled` returns.
  @inline(__always)
  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(bitPattern: Int64(exponent &+ 1023)) << 52)
  }

  @inline(__always)
  private static func fivePower(_ n: Int) -> UInt64 {
    powersOfFive.withUnsafeBufferPointer { $0[n] }
  }

  @inline(__always)
  private static func reciprocalPower(_ n: Int) -> UInt64 {
    reciprocals.withUnsafeBufferPointer { $0[n] }
  }

  @inline(__always)
  private static func floatPower(_ n: Int) -> Float {
    floatPowers.withUnsafeBufferPointer { $0[n] }
  }

  @inline(__always)
  private static func doublePower(_ n: Int) -> Double {
    doublePowers.withUnsafeBufferPointer { $0[n] }
  }

  // Literals are stored in the binary.
  private static let powersOfFive: [UInt64] = [
    1, 5, 25, 125,
    625, 3125, 15_625, 78_125,
    390_625, 1_953_125, 9_765_625, 48_828_125,
    244_140_625, 1_220_703_125, 6_103_515_625, 30_517_578_125,
    152_587_890_625, 762_939_453_125, 3_814_697_265_625, 19_073_486_328_125,
    95_367_431_640_625, 476_837_158_203_125, 2_384_185_791_015_625, 11_920_928_955_078_125,
    59_604_644_775_390_625, 298_023_223_876_953_125, 1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
  ]
  /// The value (2^128 - 1) / d - 2^64 for each power of five d, shifted so that its top bit is set.
  private static let reciprocals: [UInt64] = [
    0xFFFFFFFF_FFFFFFFF, 0x99999999_99999999, 0x47AE147A_E147AE14, 0x624DD2F_1A9FBE76,
    0xA36E2EB1_C432CA57, 0x4F8B588E_368F0846, 0xC6F7A0B_5ED8D36B, 0xAD7F29AB_CAF48578,
    0x5798EE23_08C39DF9, 0x12E0BE82_6D694B2E, 0xB7CDFD9D_7BDBAB7D, 0x5FD7FE17_964955FD,
    0x19799812_DEA11197, 0xC25C2684_97681C26, 0x6849B86A_12B9B01E, 0x203AF9EE_756159B2,
    0xCD2B297D_889BC2B6, 0x70EF5464_6D496892, 0x2725DD1D_243ABA0E, 0xD83C94FB_6D2AC34A,
    0x79CA10C9_242235D5, 0x2E3B40A0_E9B4F7DD, 0xE3920101_75EE5962, 0x82DB3401_2B25144E,
    0x357C299A_88EA76A5, 0xEF2D0F5D_A7DD8AA2, 0x8C240C4A_ECB13BB5, 0x3CE9A36F_23C0FC90,
  ]
  private static let floatPowers: [Float] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
  ]
  private static let doublePowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static func slow<Value: BinaryFloatingPoint>(
    _ text: UnsafeBufferPointer<UInt8>, _ convert: (UnsafePointer<CChar>) -> Value
  ) -> Result<Value, Failure> {
    let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer in
      for (i, byte) in text.enumerated() { buffer[i] = CChar(bitPattern: byte) }
      buffer[text.count] = 0
      return convert(buffer.baseAddress!)
    }
    return value.isFinite ? .success(value) : .failure(.notFinite)
  }
}
