internal import Glibc

/// Nodes and weights of the Gauss-Legendre rule for the interval from 0 to 1.
enum GaussLegendre {
  /// Returns `count` nodes, ascending, and weights whose sum is 1.
  static func rule(_ count: Int) -> [(node: Double, weight: Double)] {
    (0..<count).map { i in
      // Newton's method on the Legendre polynomial, from Tricomi's estimate of its root.
      let n = Double(count)
      var x = -cos(.pi * (Double(i) + 0.75) / (n + 0.5)), slope = 1.0
      for _ in 0..<100 {
        var (p, before) = (1.0, 0.0)
        for k in 1...count {
          (p, before) = ((Double(2 * k - 1) * x * p - Double(k - 1) * before) / Double(k), p)
        }
        slope = n * (x * p - before) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return ((x + 1) / 2, 1 / ((1 - x * x) * slope * slope))
    }
  }
}
