import LigaseTensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Returns the weighted mean of `-(1 - p)^gamma log p` with the softmax probability p of each sample's label:
/// examples with a correct prediction have less weight. With gamma 0 it is the cross-entropy.
///
/// Source: Lin et al., "Focal loss for dense object detection" (2017).
///
/// ```swift
/// let logits = Tensor([2, 0, 0, 0, 2, 0], shape: [2, 3])
/// let loss = softmaxFocalLoss(logits: logits, labels: [0, 2], gamma: 2)
/// ```
///
/// - Parameters:
///   - logits: `[N, K]`.
///   - labels: the class of each sample; those of masked samples may have any value.
///   - gamma: the focusing exponent, 0 or more.
///   - classWeights: `[K]`; each sample also has the weight of its class, which enters the divisor too.
///   - weighting: weights and mask of the samples.
public func softmaxFocalLoss(
  logits: Tensor, labels: [Int32], gamma: Float, classWeights: Tensor? = nil,
  weighting: LossWeights = .equal
) -> Tensor {
  LossSum.softmaxFocal(
    logits: logits, labels: labels, gamma: gamma, classWeights: classWeights, weighting: weighting
  ).mean
}

/// Returns the weighted mean of `-(1 - q)^gamma log q`, where q is the logistic function of the logit for a
/// target of 1, and one minus it for a target of 0.
///
/// ```swift
/// let loss = binaryFocalLoss(logits: Tensor([2, -1, 0]), Tensor([1, 0, 1]), gamma: 2)
/// ```
///
/// - Parameters:
///   - logits: any shape.
///   - target: 0 or 1, of the same shape.
///   - gamma: the focusing exponent, 0 or more.
///   - positiveWeights: one for each position along the last axis or one for all; they scale the loss of
///     positives.
///   - weighting: weights and mask of the numbers.
public func binaryFocalLoss(
  logits: Tensor, _ target: Tensor, gamma: Float, positiveWeights: Tensor? = nil,
  weighting: LossWeights = .equal
) -> Tensor {
  LossSum.binaryFocal(
    logits: logits, target, gamma: gamma, positiveWeights: positiveWeights, weighting: weighting
  ).mean
}

/// Returns `-(1 - p)^gamma log p` and its derivative with respect to log p.
private func focalTerm(_ logarithm: Float, _ gamma: Float) -> (loss: Float, slope: Float) {
  let p = exp(logarithm), rest = max(1 - p, 0)
  guard gamma > 0 else { return (-logarithm, -1) }
  let power = pow(rest, gamma)
  let inner = rest > 0 ? gamma * pow(rest, gamma - 1) * p * logarithm : 0
  return (-power * logarithm, -power + inner)
}

extension LossSum {
  /// Returns the weighted sum of the losses of `softmaxFocalLoss(logits:labels:gamma:)`.
  package static func softmaxFocal(
    logits: Tensor, labels: [Int32], gamma: Float, classWeights: Tensor? = nil,
    weighting: LossWeights = .equal
  ) -> LossSum {
    require(gamma >= 0, "softmaxFocalLoss: gamma is \(gamma)")
    let classes = logits.shape.last ?? 0
    let weights = weighting.ofSamples(labels, logits: logits, classWeights: classWeights, "softmaxFocalLoss")
    let logs = logits.detached.logSoftmax()
    // The sum, and the derivative of each sample's loss with respect to the logarithm of its label's
    // probability.
    var (total, mass, slopes) = (0.0, 0.0, [Float](repeating: 0, count: weights.count))
    logs.withUnsafeBufferPointer { logs in
      for i in weights.indices where weights[i] != 0 {
        let (loss, slope) = focalTerm(logs[i * classes + Int(labels[i])], gamma)
        total += Double(weights[i]) * Double(loss)
        mass += Double(weights[i])
        slopes[i] = weights[i] * slope
      }
    }
    let (sum, derivatives) = (total, slopes)
    return LossSum(weight: mass) { divisor in
      Tensor.recording(
        Tensor(Float(sum / divisor)), from: [logits], "softmaxFocalLoss", ["gamma": .number(gamma)]
      ) { dy in
        var gradient = logs.exp()
        gradient.withUnsafeMutableBufferPointer { g in
          for i in derivatives.indices {
            let row = (i * classes)..<((i + 1) * classes)
            let factor = Float(Double(derivatives[i]) * Double(dy.scalar) / divisor)
            // Ignored samples may contain any values.
            for j in row { g[j] = weights[i] == 0 ? 0 : g[j] * -factor }
            if weights[i] != 0 { g[row.lowerBound + Int(labels[i])] += factor }
          }
        }
        return [gradient]
      }
    }
  }

  /// Returns the weighted sum of the losses of `binaryFocalLoss(logits:_:gamma:)`.
  package static func binaryFocal(
    logits: Tensor, _ target: Tensor, gamma: Float, positiveWeights: Tensor? = nil,
    weighting: LossWeights = .equal
  ) -> LossSum {
    let positive = positiveWeights?.scalars ?? [1]
    require(
      gamma >= 0 && (positive.count == 1 || positive.count == logits.shape.last),
      "binaryFocalLoss: gamma \(gamma), \(positive.count) positive weights for the last axis of \(logits.shape)"
    )
    return weightedSum(logits, target, weighting, "binaryFocalLoss") { i, x, y in
      let sign: Float = y > 0.5 ? 1 : -1, scale = y > 0.5 ? positive[i % positive.count] : 1
      let z = sign * x
      let logarithm = -(log1p(exp(-abs(z))) + max(-z, 0))
      let (loss, slope) = focalTerm(logarithm, gamma)
      // d log q / dx = sign (1 - q).
      return (scale * loss, scale * slope * sign * (1 - exp(logarithm)))
    }
  }
}
