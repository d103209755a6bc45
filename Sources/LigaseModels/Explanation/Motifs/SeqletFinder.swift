import LigaseRuntime

/// Finds the stretches of sequences whose absolute attribution is larger than chance explains.
///
/// Each window of 21 positions has the sum of the absolute attributions in it. The null distribution consists of the same sums after the
/// positions of each sequence have been shuffled, which keeps the attributions and breaks their neighbourhood. From it follow a p-value
/// for each window, `(1 + null sums at least as large) / (1 + null sums)`, and q-values. Windows with a q-value up to the given false
/// discovery rate are taken in the order of their sums, unless they overlap one that was taken before, and extended by flanks.
///
/// Windows, flanks, the greedy selection and the false discovery rate are those of TF-MoDISco, which fits a Laplace distribution to the
/// window sums instead. In short sequences most windows contain a part of a motif, so the fit would describe the motifs, not the noise.
/// Noise whose neighbouring positions are correlated has more seqlets than the rate states, because shuffling removes the correlation.
///
/// Source: Shrikumar et al., "Technical note on Transcription Factor Motif Discovery from Importance Scores (TF-MoDISco)"
/// (arXiv:1811.00416).
package struct SeqletFinder: Sendable {
  /// Defaults are those of TF-MoDISco 2.
  package struct Options: Sendable, Equatable {
    /// The number of positions in a window.
    package var windowSize = 21
    /// The number of positions added at both ends.
    package var flank = 10
    /// The largest q-value of a window.
    package var falseDiscoveryRate = 0.2
    /// The smallest number of windows in the null distribution; sequences are shuffled as often as this takes.
    package var nullWindows = 1_000_000

    package init() {}
  }

  package let options: Options
  /// The seed of the shuffles.
  package let seed: UInt64

  package init(options: Options = Options(), seed: UInt64) {
    require(
      options.windowSize > 0 && options.flank >= 0,
      "SeqletFinder: windows of \(options.windowSize) positions with flanks of \(options.flank)")
    self.options = options
    self.seed = seed
  }

  /// Returns the seqlets of all sequences by sequence and position. Sequences shorter than a window have none.
  ///
  /// - Parameter attributions: one number for each position of each sequence: the contribution of the letter that is there.
  /// - Throws: `ExplanationError` for numbers that are not finite and lists of other lengths.
  package func seqlets(in attributions: [[Float]]) throws -> [Seqlet] {
    let steps = try quantized(attributions)
    let size = options.windowSize
    let observed = steps.map { SeqletFinder.windowSums($0, size) }
    var sums = observed.flatMap { $0 }
    guard !sums.isEmpty else { return [] }
    sums.sort(by: >)
    let null = nullSums(steps, atLeast: options.nullWindows, windows: sums.count)
    let significance = Significance(sums, null: null, rate: options.falseDiscoveryRate)
    guard let threshold = significance.threshold else { return [] }
    var seqlets: [Seqlet] = []
    for (sequence, sums) in observed.enumerated() {
      for start in SeqletFinder.peaks(sums, atLeast: threshold, size) {
        let values = attributions[sequence][start..<start + size]
        seqlets.append(
          Seqlet(
            sequence: sequence, start: max(0, start - options.flank),
            end: min(attributions[sequence].count, start + size + options.flank),
            attribution: values.reduce(0.0) { $0 + Double($1) }, qValue: significance.qValue(of: sums[start]))
        )
      }
    }
    return seqlets
  }

  /// The absolute attributions as whole multiples of 2^-30 of the largest one, so that equal sums compare equal.
  private func quantized(_ attributions: [[Float]]) throws -> [[Int]] {
    var largest: Float = 0
    for (sequence, values) in attributions.enumerated() {
      for (position, value) in values.enumerated() {
        guard value.isFinite else {
          throw ExplanationError(
            "found the attribution \(value) at position \(position + 1) of sequence \(sequence + 1), "
              + "expected a finite number")
        }
        largest = max(largest, abs(value))
      }
    }
    guard largest > 0 else { return attributions.map { [Int](repeating: 0, count: $0.count) } }
    let scale = 0x1p30 / Double(largest)
    return attributions.map { $0.map { Int((Double(abs($0)) * scale).rounded()) } }
  }

  /// The sum over each window; empty for a sequence shorter than a window.
  static func windowSums(_ values: [Int], _ size: Int) -> [Int] {
    guard values.count >= size else { return [] }
    var sum = values[..<size].reduce(0, +)
    var sums = [sum]
    sums.reserveCapacity(values.count - size + 1)
    for start in 1..<max(values.count - size + 1, 1) {
      sum += values[start + size - 1] - values[start - 1]
      sums.append(sum)
    }
    return sums
  }

  /// Window sums of shuffled sequences in decreasing order.
  private func nullSums(_ steps: [[Int]], atLeast count: Int, windows: Int) -> [Int] {
    let rounds = max(1, (count + windows - 1) / windows)
    var sums: [Int] = []
    sums.reserveCapacity(rounds * windows)
    for (sequence, values) in steps.enumerated() where values.count >= options.windowSize {
      var random = SeededGenerator(seed: seed, stream: "seqlets", step: sequence)
      var shuffled = values
      for _ in 0..<rounds {
        random.shuffle(&shuffled)
        sums += SeqletFinder.windowSums(shuffled, options.windowSize)
      }
    }
    sums.sort(by: >)
    return sums
  }

  /// The starts of windows with at least `threshold`, the largest first, without overlap; in the order of positions. Of equal windows the
  /// first is taken.
  static func peaks(_ sums: [Int], atLeast threshold: Int, _ size: Int) -> [Int] {
    let candidates = sums.indices.filter { sums[$0] >= threshold }
      .sorted { (sums[$1], $0) < (sums[$0], $1) }
    var isBlocked = [Bool](repeating: false, count: sums.count)
    var starts: [Int] = []
    for start in candidates where !isBlocked[start] {
      starts.append(start)
      for other in max(0, start - size + 1)..<min(sums.count, start + size) { isBlocked[other] = true }
    }
    return starts.sorted()
  }

  /// q-values of window sums against the null distribution.
  private struct Significance {
    /// The distinct sums in decreasing order, with their q-values, which increase.
    private var levels: [(sum: Int, qValue: Double)] = []
    /// The smallest significant sum; nil if there is none. A window without any attribution is never significant.
    private(set) var threshold: Int?

    /// - Parameters:
    ///   - sums: all observed sums in decreasing order.
    ///   - null: the sums of the null distribution in decreasing order.
    init(_ sums: [Int], null: [Int], rate: Double) {
      var (rank, larger) = (0, 0)
      while rank < sums.count {
        let sum = sums[rank]
        while rank < sums.count, sums[rank] == sum { rank += 1 }
        while larger < null.count, null[larger] >= sum { larger += 1 }
        let pValue = Double(1 + larger) / Double(1 + null.count)
        levels.append((sum, pValue * Double(sums.count) / Double(rank)))
      }
      var least = 1.0
      for i in levels.indices.reversed() {
        least = min(least, levels[i].qValue)
        levels[i].qValue = least
      }
      threshold = levels.last { $0.qValue <= rate && $0.sum > 0 }?.sum
    }

    func qValue(of sum: Int) -> Double {
      var (low, high) = (0, levels.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if levels[middle].sum > sum { low = middle + 1 } else { high = middle }
      }
      return levels[low].qValue
    }
  }
}
