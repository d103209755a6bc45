import LigaseTensors

/// Returns the weighted mean of `(prediction - target)^2`; both have the same shape. No gradient flows to the
/// target.
///
/// ```swift
/// squaredError(Tensor([1, 2]), Tensor([0, 4]))       // (1 + 4) / 2
/// ```
public func squaredError(_ prediction: Tensor, _ target: Tensor, weighting: LossWeights = .equal) -> Tensor {
  LossSum.squaredError(prediction, target, weighting: weighting).mean
}

/// Returns the weighted mean of Huber's loss: `d^2 / 2` up to `|d| = delta`, and `delta (|d| - delta / 2)`
/// beyond.
///
/// Source: Huber, "Robust estimation of a location parameter" (1964).
///
/// ```swift
/// huberLoss(Tensor([0.5, 3]), Tensor([0, 0]), delta: 1)  // (0.125 + 2.5) / 2
/// ```
public func huberLoss(
  _ prediction: Tensor, _ target: Tensor, delta: Float = 1, weighting: LossWeights = .equal
) -> Tensor {
  LossSum.huber(prediction, target, delta: delta, weighting: weighting).mean
}

extension LossSum {
  /// Returns the weighted sum of `(prediction - target)^2`; both have the same shape. No gradient flows to
  /// the target.
  package static func squaredError(
    _ prediction: Tensor, _ target: Tensor, weighting: LossWeights = .equal
  ) -> LossSum {
    if weighting.weights == nil, weighting.mask == nil, prediction.shape == target.shape {
      let distance = prediction.detached - target.detached
      let square = distance.norm * distance.norm
      return LossSum(weight: Double(distance.count)) { divisor in
        Tensor.recording(Tensor(Float(square / divisor)), from: [prediction], "squaredError") { dy in
          [distance * Float(2 * Double(dy.scalar) / divisor)]
        }
      }
    }
    return weightedSum(prediction, target, weighting, "squaredError") { _, x, t in
      let distance = x - t
      return (distance * distance, 2 * distance)
    }
  }

  /// Returns the weighted sum of `huberLoss`.
  package static func huber(
    _ prediction: Tensor, _ target: Tensor, delta: Float = 1, weighting: LossWeights = .equal
  ) -> LossSum {
    require(delta > 0, "huberLoss: delta is \(delta)")
    return weightedSum(prediction, target, weighting, "huberLoss") { _, x, t in
      let distance = x - t
      if abs(distance) <= delta { return (0.5 * distance * distance, distance) }
      return (delta * (abs(distance) - 0.5 * delta), distance > 0 ? delta : -delta)
    }
  }
}
