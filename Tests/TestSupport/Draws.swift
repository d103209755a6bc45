import LigaseTensors

extension Tensor {
  /// Returns normal draws for a test, the same in every run.
  public static func draws(_ shape: [Int], seed: UInt64 = 1, deviation: Float = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return .normal(shape, deviation: deviation, using: &random)
  }

  /// Returns shuffled numbers at least 0.3 apart from each other and 0.15 from zero: safe for kinks and ties.
  public static func spaced(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    let count = shape.reduce(1, *)
    var numbers = (0..<count).map { 0.3 * (Float($0 - count / 2) + 0.5) }
    random.shuffle(&numbers)
    return Tensor(numbers, shape: shape)
  }

  /// Returns numbers between 0.5 and 2 for a test.
  public static func positives(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return .uniform(shape, in: 0.5..<2, using: &random)
  }
}
