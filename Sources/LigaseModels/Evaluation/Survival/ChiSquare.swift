import LigaseRuntime

/// The chi-square distribution.
package enum ChiSquare {
  /// The probability of a value of at least `x`: the regularised upper incomplete gamma function `Q(k / 2, x / 2)` for k
  /// degrees of freedom, by its recurrence in half-integers,
  ///
  ///     Q(1/2, y) = erfc(sqrt y),   Q(1, y) = exp(-y),   Q(a + 1, y) = Q(a, y) + y^a exp(-y) / Gamma(a + 1)
  ///
  /// whose terms are all positive (Abramowitz and Stegun, 26.4.4 and 26.4.5).
  package static func upperTail(_ x: Double, degreesOfFreedom: Int) -> Double {
    require(degreesOfFreedom > 0, "ChiSquare: \(degreesOfFreedom) degrees of freedom")
    guard x > 0 else { return x.isNaN ? .nan : 1 }
    let y = x / 2, isEven = degreesOfFreedom.isMultiple(of: 2)
    var a = isEven ? 1.0 : 0.5
    var tail = isEven ? exp(-y) : erfc(y.squareRoot())
    // The logarithm of the next term; Gamma(3/2) is the root of pi over 2, and Gamma(2) is 1.
    var term = a * log(y) - y - (isEven ? 0 : log(Double.pi.squareRoot() / 2))
    while a < Double(degreesOfFreedom) / 2 {
      tail += exp(term)
      a += 1
      term += log(y / a)
    }
    return min(tail, 1)
  }
}
