internal import Glibc
import LigaseRuntime
import LigaseTensors

/// The log-rank test: whether groups of rows have the same hazard at all times.
///
/// At each time with events, the events of a group are compared with those expected from its fraction of the rows at risk; the
/// quadratic form of the differences with their hypergeometric covariance has a chi-square distribution.
///
/// Source: Mantel (1966); Peto and Peto (1972).
package enum LogRank {
  /// The statistic, its degrees of freedom, and the probability of one as large without a difference; nil with fewer than two
  /// groups, or where no time tells them apart.
  package static func test(groups: [Int], of data: SurvivalTimes) -> (
    statistic: Double, freedom: Int, p: Double
  )? {
    require(groups.count == data.count, "LogRank: \(groups.count) groups of \(data.count) rows")
    let names = Set(groups).sorted(),
      place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    guard names.count > 1 else { return nil }
    let k = names.count, rows = data.times.indices.sorted { data.times[$0] < data.times[$1] }
    var atRisk = [Double](repeating: 0, count: k)
    for group in groups { atRisk[place[group]!] += 1 }
    var difference = [Double](repeating: 0, count: k), covariance = DoubleMatrix(rows: k, columns: k)
    var at = 0
    while at < rows.count {
      let time = data.times[rows[at]]
      var (events, left) = ([Double](repeating: 0, count: k), [Double](repeating: 0, count: k))
      while at < rows.count, data.times[rows[at]] == time {
        let group = place[groups[rows[at]]]!
        left[group] += 1
        if data.events[rows[at]] { events[group] += 1 }
        at += 1
      }
      let d = events.reduce(0, +), n = atRisk.reduce(0, +)
      if d > 0 {
        for i in 0..<k { difference[i] += events[i] - d * atRisk[i] / n }
        if n > 1 {
          let scale = d * (n - d) / (n - 1)
          for i in 0..<k {
            for j in 0..<k {
              covariance[i, j] += scale * atRisk[i] / n * ((i == j ? 1 : 0) - atRisk[j] / n)
            }
          }
        }
      }
      for i in 0..<k { atRisk[i] -= left[i] }
    }
    // One group follows from the others; the covariance of the others is solved on its range.
    guard let (values, vectors) = covariance.symmetricEigen(), let largest = values.last, largest > 0 else {
      return nil
    }
    let kept = values.indices.filter { values[$0] > 1e-9 * largest }
    let statistic = kept.reduce(0.0) { sum, j in
      let projection = (0..<k).reduce(0.0) { $0 + vectors[$1, j] * difference[$1] }
      return sum + projection * projection / values[j]
    }
    return (statistic, kept.count, ChiSquare.upperTail(statistic, freedom: kept.count))
  }
}

/// The chi-square distribution.
package enum ChiSquare {
  /// The probability of a value above `x`: by recurrence from one or two degrees of freedom,
  /// `Q(k + 2) = Q(k) + (x/2)^(k/2) e^(-x/2) / Gamma(k/2 + 1)`.
  package static func upperTail(_ x: Double, freedom: Int) -> Double {
    guard x > 0, freedom > 0 else { return 1 }
    let half = x / 2
    var degrees = freedom % 2 == 0 ? 2 : 1
    var tail = degrees == 2 ? exp(-half) : erfc(half.squareRoot())
    var logTerm = degrees == 2 ? -half : -half - 0.5 * log(half) - 0.5 * log(Double.pi)
    while degrees < freedom {
      // The term of k degrees of freedom is the one of k - 2 times x/2 / (k/2).
      logTerm += log(half) - log(Double(degrees) / 2)
      tail += exp(logTerm)
      degrees += 2
    }
    return min(tail, 1)
  }
}
