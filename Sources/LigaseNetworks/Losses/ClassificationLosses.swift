import LigaseTensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Returns the weighted mean of `-(p y log s(x) + (1 - y) log(1 - s(x)))` with the logistic function s,
/// computed from the logits x without overflow.
///
/// ```swift
/// let logits = Tensor([2, -1, 0], shape: [3, 1]), labels = Tensor([1, 0, 1], shape: [3, 1])
/// let loss = binaryCrossEntropy(logits: logits, labels, positiveWeights: Tensor([3]))
/// ```
///
/// - Parameters:
///   - logits: any shape.
///   - target: y in `0...1`, of the same shape.
///   - positiveWeights: p, one for each position along the last axis or one for all; they scale the loss of
///     positives
///     but do not enter the divisor, as in PyTorch.
///   - weighting: weights and mask of the numbers.
public func binaryCrossEntropy(
  logits: Tensor, _ target: Tensor, positiveWeights: Tensor? = nil, weighting: LossWeights = .equal
) -> Tensor {
  LossSum.binaryCrossEntropy(
    logits: logits, target, positiveWeights: positiveWeights, weighting: weighting
  ).mean
}

/// Returns the weighted mean of `-log softmax(x)[label]` over the samples, as one fused operation with the
/// pullback `softmax(x) - onehot(label)`.
///
/// ```swift
/// let logits = Tensor([2, 0, 0, 0, 2, 0], shape: [2, 3])
/// let loss = softmaxCrossEntropy(logits: logits, labels: [0, 2], classWeights: Tensor([1, 1, 4]))
/// ```
///
/// - Parameters:
///   - logits: `[N, K]`, or more axes before the last.
///   - labels: the class of each sample, in `0..<K`; those of masked samples may have any value.
///   - classWeights: `[K]`; each sample also has the weight of its class, which enters the divisor too, as in
///     PyTorch.
///   - weighting: weights and mask of the samples.
public func softmaxCrossEntropy(
  logits: Tensor, labels: [Int32], classWeights: Tensor? = nil, weighting: LossWeights = .equal
) -> Tensor {
  LossSum.softmaxCrossEntropy(
    logits: logits, labels: labels, classWeights: classWeights, weighting: weighting
  ).mean
}

extension LossSum {
  /// Returns the weighted sum of the losses of `binaryCrossEntropy(logits:_:)`.
  package static func binaryCrossEntropy(
    logits: Tensor, _ target: Tensor, positiveWeights: Tensor? = nil, weighting: LossWeights = .equal
  ) -> LossSum {
    let positive = positiveWeights?.scalars ?? [1]
    require(
      positive.count == 1 || positive.count == logits.shape.last,
      "binaryCrossEntropy: \(positive.count) positive weights for the last axis of \(logits.shape)")
    return weightedSum(logits, target, weighting, "binaryCrossEntropy") { i, x, y in
      let scale = 1 + (positive[i % positive.count] - 1) * y
      // log(1 + e^-x), and s(x), from e^-|x|.
      let small = exp(-abs(x))
      let softplus = log1p(small) + max(-x, 0)
      let complement = x >= 0 ? small / (1 + small) : 1 / (1 + small)
      return ((1 - y) * x + scale * softplus, (1 - y) - scale * complement)
    }
  }

  /// Returns the weighted sum of the losses of `softmaxCrossEntropy(logits:labels:)`.
  package static func softmaxCrossEntropy(
    logits: Tensor, labels: [Int32], classWeights: Tensor? = nil, weighting: LossWeights = .equal
  ) -> LossSum {
    let classes = logits.shape.last ?? 0
    let weights = weighting.ofSamples(
      labels, logits: logits, classWeights: classWeights, "softmaxCrossEntropy")
    let logs = logits.detached.logSoftmax()
    var (total, mass) = (0.0, 0.0)
    logs.withUnsafeBufferPointer { logs in
      for i in weights.indices where weights[i] != 0 {
        total -= Double(weights[i]) * Double(logs[i * classes + Int(labels[i])])
        mass += Double(weights[i])
      }
    }
    let sum = total
    return LossSum(weight: mass) { divisor in
      Tensor.recording(Tensor(Float(sum / divisor)), from: [logits], "softmaxCrossEntropy") { dy in
        var gradient = logs.exp()
        gradient.withUnsafeMutableBufferPointer { g in
          for i in weights.indices {
            let row = (i * classes)..<((i + 1) * classes)
            let factor = Float(Double(weights[i]) * Double(dy.scalar) / divisor)
            if weights[i] == 0 {
              for j in row { g[j] = 0 }
            } else {
              g[row.lowerBound + Int(labels[i])] -= 1
              for j in row { g[j] *= factor }
            }
          }
        }
        return [gradient]
      }
    }
  }
}
