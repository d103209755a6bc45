/// SplitMix64: a small generator with one 64-bit state. The same seed gives the same numbers everywhere.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
///
/// ```swift
/// var random = SeededGenerator(seed: 1)
/// let roll = random.next(below: 6) + 1, height = random.nextNormal()
/// var order = Array(0..<10)
/// random.shuffle(&order)
/// ```
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// The whole state; saving it saves the generator.
  package var state: UInt64

  /// Creates a generator from a seed.
  public init(seed: UInt64) { state = seed }

  /// Creates the generator of one stream and step of a seed, so that no generator has to be saved to resume.
  public init(seed: UInt64, stream: String, step: Int = 0) {
    var mixed = SeededGenerator(seed: seed)
    for byte in stream.utf8 { mixed.state = (mixed.state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    mixed.state = mixed.next() ^ UInt64(bitPattern: Int64(step))
    state = mixed.next()
  }

  /// Returns the next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns a whole number in `0..<bound`, without bias (Lemire's multiplication).
  public mutating func next(below bound: Int) -> Int {
    require(bound > 0, "next(below:): the bound is \(bound)")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Returns a number in `0..<1` with 53 random bits.
  public mutating func nextUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns a draw from the standard normal distribution (Box and Muller's cosine half).
  public mutating func nextNormal() -> Double {
    let radius = (-2 * log(1 - nextUniform())).squareRoot()
    return radius * cos(2 * Double.pi * nextUniform())
  }

  /// Shuffles in place (Fisher and Yates).
  public mutating func shuffle<Element>(_ values: inout [Element]) {
    guard values.count > 1 else { return }
    for i in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(i, next(below: i + 1)) }
  }
}
