import LigaseFormats
import LigaseRuntime

/// A matrix of contributions to which seqlets are aligned, at every offset and on both strands.
struct SeqletPattern: Sendable {
  /// Where a seqlet fits the pattern best.
  struct Match: Equatable, Sendable {
    /// The cosine of the angle between the pattern and the contributions below it, from -1 to 1; -1 where no alignment is possible.
    var similarity: Float = -1
    /// The position of the pattern's first column on the forward strand, in positions of the joined sequences.
    var start = 0
    /// Whether the reverse complement of the pattern is there.
    var isReverse = false
  }

  /// The smallest share of the pattern's columns below which a seqlet must lie (TF-MoDISco's `min_overlap_while_sliding`).
  private static let minimumOverlap = 0.7

  /// The mean contribution of each letter, `[width x 4]`.
  let contributions: [Float]

  /// - Parameter contributions: `[width x 4]`, row by row.
  init(_ contributions: [Float]) {
    require(
      !contributions.isEmpty && contributions.count.isMultiple(of: 4),
      "SeqletPattern: \(contributions.count) contributions, expected four for each column")
    self.contributions = contributions
  }

  /// The number of columns.
  var width: Int { contributions.count / 4 }

  /// The weights divided by their norm, `[width x 5]`; the fifth column, for letters other than A, C, G and T, is zero.
  private func weights(_ contributions: some Sequence<Float>) -> [Float] {
    let norm = self.contributions.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    var weights: [Float] = []
    for (i, value) in contributions.enumerated() {
      weights.append(norm > 0 ? value / norm : 0)
      if i % 4 == 3 { weights.append(0) }
    }
    return weights
  }

  /// Returns the best match of every seqlet: the alignment with the largest product of pattern and contributions, which finds the place
  /// where most of the attribution is, and the cosine there.
  func matches(in windows: SeqletWindows) -> [Match] {
    let forward = weights(contributions), reverse = weights(contributions.reversed())
    return [Match](unsafeUninitializedCapacity: windows.windows.count) { target, count in
      count = windows.windows.count
      nonisolated(unsafe) let target = target
      ThreadTeam.current.forEachRange(of: windows.windows.count, grain: 64) { range in
        windows.letters.withUnsafeBufferPointer { letters in
          windows.values.withUnsafeBufferPointer { values in
            forward.withUnsafeBufferPointer { forward in
              reverse.withUnsafeBufferPointer { reverse in
                for i in range {
                  let match = Self.match(windows.windows[i].range, letters, values, forward, reverse)
                  target.initializeElement(at: i, to: match)
                }
              }
            }
          }
        }
      }
    }
  }

  private static func match(
    _ range: Range<Int>, _ letters: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<Float>,
    _ forward: UnsafeBufferPointer<Float>, _ reverse: UnsafeBufferPointer<Float>
  ) -> Match {
    let width = forward.count / 5, overlap = Int((minimumOverlap * Double(width)).rounded(.up))
    var match = Match()
    guard range.count >= overlap else { return match }
    var best: Float = 0
    for start in (range.lowerBound - width + overlap)...(range.upperBound - overlap) {
      var (plus, minus, energy) = (Float(0), Float(0), Float(0))
      for p in max(start, range.lowerBound)..<min(start + width, range.upperBound) {
        let value = values[p], k = (p &- start) &* 5 &+ Int(letters[p])
        plus += forward[k] * value
        minus += reverse[k] * value
        energy += value * value
      }
      let larger = max(plus, minus)
      if larger > best, energy > 0 {
        best = larger
        match = Match(
          similarity: larger / energy.squareRoot(), start: start, isReverse: minus > plus)
      }
    }
    return match
  }

  /// Returns the largest cosine between two patterns over all offsets and both strands.
  func similarity(to other: SeqletPattern) -> Float {
    func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let scale = norm(contributions) * norm(other.contributions)
    guard scale > 0 else { return 0 }
    var best: Float = -1
    for theirs in [other.contributions, other.contributions.reversed()] {
      for offset in (1 - other.width)..<width {
        let from = max(0, offset) * 4, to = min(width, offset + other.width) * 4
        best = max(best, (from..<to).reduce(0) { $0 + contributions[$1] * theirs[$1 - offset * 4] } / scale)
      }
    }
    return best
  }
}
