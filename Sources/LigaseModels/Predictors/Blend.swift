import LigaseDatasets

/// The weights of the predictors of a blend.
package enum Blend {
  /// The variance of a weight of which nothing is known: every value from 0 to 1 is as likely.
  package static let variance = 1.0 / 12

  /// Returns the weight of b, from 0 to 1, in `(1 - share) a + share b`.
  ///
  /// The weight with the smallest squared error is estimated, with its variance when whole clusters are left out in
  /// turn. The mean of it and of the expected weight, each divided by its variance, is returned: few cell lines say little
  /// of the weight even where they have many responses.
  ///
  /// - Parameters:
  ///   - clusters: for each grouping of the rows, the cluster of each row; the grouping with the largest variance counts.
  ///   - expected: the weight that is expected before the rows are seen.
  package static func share(
    _ a: [Float], _ b: [Float], truth: [Float], clusters: [[Int32]], expected: Double = 0.5
  ) -> Double {
    let rows = max(clusters.first?.count ?? truth.count, 1), width = max(truth.count / rows, 1)
    var (joint, square) = (0.0, 0.0)
    var terms = [(joint: Double, square: Double)](repeating: (0, 0), count: rows)
    for i in a.indices where !b[i].isNaN && !truth[i].isNaN {
      let d = Double(b[i]) - Double(a[i])
      terms[i / width].joint += d * (Double(truth[i]) - Double(a[i]))
      terms[i / width].square += d * d
    }
    for term in terms { (joint, square) = (joint + term.joint, square + term.square) }
    guard square > 0 else { return expected }
    let variance = clusters.map { jackknife(terms, clusters: $0, joint, square) }.max() ?? .infinity
    guard variance > 0 else { return min(max(joint / square, 0), 1) }
    let weight = Self.variance / (Self.variance + variance)
    return min(max(expected + weight * (joint / square - expected), 0), 1)
  }

  /// The variance of the ratio of two sums when each cluster is left out in turn; infinite for one cluster.
  private static func jackknife(
    _ terms: [(joint: Double, square: Double)], clusters: [Int32], _ joint: Double, _ square: Double
  ) -> Double {
    var sums: [Int32: Int] = [:]
    var left: [(joint: Double, square: Double)] = []
    for (term, cluster) in zip(terms, clusters) where term.square > 0 {
      if let place = sums[cluster] {
        left[place] = (left[place].joint - term.joint, left[place].square - term.square)
      } else {
        sums[cluster] = left.count
        left.append((joint - term.joint, square - term.square))
      }
    }
    let ratios = left.filter { $0.square > 0 }.map { $0.joint / $0.square }, n = Double(ratios.count)
    guard ratios.count > 1, ratios.count == left.count else { return .infinity }
    let mean = ratios.reduce(0, +) / n
    return (n - 1) / n * ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
}
