/// Detects bytes that are not UTF-8 (RFC 3629).
enum UTF8Scan {
  /// Returns the index of the first byte that does not begin a well-formed sequence, or nil.
  static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { firstInvalid($0) }
  }

  /// Returns the index of the first byte that does not begin a well-formed sequence, or nil.
  static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let count = bytes.count
    let raw = UnsafeRawPointer(base)
    var i = 0
    while i < count {
      if i &+ 32 <= count {
        let a = raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        let b = raw.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self)
        let c = raw.loadUnaligned(fromByteOffset: i &+ 16, as: UInt64.self)
        let d = raw.loadUnaligned(fromByteOffset: i &+ 24, as: UInt64.self)
        if (a | b | c | d) & 0x8080_8080_8080_8080 == 0 {
          i &+= 32
          continue
        }
      }
      if base[i] < 0x80 {
        i &+= 1
        continue
      }
      let length = sequenceLength(base + i, count &- i)
      if length == 0 { return i }
      i &+= length
    }
    return nil
  }

  /// Returns the length of the well-formed multi-byte sequence at `p`, 0 if there is none.
  private static func sequenceLength(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
    func follows(_ k: Int) -> Bool { k < count && p[k] & 0xC0 == 0x80 }
    switch p[0] {
    case 0xC2...0xDF: return follows(1) ? 2 : 0
    case 0xE0...0xEF:
      guard follows(1), follows(2) else { return 0 }
      if p[0] == 0xE0 && p[1] < 0xA0 || p[0] == 0xED && p[1] > 0x9F { return 0 }
      return 3
    case 0xF0...0xF4:
      guard follows(1), follows(2), follows(3) else { return 0 }
      if p[0] == 0xF0 && p[1] < 0x90 || p[0] == 0xF4 && p[1] > 0x8F { return 0 }
      return 4
    default: return 0
    }
  }
}
