/// How many lines a text has.
enum LineCount {
  /// The newlines in `count` bytes.
  static func newlines(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int { self.count(0x0A, base, count) }

  /// How often a byte occurs in `count` bytes.
  static func count(_ byte: UInt8, _ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var total = 0
    var i = 0
    while i < count {
      // Stretches so short that a counter of one byte holds: the compiler makes vectors of bytes of this loop.
      let end = min(count, i &+ 240)
      var part: UInt8 = 0
      while i < end {
        part &+= base[i] == byte ? 1 : 0
        i &+= 1
      }
      total &+= Int(part)
    }
    return total
  }
}
