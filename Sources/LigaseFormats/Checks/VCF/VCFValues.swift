/// The grammar of values: VCF 4.5, section 1.3.
enum VCFValues {
  /// A problem of a value.
  enum Fault {
    /// The value is not of the type.
    case type
    /// The value is of the type but not allowed here.
    case extent
  }

  /// Checks one value, which is neither empty nor `.`.
  @inline(__always)
  static func fault(_ text: UnsafeBufferPointer<UInt8>, _ rule: VCFFieldRule, position: Int) -> Fault? {
    switch rule.type {
    case .integer:
      guard let value = integer(text) else { return .type }
      switch rule.extent {
      case .notNegative: return value < 0 ? .extent : nil
      case .end: return value < position ? .extent : nil
      default: return nil
      }
    case .float:
      guard isFloat(text) else { return .type }
      return rule.extent == .fraction ? fractionFault(text) : nil
    case .character: return isCharacter(text) ? nil : .type
    case .string: return rule.extent == .cigar && !isCIGAR(text) ? .type : nil
    case .flag: return nil
    }
  }

  /// Returns the 32-bit whole number in `text`, nil if it is none. The eight lowest are reserved by BCF.
  @inline(__always)
  static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var i = 0
    let isNegative = text.count > 0 && text[0] == 0x2D
    if isNegative || text.count > 0 && text[0] == 0x2B { i = 1 }
    if i == text.count || text.count > 20 { return nil }
    var value = 0
    while i < text.count {
      let digit = Int(text[i] &- 0x30)
      if digit < 0 || digit > 9 || value > 1 << 32 { return nil }
      value = value &* 10 &+ digit
      i &+= 1
    }
    if isNegative { value = -value }
    return value > Int(Int32.max) || value < Int(Int32.min) + 8 ? nil : value
  }

  /// Returns whether `text` is `[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?`, an infinity or NaN. A dot at the end
  /// is allowed.
  @inline(__always)
  static func isFloat(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var i = 0
    let count = text.count
    if i < count, text[i] == 0x2D || text[i] == 0x2B { i &+= 1 }
    let start = i
    while i < count, text[i] &- 0x30 <= 9 { i &+= 1 }
    var digits = i &- start
    if i < count, text[i] == 0x2E {
      i &+= 1
      let decimals = i
      while i < count, text[i] &- 0x30 <= 9 { i &+= 1 }
      digits &+= i &- decimals
    }
    if digits == 0 { return isNotFinite(text, start) }
    if i < count, text[i] | 0x20 == 0x65 {
      i &+= 1
      if i < count, text[i] == 0x2D || text[i] == 0x2B { i &+= 1 }
      let exponent = i
      while i < count, text[i] &- 0x30 <= 9 { i &+= 1 }
      if i == exponent { return false }
    }
    return i == count
  }

  private static func isNotFinite(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    if text.count - start > 8 { return false }
    let word = text[start...].map { $0 & 0xDF }
    return ["INF", "INFINITY", "NAN"].contains { word.elementsEqual($0.utf8) }
  }

  /// Checks a frequency, from 0 to 1.
  private static func fractionFault(_ text: UnsafeBufferPointer<UInt8>) -> Fault? {
    // Fast path for text that begins with `0.` and has no exponent.
    if text.count > 1, text[0] == 0x30, text[1] == 0x2E, !text.contains(where: { $0 | 0x20 == 0x65 }) {
      return nil
    }
    guard case .success(let value) = DecimalNumber.double(text) else { return nil }
    return value < 0 || value > 1 ? .extent : nil
  }

  private static func isCharacter(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if text.count == 1 { return true }
    // One character of UTF-8, or one that is percent-encoded.
    if text.count == 3, text[0] == 0x25 { return true }
    return text.count <= 4 && text[0] >= 0xC0 && text.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
  }

  /// Returns whether a text is `([0-9]+[MIDNSHPX=])+`.
  private static func isCIGAR(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var digits = 0
    for byte in text {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x4D, 0x49, 0x44, 0x4E, 0x53, 0x48, 0x50, 0x58, 0x3D:
        if digits == 0 { return false }
        digits = 0
      default: return false
      }
    }
    return digits == 0 && text.count > 0
  }

  /// Returns whether `key` matches `[A-Za-z_][0-9A-Za-z_.]*`.
  static func isKey(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = key.first, isLetter(first) || first == 0x5F else { return false }
    return key.allSatisfy { isLetter($0) || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x5F || $0 == 0x2E }
  }

  /// Returns whether `byte` is an ASCII letter.
  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// Returns whether `text` is a valid name of a contig.
  static func isContig(_ text: UnsafeBufferPointer<UInt8>, minor: Int) -> Bool {
    guard let first = text.first else { return false }
    if minor >= 3, first == 0x2A || first == 0x3D { return false }
    return text.allSatisfy { byte in
      if byte <= 0x20 || byte == 0x7F { return false }
      switch byte {
      case 0x2C, 0x3C, 0x3E: return false
      case 0x3A: return minor >= 3
      // \ " ` ' ( ) [ ] { }
      case 0x5C, 0x22, 0x60, 0x27, 0x28, 0x29, 0x5B, 0x5D, 0x7B, 0x7D: return minor < 3
      default: return byte < 0x80 || minor < 3
      }
    }
  }

  /// Returns whether a text is `scheme://host[:port][/…]`, with a host name that contains a letter, or an
  /// address of four numbers.
  static func isURL(_ text: String) -> Bool {
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].hasSuffix(":"), parts[0].count > 1, parts[1].isEmpty,
      parts[0].dropLast().allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return false }
    if parts[0] == "file:" { return true }
    let host = parts[2].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    let pieces = host.split(separator: ":", omittingEmptySubsequences: false)
    guard pieces.count <= 2, let name = pieces.first, !name.isEmpty else { return host.hasPrefix("[") }
    if pieces.count == 2, Int(pieces[1]) == nil { return false }
    if name.contains(where: \.isLetter) { return !name.contains(where: \.isWhitespace) }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers.allSatisfy { Int($0).map { 0...255 ~= $0 } ?? false }
  }
}
