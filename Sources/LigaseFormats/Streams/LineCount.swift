/// Counts of the lines of a text.
enum LineCount {
  /// Returns the number of newlines in `count` bytes.
  static func newlines(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int { self.count(0x0A, base, count) }

  /// Returns the number of occurrences of a byte in `count` bytes.
  static func count(_ byte: UInt8, _ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var total = 0
    var i = 0
    while i < count {
      // Stretches so short that a one-byte counter suffices: the compiler vectorises this loop over bytes.
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
