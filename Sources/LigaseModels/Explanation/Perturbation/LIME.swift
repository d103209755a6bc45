internal import Glibc
import LigaseRuntime

/// A local linear model over the presence of groups (Ribeiro et al., 2016).
///
/// ```
/// minimise sum_i w_i (score_i - a - sum_g v_g z_ig)² + ridge sum_g v_g²,   w_i = exp(-d_i² / (2 width²))
/// ```
/// The samples z have each group with probability 1/2, the first all groups; d is the Euclidean distance from all groups.
package struct LIME: Sendable {
  /// The number of coalitions.
  package var samples = 1000
  /// The kernel width; nil for the authors' 0.75 times the root of the number of groups.
  package var width: Double?
  /// The penalty: that of the authors' ridge regression.
  package var ridge = 1.0
  /// The number of seeds over which the standard deviation of attributions is taken.
  package var repeats = 5
  package var seed: UInt64 = 0

  package init() {}

  /// The width for a number of groups.
  package func width(groups: Int) -> Double { width ?? 0.75 * Double(groups).squareRoot() }

  /// Explains a game: the coefficients and the fit of the first seed, and the standard deviation over all seeds.
  package func explain(_ game: CoalitionGame) throws -> GroupAttributions {
    let found = try (0..<max(repeats, 1)).map { try one(game, repeat: $0) }
    var result = found[0]
    result.errors = (0..<game.groups).map { group in
      let values = found.map { $0.values[group] }, mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(max(values.count - 1, 1))).squareRoot()
    }
    return result
  }

  private func one(_ game: CoalitionGame, repeat number: Int) throws -> GroupAttributions {
    let n = game.groups, width = width(groups: n)
    var random = SeededGenerator(seed: seed, stream: "LIME", step: number)
    let coalitions =
      [[Bool](repeating: true, count: n), [Bool](repeating: false, count: n)]
      + (0..<samples).map { _ in (0..<n).map { _ in random.next(below: 2) == 1 } }
    let scores = try game.scores(coalitions)
    // The empty coalition is only asked for its score.
    let rows = coalitions.indices.filter { $0 != 1 }
    let weights = rows.map { i in exp(-Double(coalitions[i].count { !$0 }) / (2 * width * width)) }
    let total = weights.reduce(0, +)
    func mean(_ value: (Int) -> Double) -> Double {
      zip(rows, weights).reduce(0.0) { $0 + $1.1 * value($1.0) } / total
    }
    let center = (0..<n).map { group in mean { coalitions[$0][group] ? 1 : 0 } }, middle = mean { scores[$0] }
    var (system, values) = (PositiveDefiniteSystem(size: n), [Double](repeating: 0, count: n))
    for (i, weight) in zip(rows, weights) {
      let root = weight.squareRoot(), row = (0..<n).map { root * ((coalitions[i][$0] ? 1 : 0) - center[$0]) }
      row.withUnsafeBufferPointer { system.addProduct(of: $0) }
      for a in 0..<n { values[a] += root * row[a] * (scores[i] - middle) }
    }
    system.add(diagonal: ridge)
    system.solve(&values)
    let errors = mean { i in
      let fitted = (0..<n).reduce(middle) { $0 + values[$1] * ((coalitions[i][$1] ? 1 : 0) - center[$1]) }
      return (scores[i] - fitted) * (scores[i] - fitted)
    }
    let variance = mean { (scores[$0] - middle) * (scores[$0] - middle) }
    return GroupAttributions(
      values: values, all: scores[0], none: scores[1], fit: variance > 0 ? 1 - errors / variance : nil)
  }
}
