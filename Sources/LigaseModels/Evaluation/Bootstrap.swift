import LigaseTensors

/// Percentile intervals by resampling rows with replacement (Efron 1979).
///
/// A resample is a weight for each row, the number of times it was drawn; every metric is then computed with
/// these weights. All models are evaluated on the same resamples, so their intervals can be compared. Each
/// resample has its own random generator, so the result does not depend on the order of computation.
package struct Bootstrap: Hashable, Sendable {
  /// The number of resamples; 0 computes no intervals.
  package var resamples: Int

  /// The seed of the draws.
  package var seed: UInt64

  /// The group of each row, numbered from 0; rows of a group are drawn together. nil draws rows one by one.
  ///
  /// Rows of one patient are not independent observations: with groups the interval is about other patients,
  /// not about other rows of the same patients.
  package var groups: [Int32]?

  /// Creates a bootstrap.
  package init(resamples: Int = 1000, seed: UInt64 = 0, groups: [Int32]? = nil) {
    precondition(resamples >= 0, "Bootstrap: \(resamples) resamples")
    self.resamples = resamples
    self.seed = seed
    self.groups = groups
  }

  /// The 2.5th and the 97.5th percentile of the values that are defined (linear interpolation between order
  /// statistics); nil when fewer than half are.
  package static func interval(_ values: [Double]) -> (low: Double, high: Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty, sorted.count * 2 >= values.count else { return nil }
    func percentile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return (percentile(0.025), percentile(0.975))
  }

  /// Computes metrics for all resamples of `count` rows. `figures` gets the weights of a resample and returns
  /// `figureCount` numbers, NaN for undefined metrics. Returns the values by metric.
  func values(
    count: Int, figureCount: Int, _ figures: @Sendable (UnsafeBufferPointer<Double>) -> [Double]
  ) -> [[Double]] {
    let groupCount = groups.map { Int($0.max() ?? -1) + 1 }
    let rows = resamples * figureCount
    let all = [Double](unsafeUninitializedCapacity: rows) { buffer, initialized in
      buffer.initialize(repeating: .nan)
      initialized = rows
      nonisolated(unsafe) let output = buffer
      // Each share is a run of consecutive resamples, so that its buffers are allocated once.
      let shares = min(resamples, 32)
      ThreadTeam.current.forEachShare(shares) { share in
        var weights = [Double](repeating: 0, count: count)
        for resample in resamples * share / shares..<resamples * (share + 1) / shares {
          draw(resample, into: &weights, groupCount: groupCount)
          let values = weights.withUnsafeBufferPointer(figures)
          for figure in 0..<figureCount { output[resample * figureCount + figure] = values[figure] }
        }
      }
    }
    return (0..<figureCount).map { figure in
      (0..<resamples).map { all[$0 * figureCount + figure] }
    }
  }

  private func draw(_ resample: Int, into weights: inout [Double], groupCount: Int?) {
    var random = SeededGenerator(seed: seed, stream: "bootstrap", step: resample)
    if let groups, let groupCount {
      var drawn = [Double](repeating: 0, count: groupCount)
      for _ in 0..<groupCount { drawn[random.next(below: groupCount)] += 1 }
      for row in weights.indices { weights[row] = drawn[Int(groups[row])] }
    } else {
      weights.withUnsafeMutableBufferPointer { weights in
        weights.update(repeating: 0)
        for _ in weights.indices { weights[random.next(below: weights.count)] += 1 }
      }
    }
  }
}
