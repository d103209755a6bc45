internal import Glibc
import LigaseRuntime

/// A setting that changes with the number of examples: from one value at few examples to another at many, linear in the
/// logarithm of the number between the two, constant beyond them.
package struct LogLinearRule: Sendable {
  /// The number of examples up to which the value is `first`.
  package let few: Int
  /// The value for few examples.
  package let first: Double
  /// The number of examples from which the value is `last`.
  package let many: Int
  /// The value for many examples.
  package let last: Double

  package init(_ first: Double, upTo few: Int, _ last: Double, from many: Int) {
    require(0 < few && few < many, "LogLinearRule: from \(few) to \(many) examples")
    (self.first, self.few, self.last, self.many) = (first, few, last, many)
  }

  /// Returns the value for `count` examples.
  package func callAsFunction(_ count: Int) -> Double {
    if count <= few { return first }
    if count >= many { return last }
    return first + (last - first) * log(Double(count) / Double(few)) / log(Double(many) / Double(few))
  }
}

/// The length of a training: a number of steps, from which batch size and epochs follow.
///
/// A batch is a fixed fraction of the examples within limits: with a constant learning rate the best batch
/// size grows in proportion to the number of examples (Smith and Le, 2018, "A Bayesian perspective on
/// generalization and stochastic gradient descent").
package struct StepRule: Sendable {
  /// The number of steps of a training.
  package let steps: Int
  /// The number of batches of an epoch, where the limits of the batch size allow it.
  package let batchesPerEpoch: Int
  /// The limits of the batch size.
  package let batchSizes: ClosedRange<Int>
  /// The limits of the number of epochs; they override the number of steps.
  package let epochs: ClosedRange<Int>

  package init(
    steps: Int, batchesPerEpoch: Int = 1, batchSizes: ClosedRange<Int>, epochs: ClosedRange<Int>
  ) {
    self.steps = steps
    self.batchesPerEpoch = batchesPerEpoch
    self.batchSizes = batchSizes
    self.epochs = epochs
  }

  /// Returns the batch size for `count` examples.
  package func batchSize(_ count: Int) -> Int {
    let size = (Double(count) / Double(batchesPerEpoch)).rounded()
    return min(max(Int(size), batchSizes.lowerBound), batchSizes.upperBound)
  }

  /// Returns the number of epochs for `count` examples.
  ///
  /// - Parameters:
  ///   - size: the size of one epoch, in any unit such as residues.
  ///   - budget: the largest size of all epochs, in the same unit.
  package func epochs(_ count: Int, size: Int = 0, budget: Int = 0) -> Int {
    var epochs = steps * batchSize(count) / max(count, 1)
    if size > 0 { epochs = min(epochs, budget / size) }
    return min(max(epochs, self.epochs.lowerBound), self.epochs.upperBound)
  }
}
