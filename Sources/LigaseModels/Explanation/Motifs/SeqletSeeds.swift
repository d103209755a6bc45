import LigaseFormats
import LigaseRuntime

/// The k-mers that carry most of the attribution of seqlets, as first patterns of a motif.
///
/// The share of a k-mer in a seqlet is the sum of its contributions divided by the sum of all absolute contributions. The shares of a
/// k-mer, or those of its reverse complement, are summed over seqlets; each seqlet counts with the best occurrence. Positive and negative
/// contributions are counted apart.
struct SeqletSeeds {
  /// The length of k-mers: the longest of TF-MoDISco's embedding of seqlets (`max_k`).
  static let length = 6
  private static let kMerCount = 1 << (2 * length)

  /// A k-mer with the sign of its contributions.
  struct Seed: Hashable {
    /// The smaller of the k-mer and its reverse complement, two bits a letter.
    var kMer: Int
    var isNegative: Bool
  }

  /// An occurrence of a seed.
  struct Occurrence {
    var window: Int
    var match: SeqletPattern.Match
    var share: Float
  }

  private let windows: SeqletWindows

  init(_ windows: SeqletWindows) { self.windows = windows }

  /// Calls `body` with each k-mer of a seqlet: the smaller strand, whether that is the reverse one, the position and the signed share.
  private func forEachKMer(
    _ window: SeqletWindows.Window, _ body: (_ kMer: Int, _ isReverse: Bool, _ start: Int, Float) -> Void
  ) {
    let length = SeqletSeeds.length, mask = SeqletSeeds.kMerCount - 1
    let total = window.range.reduce(Float(0)) { $0 + abs(windows.values[$1]) }
    guard total > 0 else { return }
    var (forward, reverse, known) = (0, 0, 0)
    for position in window.range {
      let letter = Int(windows.letters[position])
      known = letter < 4 ? known + 1 : 0
      forward = (forward << 2 | letter & 3) & mask
      reverse = reverse >> 2 | (3 - letter & 3) << (2 * (length - 1))
      if known < length { continue }
      let start = position - length + 1
      let sum = windows.values[start...position].reduce(Float(0), +)
      body(min(forward, reverse), reverse < forward, start, sum / total)
    }
  }

  /// Returns the seed with the largest sum of shares among the active seqlets; nil if there is none.
  func best(active: [Bool], excluding excluded: Set<Seed>) -> Seed? {
    let count = SeqletSeeds.kMerCount
    var weights = [Float](repeating: 0, count: 2 * count)
    // The largest share of a k-mer in the seqlet that had it last.
    var lastWindow = [Int32](repeating: -1, count: 2 * count)
    var lastShare = [Float](repeating: 0, count: 2 * count)
    for (i, window) in windows.windows.enumerated() where active[i] {
      forEachKMer(window) { kMer, _, _, share in
        let place = share < 0 ? count + kMer : kMer, size = abs(share)
        let known = lastWindow[place] == Int32(truncatingIfNeeded: i) ? lastShare[place] : 0
        guard size > known else { return }
        weights[place] += size - known
        lastWindow[place] = Int32(truncatingIfNeeded: i)
        lastShare[place] = size
      }
    }
    var best: (seed: Seed, weight: Float)?
    for place in weights.indices where weights[place] > best?.weight ?? 0 {
      let seed = Seed(kMer: place % count, isNegative: place >= count)
      if !excluded.contains(seed) { best = (seed, weights[place]) }
    }
    return best?.seed
  }

  /// Returns the best occurrence of a seed in each active seqlet that has it.
  func occurrences(of seed: Seed, active: [Bool]) -> [Occurrence] {
    var found: [Occurrence] = []
    for (i, window) in windows.windows.enumerated() where active[i] {
      var best: Occurrence?
      forEachKMer(window) { kMer, isReverse, start, share in
        guard kMer == seed.kMer, (share < 0) == seed.isNegative, abs(share) > best?.share ?? 0 else { return }
        best = Occurrence(
          window: i, match: SeqletPattern.Match(similarity: 1, start: start, isReverse: isReverse),
          share: abs(share))
      }
      if let best { found.append(best) }
    }
    return found
  }
}
