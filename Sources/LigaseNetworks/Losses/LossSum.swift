import LigaseTensors

/// The weighted sum of the losses of examples, and their total weight.
///
/// A batch that is computed in parts needs both: the loss of the batch is the total of the parts' sums
/// divided by the total of their weights. `mean` is the loss of one part alone.
/// ```swift
/// let mean = squaredError(Tensor([1, 2, 3]), Tensor([1, 1, 1]))
/// let loss = mean.sum(ofSamples: 3)
/// print(loss.weight, loss.mean)  // 3, and the mean again
/// ```
public struct LossSum: Sendable {
  /// The total weight of the examples.
  public let weight: Double
  private let over: @Sendable (Double) -> Tensor

  /// Creates a sum from a function that returns its quotient by any divisor, a tensor of one element.
  package init(weight: Double, over: @escaping @Sendable (_ divisor: Double) -> Tensor) {
    self.weight = weight
    self.over = over
  }

  /// Creates the sum of `weight` equal weights times a mean.
  package init(mean: Tensor, weight: Double) {
    self.init(weight: weight) { $0 == weight ? mean : mean * Float(weight / $0) }
  }

  /// Returns the sum divided by a divisor, a tensor of one element.
  package func divided(by divisor: Double) -> Tensor { over(divisor) }

  /// The sum, a tensor of one element.
  package var sum: Tensor { over(1) }

  /// The weighted mean, a tensor of one element; 0 where the total weight is 0.
  public var mean: Tensor { over(weight == 0 ? 1 : weight) }

  /// Returns the sum of two losses of the same examples, such as those of two outputs.
  package static func + (a: LossSum, b: LossSum) -> LossSum {
    require(a.weight == b.weight, "LossSum +: weights of \(a.weight) and \(b.weight), expected the same")
    return LossSum(weight: a.weight) { a.over($0) + b.over($0) }
  }

  /// Returns the loss times a factor.
  package static func * (loss: LossSum, factor: Float) -> LossSum {
    LossSum(weight: loss.weight) { loss.over($0) * factor }
  }

  /// Returns the loss divided by a number, with the same weight, as for the mean over the networks of an
  /// ensemble.
  package static func / (loss: LossSum, divisor: Float) -> LossSum {
    LossSum(weight: loss.weight) { loss.over($0) / divisor }
  }
}

/// The result of a loss function of `Trainer`: a `LossSum`, or, with equal weights of all samples, the mean
/// as a tensor.
public protocol LossValue: Sendable {
  /// Returns the loss of `count` samples as sum and weight.
  func sum(ofSamples count: Int) -> LossSum
}

extension LossSum: LossValue {
  /// Returns the loss itself.
  public func sum(ofSamples count: Int) -> LossSum { self }
}

extension Tensor: LossValue {
  /// Returns the mean times the number of samples.
  public func sum(ofSamples count: Int) -> LossSum { LossSum(mean: self, weight: Double(count)) }
}
