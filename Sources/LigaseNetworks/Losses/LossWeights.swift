import LigaseTensors

/// The weight of each number, or each sample, in a loss. A loss is the weighted mean `sum w l / sum w`; it is
/// 0 where the total weight is 0.
///
/// ```swift
/// let prediction = Tensor([1, 2, 3]), target = Tensor([1, 1, 1])
/// squaredError(prediction, target)                   // 5 / 3
/// squaredError(prediction, target, weighting: LossWeights(Tensor([1, 2, 0])))  // 2 / 3
/// squaredError(prediction, target, weighting: LossWeights(mask: [true, true, false]))  // 1 / 2
/// ```
public struct LossWeights: Sendable {
  /// One weight for each number or each sample (a run of consecutive numbers); nil for ones.
  package var weights: Tensor?
  /// Whether each number or sample is used; nil for all. Unused ones may have any value, including NaN.
  package var mask: [Bool]?

  /// Creates weights with an optional mask.
  public init(_ weights: Tensor? = nil, mask: [Bool]? = nil) {
    self.weights = weights
    self.mask = mask
  }

  /// Equal weights of all numbers.
  public static var equal: LossWeights { LossWeights() }

  /// Returns the weight of each sample: its own times that of its class. A label outside `0..<K` stops the
  /// program unless
  /// its sample is masked.
  ///
  /// - Parameters:
  ///   - logits: `[N, K]`, or more axes before the last.
  ///   - classWeights: `[K]`, or nil for ones.
  func ofSamples(_ labels: [Int32], logits: Tensor, classWeights: Tensor?, _ loss: String) -> [Float] {
    let classes = logits.shape.last ?? 0, samples = logits.shape.dropLast().reduce(1, *)
    require(
      classes > 0 && labels.count == samples && (classWeights == nil || classWeights!.shape == [classes]),
      "\(loss): \(labels.count) labels and class weights \(classWeights?.shape ?? []) for \(logits.shape)")
    var weights = expanded(to: samples, loss) ?? [Float](repeating: 1, count: samples)
    let ofClass = classWeights?.scalars
    for i in weights.indices where weights[i] != 0 {
      require(
        labels[i] >= 0 && labels[i] < classes, "\(loss): the label \(labels[i]) of \(classes) classes")
      if let ofClass { weights[i] *= ofClass[Int(labels[i])] }
    }
    return weights
  }

  /// Returns the weight of each of `count` numbers.
  func expanded(to count: Int, _ loss: String) -> [Float]? {
    guard weights != nil || mask != nil else { return nil }
    func spread<T>(_ values: [T], _ what: String) -> [T] {
      require(
        values.count > 0 && count % values.count == 0 || count == 0,
        "\(loss): \(values.count) \(what) for \(count) numbers")
      let run = values.isEmpty ? 0 : count / values.count
      return run == 1 ? values : values.flatMap { [T](repeating: $0, count: run) }
    }
    var result = weights.map { spread($0.scalars, "weights") } ?? [Float](repeating: 1, count: count)
    if let mask {
      for (i, counts) in spread(mask, "mask values").enumerated() where !counts { result[i] = 0 }
    }
    return result
  }
}

/// Returns the weighted sum of a loss of each number, with its pullback.
///
/// - Parameter term: returns the loss and its derivative with respect to the prediction, given position,
///   prediction and target.
@inline(__always)
func weightedSum(
  _ prediction: Tensor, _ target: Tensor, _ weighting: LossWeights, _ name: String,
  _ term: (Int, Float, Float) -> (loss: Float, slope: Float)
) -> LossSum {
  require(
    prediction.shape == target.shape, "\(name): predictions \(prediction.shape) and targets \(target.shape)")
  let weights = weighting.expanded(to: prediction.count, name)
  var (total, mass) = (0.0, 0.0)
  let slopes = Tensor(shape: prediction.shape) { out in
    prediction.withUnsafeBufferPointer { x in
      target.withUnsafeBufferPointer { t in
        for i in out.indices {
          let weight = weights?[i] ?? 1
          guard weight != 0 else {
            out[i] = 0
            continue
          }
          let (loss, slope) = term(i, x[i], t[i])
          total += Double(weight) * Double(loss)
          mass += Double(weight)
          out[i] = weight * slope
        }
      }
    }
  }
  let sum = total
  return LossSum(weight: mass) { divisor in
    Tensor.recording(Tensor(Float(sum / divisor)), from: [prediction], name) { dy in
      [slopes * Float(Double(dy.scalar) / divisor)]
    }
  }
}
