import LigaseFormats
import LigaseRuntime

/// Sums over aligned seqlets, in the columns of a pattern and a margin on both sides.
struct SeqletAlignment: Sendable {
  /// The number of columns on each side of the pattern.
  let margin: Int
  /// Sums of contributions by column and letter, each seqlet divided by its norm, `[columns x 4]`.
  private(set) var normalized: [Float]
  /// Sums of contributions by column and letter, `[columns x 4]`.
  private(set) var contributions: [Double]
  /// Numbers of letters by column, `[columns x 4]`.
  private(set) var counts: [Double]
  /// The number of seqlets.
  private(set) var count = 0

  init(width: Int, margin: Int) {
    self.margin = margin
    let size = (width + 2 * margin) * 4
    normalized = [Float](repeating: 0, count: size)
    contributions = [Double](repeating: 0, count: size)
    counts = [Double](repeating: 0, count: size)
  }

  /// The number of columns with the margins.
  var width: Int { counts.count / 4 }

  /// Adds a seqlet; positions beyond its flanks are taken from its sequence, as far as that reaches.
  mutating func add(
    _ window: SeqletWindows.Window, at match: SeqletPattern.Match, weight: Float = 1,
    of windows: SeqletWindows
  ) {
    count += 1
    for column in 0..<width {
      let position = match.start - margin + (match.isReverse ? width - 1 - column : column)
      guard window.sequence.contains(position), windows.letters[position] < 4 else { continue }
      let letter = Int(windows.letters[position]), value = windows.values[position]
      let place = column * 4 + (match.isReverse ? 3 - letter : letter)
      normalized[place] += weight * value * window.scale
      contributions[place] += Double(value) * Double(windows.unit)
      counts[place] += 1
    }
  }

  /// The columns from the first to the last whose summed absolute contribution is at least `fraction` of the largest, but at least
  /// `minimum` and at most `maximum` columns.
  func informativeColumns(fraction: Float, minimum: Int, maximum: Int) -> Range<Int> {
    let profile = (0..<width).map { column in
      normalized[column * 4..<column * 4 + 4].reduce(Float(0)) { $0 + abs($1) }
    }
    let least = fraction * (profile.max() ?? 0)
    var low = profile.firstIndex { $0 >= least } ?? 0
    var high = (profile.lastIndex { $0 >= least } ?? width - 1) + 1
    while high - low > max(maximum, 1) {
      if profile[low] < profile[high - 1] { low += 1 } else { high -= 1 }
    }
    while high - low < min(minimum, width) {
      let left = low > 0 ? profile[low - 1] : -1, right = high < width ? profile[high] : -1
      if left > right { low -= 1 } else { high += 1 }
    }
    return low..<high
  }

  /// The pattern in some of the columns.
  func pattern(_ columns: Range<Int>) -> SeqletPattern {
    SeqletPattern(Array(normalized[columns.lowerBound * 4..<columns.upperBound * 4]))
  }
}
