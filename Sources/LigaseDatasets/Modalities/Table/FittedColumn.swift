internal import Glibc
import LigaseFormats

/// How one column of a clinical table becomes features, fitted on training rows.
///
/// Numbers, booleans and ordered categories are one feature of mean 0 and standard deviation 1. Categories are one feature a
/// level, scaled likewise, and of two levels one feature. A missing value is the mean, and has an indicator of its own where
/// training rows enough lack the value.
package struct FittedColumn: Codable, Hashable, Sendable {
  /// The name of the column.
  package let name: String
  /// Its kind.
  package let kind: ColumnKind
  /// The levels of a category that have a feature.
  package private(set) var levels: [String] = []
  /// The levels of a category that are read as one.
  package private(set) var rareLevels: [String] = []
  /// Whether rare and unseen levels have a feature together.
  package private(set) var hasOther = false
  /// Whether missing values have an indicator.
  package private(set) var hasIndicator = false
  /// Values of a skewed column in ascending order, and the place of each among the training values, from 0 to 1; empty for
  /// columns that are not skewed.
  package private(set) var knots: [Float] = []
  package private(set) var ranks: [Float] = []
  /// Subtracted from each feature, and what it is divided by then.
  package private(set) var means: [Float] = []
  package private(set) var deviations: [Float] = []

  /// The fewest training rows of a level, or of missing values, that have a feature: below five expected cases counts say
  /// little (Cochran, 1954).
  package static let leastCount = 5
  /// The skewness beyond which a distribution is called highly skewed (Bulmer, 1979).
  package static let highSkewness = 1.0
  /// The most values that describe a distribution.
  private static let mostKnots = 200

  /// Fits a column.
  package init(fitting column: ClinicalColumn, rows: [Int], usesQuantiles: Bool) {
    (name, kind) = (column.name, column.kind)
    let missing: Int
    if kind == .category {
      missing = rows.count { column.levels[$0] == nil }
      fitLevels(rows.compactMap { column.levels[$0] })
    } else {
      let known = rows.map { column.numbers[$0] }.filter { !$0.isNaN }
      missing = rows.count - known.count
      if usesQuantiles, kind == .number { fitQuantiles(known) }
    }
    hasIndicator = missing >= Self.leastCount && rows.count - missing >= Self.leastCount
    (means, deviations) = (
      [Float](repeating: 0, count: features.count), [Float](repeating: 1, count: features.count)
    )
    fitScale(column, rows)
  }

  private mutating func fitLevels(_ found: [String]) {
    var counts: [String: Int] = [:]
    for level in found { counts[level, default: 0] += 1 }
    let sorted = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    levels = sorted.filter { counts[$0]! >= Self.leastCount }
    rareLevels = sorted.filter { counts[$0]! < Self.leastCount }
    hasOther = rareLevels.reduce(0) { $0 + counts[$1]! } >= Self.leastCount
  }

  private mutating func fitQuantiles(_ known: [Float]) {
    let distinct = Set(known).sorted(), n = Double(known.count)
    guard distinct.count > 10 else { return }
    let mean = known.reduce(0) { $0 + Double($1) } / n
    let moments = known.reduce(into: (0.0, 0.0)) { sums, value in
      let d = Double(value) - mean
      sums.0 += d * d / n
      sums.1 += d * d * d / n
    }
    guard moments.0 > 0, abs(moments.1 / (moments.0 * moments.0.squareRoot())) > Self.highSkewness else {
      return
    }
    // The middle of the ranks of each distinct value.
    var counts: [Float: Int] = [:]
    for value in known { counts[value, default: 0] += 1 }
    var (below, all) = (0, [Float]())
    for value in distinct {
      all.append(Float((Double(below) + Double(counts[value]!) / 2) / n))
      below += counts[value]!
    }
    let count = min(distinct.count, Self.mostKnots)
    let chosen = (0..<count).map { $0 * (distinct.count - 1) / max(count - 1, 1) }
    (knots, ranks) = (chosen.map { distinct[$0] }, chosen.map { all[$0] })
  }

  private mutating func fitScale(_ column: ClinicalColumn, _ rows: [Int]) {
    let width = features.count
    var values = [Float](repeating: 0, count: column.count * width)
    encode(column, into: &values, at: 0, width: width)
    for feature in 0..<width {
      // A missing number is neither in the mean nor in the deviation.
      let isIndicator = hasIndicator && feature == width - 1
      let own = rows.filter { isIndicator || isKnown(column, $0) }.map {
        Double(values[$0 * width + feature])
      }
      guard !own.isEmpty else { continue }
      let mean = own.reduce(0, +) / Double(own.count)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
      let deviation = Float(variance.squareRoot())
      means[feature] = Float(mean)
      deviations[feature] =
        deviation > 1e-8 * max(abs(Float(mean)), 1e-30) && deviation.isFinite ? deviation : 1
    }
  }

  private func isKnown(_ column: ClinicalColumn, _ row: Int) -> Bool {
    kind == .category ? column.levels[row] != nil : !column.numbers[row].isNaN
  }

  /// The names of its features.
  package var features: [String] {
    var names = kind == .category ? [] : [name]
    if kind == .category {
      // Of two levels one says all.
      let shown = levels.count == 2 && !hasOther ? Array(levels.dropFirst()) : levels
      names = shown.map { "\(name)=\($0)" } + (hasOther ? ["\(name)=other"] : [])
    }
    return names + (hasIndicator ? ["\(name):missing"] : [])
  }

  /// Writes the features of each row into a matrix.
  func encode(_ column: ClinicalColumn, into values: inout [Float], at start: Int, width: Int) {
    let count = features.count, own = count - (hasIndicator ? 1 : 0)
    let first = levels.count == 2 && !hasOther ? 1 : 0
    let place = Dictionary(uniqueKeysWithValues: levels.dropFirst(first).enumerated().map { ($1, $0) })
    let isRare = Set(rareLevels), isCommon = Set(levels)
    for row in 0..<column.count {
      let at = row * width + start
      var isKnown = isKnown(column, row)
      if isKnown, kind == .category {
        let level = column.levels[row]!
        if let place = place[level] {
          values[at + place] = 1
        } else if hasOther, isRare.contains(level) || !isCommon.contains(level) {
          values[at + own - 1] = 1
        } else if !isCommon.contains(level) {
          isKnown = false
        }
      } else if isKnown {
        values[at] = scaled(column.numbers[row])
      }
      for feature in 0..<own {
        values[at + feature] = isKnown ? (values[at + feature] - mean(feature)) / deviation(feature) : 0
      }
      if hasIndicator {
        let isMissing: Float = self.isKnown(column, row) ? 0 : 1
        values[at + own] = (isMissing - mean(own)) / deviation(own)
      }
    }
  }

  private func mean(_ feature: Int) -> Float { means.isEmpty ? 0 : means[feature] }
  private func deviation(_ feature: Int) -> Float { deviations.isEmpty ? 1 : deviations[feature] }

  /// The value, or of a skewed column the normal quantile of its rank.
  private func scaled(_ value: Float) -> Float {
    guard let low = knots.first, let high = knots.last else { return value }
    if value <= low { return Float(NormalQuantile.value(Double(ranks[0]))) }
    if value >= high { return Float(NormalQuantile.value(Double(ranks[ranks.count - 1]))) }
    var (a, b) = (0, knots.count - 1)
    while b - a > 1 {
      let middle = (a + b) / 2
      if knots[middle] <= value { a = middle } else { b = middle }
    }
    let part = (Double(value) - Double(knots[a])) / (Double(knots[b]) - Double(knots[a]))
    return Float(NormalQuantile.value(Double(ranks[a]) + part * Double(ranks[b] - ranks[a])))
  }

  /// Why it cannot be used, if so.
  var problem: String? {
    if means.count != features.count || deviations.count != features.count {
      return "found \(means.count) means of \(features.count) features of the column '\(name)'"
    }
    if deviations.contains(where: { !($0 > 0) }) {
      return "found a feature without spread in the column '\(name)'"
    }
    if knots.count != ranks.count || zip(knots, knots.dropFirst()).contains(where: { !($0 < $1) })
      || ranks.contains(where: { !($0 > 0 && $0 < 1) })
    {
      return "found quantiles of the column '\(name)' that do not ascend"
    }
    return nil
  }
}

/// The quantile function of the standard normal distribution.
enum NormalQuantile {
  /// The value below which a share `p` of the distribution lies, 0 < p < 1: bisection of the error function, which is exact to
  /// the last bits on every machine that has it.
  static func value(_ p: Double) -> Double {
    var (low, high) = (-9.0, 9.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
