/// Control of the false discovery rate of many tests.
package enum FalseDiscoveryRate {
  /// Returns the q-value of each p-value: the smallest false discovery rate at which the test is rejected,
  ///
  ///     q(i) = min over j >= i of  p(j) n / j      for the i-th smallest of n p-values.
  ///
  /// Source: Benjamini and Hochberg, "Controlling the false discovery rate" (Journal of the Royal Statistical Society B, 1995).
  package static func qValues(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    var qValues = pValues
    var least = 1.0
    for rank in order.indices.reversed() {
      least = min(least, pValues[order[rank]] * Double(pValues.count) / Double(rank + 1))
      qValues[order[rank]] = least
    }
    return qValues
  }
}
