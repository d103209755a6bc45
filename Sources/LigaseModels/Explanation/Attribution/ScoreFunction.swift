import LigaseTensors

/// The score of examples as a differentiable function of tensors.
///
/// Inputs are tensors whose rows belong to examples, in order. A point is an example whose rows may have other values.
package struct ScoreFunction {
  /// For each input where the rows of each example begin, and where the last end.
  package let offsets: [[Int]]
  /// For each example how the scores of parts, such as networks, become one.
  package let mixtures: [ScoreMixture]
  /// Returns the scores of each part, one for each point.
  ///
  /// - Parameters:
  ///   - examples: the example of each point.
  ///   - inputs: the rows of all points.
  package let parts: (_ examples: [Int], _ inputs: [Tensor]) -> [Tensor]

  package init(
    offsets: [[Int]], mixtures: [ScoreMixture],
    parts: @escaping (_ examples: [Int], _ inputs: [Tensor]) -> [Tensor]
  ) {
    (self.offsets, self.mixtures, self.parts) = (offsets, mixtures, parts)
  }

  /// The number of examples.
  package var count: Int { mixtures.count }

  /// The rows of an example in an input.
  func rows(of example: Int, _ input: Int) -> Range<Int> {
    offsets[input][example]..<offsets[input][example + 1]
  }

  /// The number of rows of a point, of all inputs.
  func weight(of example: Int) -> Int { offsets.indices.reduce(0) { $0 + rows(of: example, $1).count } }

  /// Returns the score of each point.
  func scores(_ examples: [Int], _ inputs: [Tensor]) -> [Double] {
    let parts = parts(examples, inputs).map(\.scalars)
    return examples.indices.map { p in mixtures[examples[p]].value(parts.map { Double($0[p]) }) }
  }

  /// Returns the score of each point and its gradient at the rows of each input.
  ///
  /// - Parameter rule: replaces the pullbacks of operations.
  func gradients(
    _ examples: [Int], _ inputs: [Tensor], by rule: (any BackwardRule)? = nil
  ) throws -> (scores: [Double], gradients: [Tensor]) {
    let leaves = inputs.map { $0.tracked() }, parts = parts(examples, leaves)
    let values = parts.map(\.scalars)
    var scores: [Double] = [], slopes = [[Float]](repeating: [], count: parts.count)
    for (p, example) in examples.enumerated() {
      let own = values.map { Double($0[p]) }
      scores.append(mixtures[example].value(own))
      for (part, slope) in mixtures[example].slopes(own).enumerated() { slopes[part].append(Float(slope)) }
    }
    return (scores, try Self.gradients(parts, slopes, at: leaves, by: rule))
  }

  /// Returns the gradients of a weighted sum of the scores of parts.
  static func gradients(
    _ parts: [Tensor], _ weights: [[Float]], at leaves: [Tensor], by rule: (any BackwardRule)?
  ) throws -> [Tensor] {
    let sums = zip(parts, weights).map { ($0 * Tensor($1, shape: $0.shape)).sum() }
    let total = sums.dropFirst().reduce(sums[0], +)
    let found =
      try rule.map { try gradientsIfAny(of: total, at: leaves, by: $0) }
      ?? gradientsIfAny(of: total, at: leaves)
    return zip(found, leaves).map { $0 ?? .zeros($1.shape) }
  }
}
