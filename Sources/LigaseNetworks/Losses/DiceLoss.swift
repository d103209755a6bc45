import LigaseTensors

extension LossSum {
  /// How the overlap of a class is measured by `softmaxDice`.
  package struct DiceOptions: Hashable, Sendable {
    /// Whether the first class, the background, is one of those whose overlap is averaged.
    package var includesBackground = true
    /// Added to numerator and denominator, so that a class that neither occurs nor is predicted has a loss of 0.
    package var smoothing: Float = 1e-5
    /// The weight of the mean cross-entropy of each example; 0 for the overlap alone.
    package var crossEntropy: Float = 0

    package init() {}
  }

  /// Returns the sum over examples of their soft Dice losses, `mean over classes of 1 - (2 sum p g + e) / (sum p +
  /// sum g + e)` with softmax probabilities p and labels g of the places of an example, plus the weighted mean
  /// cross-entropy of its places.
  ///
  /// It is the mean over examples and classes of MONAI's `DiceLoss(softmax=True, to_onehot_y=True)` and
  /// `DiceCELoss`, where all examples have as many places. Places with an unknown label belong to neither sum; an
  /// example without a known place has no weight.
  ///
  /// - Parameters:
  ///   - logits: `[places of all examples, K]`.
  ///   - labels: the class of each place; -1 where it is unknown.
  ///   - layout: the examples.
  package static func softmaxDice(
    logits: Tensor, labels: [Int32], layout: GridLayout, _ options: DiceOptions = DiceOptions()
  ) -> LossSum {
    let k = logits.shape.last ?? 0, first = options.includesBackground ? 0 : 1
    require(
      logits.rank == 2 && logits.shape[0] == labels.count && layout.rowCount == labels.count && k > first,
      "softmaxDice: logits \(logits.shape), \(labels.count) labels and \(layout.rowCount) places")
    require(labels.allSatisfy { $0 < k }, "softmaxDice: a label outside the \(k) classes")
    let logs = logits.detached.logSoftmax(), probabilities = logs.exp()
    let scale = 1 / Float(k - first)
    var (total, weight) = (0.0, 0.0)
    // The derivative of each example's loss with respect to a probability: for places of the class, and for others.
    var slopes = [(inside: Float, outside: Float)](repeating: (0, 0), count: layout.count * k)
    var places = [Int](repeating: 0, count: layout.count)
    for s in 0..<layout.count {
      let sums = OverlapSums(probabilities, logs, labels, layout.offsets[s]..<layout.offsets[s + 1], k)
      guard sums.places > 0 else { continue }
      weight += 1
      places[s] = sums.places
      for c in first..<k {
        let numerator = 2 * sums.shared[c] + Double(options.smoothing)
        let denominator = sums.all[c] + Double(options.smoothing)
        total += Double(scale) * (1 - numerator / denominator)
        let outside = Float(numerator / (denominator * denominator)) * scale
        slopes[s * k + c] = (outside - 2 * scale / Float(denominator), outside)
      }
      total += Double(options.crossEntropy) * sums.crossEntropy / Double(sums.places)
    }
    let (sum, derivatives, known) = (total, slopes, places)
    return LossSum(weight: weight) { divisor in
      Tensor.recording(
        Tensor(Float(sum / divisor)), from: [logits], "softmaxDice",
        [
          "includesBackground": .integer(first == 0 ? 1 : 0), "smoothing": .number(options.smoothing),
          "crossEntropy": .number(options.crossEntropy),
        ]
      ) { dy in
        var gradient = Tensor.zeros([labels.count, k])
        let factor = Float(Double(dy.scalar) / divisor)
        gradient.withUnsafeMutableBufferPointer { g in
          probabilities.withUnsafeBufferPointer { p in
            for s in 0..<layout.count where known[s] > 0 {
              let cross = options.crossEntropy / Float(known[s])
              for row in layout.offsets[s]..<layout.offsets[s + 1] where labels[row] >= 0 {
                let label = Int(labels[row]), at = row * k
                var mean: Float = 0
                for c in 0..<k {
                  let slope = derivatives[s * k + c]
                  g[at + c] = c == label ? slope.inside : slope.outside
                  mean += p[at + c] * g[at + c]
                }
                for c in 0..<k {
                  let own = p[at + c] * (g[at + c] - mean) + cross * (p[at + c] - (c == label ? 1 : 0))
                  g[at + c] = factor * own
                }
              }
            }
          }
        }
        return [gradient]
      }
    }
  }
}

/// The sums over the places of one example from which its overlaps follow.
private struct OverlapSums {
  /// The probabilities of each class at its own places, and the sum of all its probabilities and labels.
  var shared, all: [Double]
  var crossEntropy = 0.0
  /// The number of places with a known label.
  var places = 0

  init(_ probabilities: Tensor, _ logs: Tensor, _ labels: [Int32], _ rows: Range<Int>, _ k: Int) {
    (shared, all) = ([Double](repeating: 0, count: k), [Double](repeating: 0, count: k))
    var (own, total, cross, count) = (shared, all, 0.0, 0)
    probabilities.withUnsafeBufferPointer { p in
      logs.withUnsafeBufferPointer { l in
        for row in rows where labels[row] >= 0 {
          let label = Int(labels[row])
          for c in 0..<k { total[c] += Double(p[row * k + c]) }
          total[label] += 1
          own[label] += Double(p[row * k + label])
          cross -= Double(l[row * k + label])
          count += 1
        }
      }
    }
    (shared, all, crossEntropy, places) = (own, total, cross, count)
  }
}
