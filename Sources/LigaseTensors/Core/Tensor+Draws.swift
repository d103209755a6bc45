extension Tensor {
  /// Returns numbers drawn uniformly from `range`.
  public static func uniform(
    _ shape: [Int], in range: Range<Float>, using random: inout SeededGenerator
  ) -> Tensor {
    let width = Double(range.upperBound) - Double(range.lowerBound)
    return Tensor(shape: shape) { buffer in
      for i in buffer.indices {
        buffer[i] = Float(Double(range.lowerBound) + width * random.nextUniform())
      }
    }
  }

  /// Returns numbers drawn from a normal distribution with mean 0.
  public static func normal(
    _ shape: [Int], deviation: Float = 1, using random: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape: shape) { buffer in
      for i in buffer.indices { buffer[i] = deviation * Float(random.nextNormal()) }
    }
  }
}
