import LigaseRuntime
import LigaseTensors

/// Cox's proportional hazards regression (1972) with a quadratic penalty: the hazard of a row is `h0(t) exp(x beta)`, and
/// beta minimises
///
///     -log L(x beta) + 1/2 sum over columns of penalty_j beta_j^2
///
/// with Efron's partial likelihood L, a sum over events. Found by damped Newton steps with the exact second derivative.
package struct CoxModel: Hashable, Sendable {
  /// One coefficient a column.
  package let beta: [Double]
  /// The log partial likelihood of the rows at beta, without the penalty.
  package let logLikelihood: Double

  /// The most Newton steps; a fit that separates the events has no minimum and takes them all.
  private static let mostSteps = 50

  /// Fits centred columns.
  ///
  /// - Parameters:
  ///   - x: rows by columns, each column about its mean.
  ///   - penalties: one a column, not negative.
  ///   - start: coefficients near the solution; nil starts at 0.
  ///   - tolerance: the decrease of the objective that the last step may still promise.
  /// - Returns: nil where no row has an event, or the steps do not converge.
  package static func fit(
    _ x: DoubleMatrix, _ data: SurvivalTimes, penalties: [Double], start: [Double]? = nil,
    tolerance: Double = 1e-11
  ) -> CoxModel? {
    require(x.rows == data.count, "CoxModel: \(x.rows) rows of columns for \(data.count) times")
    require(penalties.count == x.columns, "CoxModel: \(penalties.count) penalties for \(x.columns) columns")
    guard data.events.contains(true), x.elements.allSatisfy(\.isFinite) else { return nil }
    let sets = RiskSets(data)
    var beta = start ?? [Double](repeating: 0, count: x.columns)
    var linear = x.times(vector: beta)
    var (loss, gradient) = sets.partialLikelihood(linear: linear)
    for _ in 0..<mostSteps {
      let slope = zip(x.transposeTimes(vector: gradient), zip(penalties, beta)).map { $0 + $1.0 * $1.1 }
      var direction = slope.map { -$0 }
      var system = hessian(x, sets, linear: linear, gradient: gradient, data.events, penalties)
      system.solve(&direction)
      let decrease = -zip(slope, direction).reduce(0) { $0 + $1.0 * $1.1 }
      guard decrease.isFinite, decrease >= 0 else { return nil }
      let change = x.times(vector: direction)
      let before = loss + penalty(beta, penalties)
      var step = 1.0
      while true {
        let trial = zip(beta, direction).map { $0 + step * $1 }
        let trialLinear = zip(linear, change).map { $0 + step * $1 }
        let found = sets.partialLikelihood(linear: trialLinear)
        let after = found.negativeLogLikelihood + penalty(trial, penalties)
        if after <= before - 1e-4 * step * decrease + 1e-13 * abs(before) {
          (beta, linear, loss, gradient) = (trial, trialLinear, found.negativeLogLikelihood, found.gradient)
          break
        }
        step /= 2
        if step < 1e-10 { return nil }
      }
      // Where events are separated the objective hardly falls any more, yet predictors grow with every step.
      if decrease <= tolerance, !change.contains(where: { abs($0) > 1e-2 }) {
        return CoxModel(beta: beta, logLikelihood: -loss)
      }
    }
    return nil
  }

  /// The log relative hazard of each row of `x`.
  package func linearPredictor(_ x: DoubleMatrix) -> [Double] {
    require(
      x.columns == beta.count, "linearPredictor: \(x.columns) columns for \(beta.count) coefficients")
    return x.times(vector: beta)
  }

  /// The negative log partial likelihood, and its derivative by the linear predictor of each row; both 0 without events.
  package static func partialLikelihood(
    linear: [Double], of data: SurvivalTimes
  ) -> (negativeLogLikelihood: Double, gradient: [Double]) {
    RiskSets(data).partialLikelihood(linear: linear)
  }

  private static func penalty(_ beta: [Double], _ penalties: [Double]) -> Double {
    zip(beta, penalties).reduce(0) { $0 + $1.1 * $1.0 * $1.0 } / 2
  }

  /// The second derivative of the objective by beta: `X' diag(expected events) X - M' M + penalties` with the means M over
  /// the risk sets. The expected events of a row are its gradient and the event that was seen.
  private static func hessian(
    _ x: DoubleMatrix, _ sets: RiskSets, linear: [Double], gradient: [Double], _ events: [Bool],
    _ penalties: [Double]
  ) -> PositiveDefiniteSystem {
    let width = x.columns
    var scaled = x
    scaled.elements.withUnsafeMutableBufferPointer { values in
      for row in 0..<x.rows {
        let root = max(gradient[row] + (events[row] ? 1 : 0), 0).squareRoot()
        for k in 0..<width { values[row * width + k] *= root }
      }
    }
    let second = scaled.times(scaled, transposeSelf: true)
    let means = sets.means(x, linear: linear)
    let squares = means.times(means, transposeSelf: true)
    var system = PositiveDefiniteSystem(size: width)
    system.fill { row, column in
      let entry = second[row, column] - squares[row, column]
      // Columns that depend on each other leave a pivot of 0, which rounding may turn negative.
      return row == column ? entry + 1e-11 * second[row, row] + penalties[row] : entry
    }
    return system
  }
}

extension DoubleMatrix {
  /// The product with a column of numbers.
  func times(vector: [Double]) -> [Double] {
    require(vector.count == columns, "DoubleMatrix: \(vector.count) numbers for \(columns) columns")
    return elements.withUnsafeBufferPointer { values in
      vector.withUnsafeBufferPointer { vector in
        guard let base = values.baseAddress, let other = vector.baseAddress else {
          return [Double](repeating: 0, count: rows)
        }
        return (0..<rows).map { dot(base + $0 * columns, other, columns) }
      }
    }
  }

  /// The product of the transpose with a column of numbers.
  func transposeTimes(vector: [Double]) -> [Double] {
    require(vector.count == rows, "DoubleMatrix: \(vector.count) numbers for \(rows) rows")
    var sums = [Double](repeating: 0, count: columns)
    sums.withUnsafeMutableBufferPointer { sums in
      elements.withUnsafeBufferPointer { values in
        for row in 0..<rows {
          for k in 0..<columns { sums[k] += vector[row] * values[row * columns + k] }
        }
      }
    }
    return sums
  }
}
