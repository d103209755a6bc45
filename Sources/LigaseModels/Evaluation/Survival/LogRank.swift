import LigaseRuntime
import LigaseTensors

/// The log-rank test (Mantel, 1966) of whether groups of rows have one survival curve.
///
/// At each time with d events among n rows at risk, a group with n_g rows at risk expects `d n_g / n` events; observed less
/// expected events have the covariance of hypergeometric draws,
///
///     V_gh = sum over times of d (n - d) / (n - 1) * n_g / n * ((g == h) - n_h / n)
///
/// and their square in the metric of V follows the chi-square distribution with the rank of V as degrees of freedom: the
/// number of groups less one, fewer where groups are never at risk together.
package struct LogRank: Hashable, Sendable {
  /// The chi-square statistic.
  package let statistic: Double
  /// Its degrees of freedom.
  package let degreesOfFreedom: Int
  /// The probability of a statistic at least as large where all groups have one curve.
  package let pValue: Double

  /// Tests groups of rows, numbered in any way; nil where nothing can differ: fewer than two groups, no events, or no two
  /// groups at risk at a time with events.
  package static func test(groups: [Int], of data: SurvivalTimes) -> LogRank? {
    require(groups.count == data.count, "LogRank: \(groups.count) groups of \(data.count) rows")
    let names = Set(groups).sorted(), k = names.count
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let order = TimeOrder(data)
    let numbers = order.rows.map { places[groups[Int($0)]]! }
    var difference = [Double](repeating: 0, count: k), atRisk = difference
    var covariance = DoubleMatrix(rows: k, columns: k)
    for run in order.runs {
      for place in run.start..<run.end { atRisk[numbers[place]] += 1 }
      for place in run.events { difference[numbers[place]] += 1 }
      let d = Double(run.events.count), n = Double(run.end)
      guard d > 0 else { continue }
      let scale = n > 1 ? d * (n - d) / (n - 1) : 0
      for g in 0..<k {
        difference[g] -= d * atRisk[g] / n
        for h in 0..<k {
          covariance[g, h] += scale * atRisk[g] / n * ((g == h ? 1 : 0) - atRisk[h] / n)
        }
      }
    }
    guard let (values, vectors) = covariance.symmetricEigen(), let largest = values.last, largest > 0 else {
      return nil
    }
    var (statistic, rank) = (0.0, 0)
    for axis in values.indices where values[axis] > 1e-10 * largest {
      let along = (0..<k).reduce(0) { $0 + vectors[$1, axis] * difference[$1] }
      statistic += along * along / values[axis]
      rank += 1
    }
    return LogRank(
      statistic: statistic, degreesOfFreedom: rank,
      pValue: ChiSquare.upperTail(statistic, degreesOfFreedom: rank))
  }
}
