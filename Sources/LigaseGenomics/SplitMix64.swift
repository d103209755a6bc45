/// A small seeded generator, one independent stream for each pair of seed and index (Steele and others,
/// 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The stream of `index` under `seed`.
  public init(seed: UInt64, index: Int = 0) {
    state = seed
    let first = next()
    state = first ^ UInt64(bitPattern: Int64(index)) &* 0xD134_2543_DE82_EF95
    _ = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A random number in 0..<1.
  public mutating func nextFraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
