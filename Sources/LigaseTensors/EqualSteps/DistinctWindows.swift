/// The distinct windows of sequences of words (row numbers). Windows are equal if all their words are equal,
/// not only their hashes.
struct DistinctWindows {
  /// The start of the first occurrence of each distinct window, in order.
  private(set) var starts: [Int] = []
  /// The index of the distinct window at each position.
  private(set) var numbers: [Int32] = []

  /// Finds the distinct windows of `size` words, `dilation` apart, that start at `places`.
  init(of words: UnsafeBufferPointer<Int32>, at places: [Int], size: Int, dilation: Int = 1) {
    var capacity = 64
    while capacity < 2 * places.count { capacity *= 2 }
    numbers.reserveCapacity(places.count)
    let bits = DistinctWindows.bits(words)
    let isExact = dilation == 1 && bits * size <= 64
    let keys = isExact ? DistinctWindows.keys(words, size, bits) : []
    let mask = capacity - 1
    withUnsafeTemporaryAllocation(of: (key: UInt64, number: Int32).self, capacity: capacity) { slots in
      slots.initialize(repeating: (0, -1))
      for place in places {
        let window = words.baseAddress! + place
        let key = isExact ? keys[place] : DistinctWindows.hash(window, size, dilation)
        var slot = Int(truncatingIfNeeded: DistinctWindows.mixed(key) >> 32) & mask
        while slots[slot].number >= 0 {
          if slots[slot].key == key {
            let other = words.baseAddress! + starts[Int(slots[slot].number)]
            if isExact || DistinctWindows.equal(other, window, size, dilation) { break }
          }
          slot = (slot + 1) & mask
        }
        if slots[slot].number < 0 {
          slots[slot] = (key, Int32(starts.count))
          starts.append(place)
        }
        numbers.append(slots[slot].number)
      }
    }
  }

  /// Returns the number of bits that represent each of the words, counted from -1.
  private static func bits(_ words: UnsafeBufferPointer<Int32>) -> Int {
    var (low, high) = (Int32(0), Int32(0))
    for word in words { (low, high) = (min(low, word), max(high, word)) }
    return low < -1 || high == .max ? 64 : 32 - (high + 1).leadingZeroBitCount
  }

  /// Returns the window at each start as a key with `bits` for each word.
  private static func keys(_ words: UnsafeBufferPointer<Int32>, _ size: Int, _ bits: Int) -> [UInt64] {
    let mask = bits * size == 64 ? UInt64.max : 1 << UInt64(bits * size) - 1
    return [UInt64](unsafeUninitializedCapacity: words.count) { keys, count in
      var key: UInt64 = 0
      for (end, word) in words.enumerated() {
        key = (key << UInt64(bits) | UInt64(word + 1)) & mask
        if end >= size - 1 { keys[end - size + 1] = key }
      }
      count = max(0, words.count - size + 1)
    }
  }

  private static func mixed(_ key: UInt64) -> UInt64 {
    let h = (key ^ key >> 29) &* 0xD6E8_FEB8_6659_FD93
    return h ^ h >> 32
  }

  private static func hash(_ window: UnsafePointer<Int32>, _ size: Int, _ dilation: Int) -> UInt64 {
    var h: UInt64 = 0x9E37_79B9_7F4A_7C15
    for i in 0..<size {
      h = (h ^ UInt64(UInt32(bitPattern: window[i &* dilation]))) &* 0xD6E8_FEB8_6659_FD93
      h ^= h >> 32
    }
    return h
  }

  private static func equal(
    _ a: UnsafePointer<Int32>, _ b: UnsafePointer<Int32>, _ size: Int, _ dilation: Int
  ) -> Bool {
    for i in 0..<size where a[i &* dilation] != b[i &* dilation] { return false }
    return true
  }
}
