import LigaseRuntime
import LigaseTensors

/// The risk sets of a cohort, sorted once, for Cox's partial likelihood (1972) with Efron's treatment of ties (1977).
///
/// At a time with d events, N is the sum of `exp(eta)` over the rows at risk without these events, D that over the events:
///
///     log L = sum over times of [ sum over events of eta  -  sum over l < d of log(N + (1 - l / d) D) ]
///
/// Every sum is divided by the exponential of the largest linear predictor at risk, so that predictors of any size neither
/// overflow nor vanish.
package struct RiskSets: Sendable {
  private let order: TimeOrder

  /// Sorts the rows of a cohort.
  package init(_ data: SurvivalTimes) { order = TimeOrder(data) }

  /// The number of rows.
  package var count: Int { order.rows.count }

  /// The number of rows with an event.
  var eventCount: Int { order.runs.reduce(0) { $0 + $1.events.count } }

  /// What a time with events adds to the gradient, in units of `exp(-largest)`.
  private struct Hazard {
    /// The largest linear predictor at risk.
    let largest: Double
    /// The sum over l of 1 / (N + (1 - l / d) D).
    let ofAll: Double
    /// The sum over l of (1 - l / d) / (N + (1 - l / d) D), for the events themselves.
    let ofEvents: Double
  }

  /// The negative log partial likelihood, and its derivative by the linear predictor of each row; both 0 without events.
  package func partialLikelihood(
    linear: [Double]
  ) -> (negativeLogLikelihood: Double, gradient: [Double]) {
    require(linear.count == count, "partialLikelihood: \(linear.count) linear predictors for \(count) rows")
    var loss = 0.0
    var hazards = [Hazard?](repeating: nil, count: order.runs.count)
    var risk = ScaledSum()
    for (index, run) in order.runs.enumerated() {
      risk.rescale(to: largest(linear, run))
      for place in run.censored { risk.sum += exp(linear[Int(order.rows[place])] - risk.largest) }
      guard !run.events.isEmpty else { continue }
      var own = 0.0
      for place in run.events {
        let value = linear[Int(order.rows[place])]
        own += exp(value - risk.largest)
        loss -= value - risk.largest
      }
      var (ofAll, ofEvents) = (0.0, 0.0)
      for l in run.events.indices {
        let rest = Self.rest(l - run.firstEvent, run)
        let sum = risk.sum + rest * own
        loss += log(sum)
        ofAll += 1 / sum
        ofEvents += rest / sum
      }
      hazards[index] = Hazard(largest: risk.largest, ofAll: ofAll, ofEvents: ofEvents)
      risk.sum += own
    }
    return (loss, gradient(linear, hazards))
  }

  /// `1 - l / d` of a run with d events.
  private static func rest(_ l: Int, _ run: TimeOrder.Run) -> Double {
    1 - Double(l) / Double(run.events.count)
  }

  private func largest(_ linear: [Double], _ run: TimeOrder.Run) -> Double {
    order.rows[run.start..<run.end].reduce(-Double.infinity) { max($0, linear[Int($1)]) }
  }

  /// For each row the expected number of events, less the one that was seen.
  private func gradient(_ linear: [Double], _ hazards: [Hazard?]) -> [Double] {
    var gradient = [Double](repeating: 0, count: count)
    // The hazard summed over times with events so far, in units of exp(-largest). Going on in time, fewer rows are at
    // risk, so the largest predictor falls, and a row at risk has none that is larger.
    var (sum, largest) = (0.0, 0.0)
    for (run, hazard) in zip(order.runs, hazards).reversed() {
      if let hazard {
        sum *= exp(hazard.largest - largest)
        largest = hazard.largest
        for place in run.events {
          let row = Int(order.rows[place])
          gradient[row] = exp(linear[row] - largest) * (sum + hazard.ofEvents) - 1
        }
        sum += hazard.ofAll
      }
      guard sum > 0 else { continue }
      for place in run.censored {
        let row = Int(order.rows[place])
        gradient[row] = exp(linear[row] - largest) * sum
      }
    }
    return gradient
  }

  /// A sum of exponentials, divided by the exponential of the largest.
  private struct ScaledSum {
    var sum = 0.0
    private(set) var largest = -Double.infinity

    /// Takes a larger exponent, and returns the factor by which sums shrink.
    @discardableResult mutating func rescale(to value: Double) -> Double {
      guard value > largest || value.isNaN else { return 1 }
      let factor = largest == -.infinity ? 1 : exp(largest - value)
      (sum, largest) = (sum * factor, value)
      return factor
    }
  }

  /// The mean of the columns over the risk set of each term of the likelihood, `[events, columns]`: each row weighs its
  /// exponential, events of a tie as Efron counts them.
  func means(_ x: DoubleMatrix, linear: [Double]) -> DoubleMatrix {
    let width = x.columns
    var means = DoubleMatrix(rows: eventCount, columns: width)
    var (risk, term) = (ScaledSum(), 0)
    var sums = [Double](repeating: 0, count: width), own = sums
    for run in order.runs {
      let factor = risk.rescale(to: largest(linear, run))
      if factor != 1 { for k in sums.indices { sums[k] *= factor } }
      for place in run.censored { risk.sum += add(place, x, linear, risk.largest, to: &sums) }
      guard !run.events.isEmpty else { continue }
      for k in own.indices { own[k] = 0 }
      var ownSum = 0.0
      for place in run.events { ownSum += add(place, x, linear, risk.largest, to: &own) }
      for l in run.events.indices {
        let rest = Self.rest(l - run.firstEvent, run)
        let scale = 1 / (risk.sum + rest * ownSum)
        means.elements.withUnsafeMutableBufferPointer { means in
          for k in 0..<width { means[term * width + k] = (sums[k] + rest * own[k]) * scale }
        }
        term += 1
      }
      risk.sum += ownSum
      for k in sums.indices { sums[k] += own[k] }
    }
    return means
  }

  /// Adds a row of columns with its exponential as weight, and returns this weight.
  private func add(
    _ place: Int, _ x: DoubleMatrix, _ linear: [Double], _ largest: Double, to sums: inout [Double]
  ) -> Double {
    let row = Int(order.rows[place]), weight = exp(linear[row] - largest), width = x.columns
    sums.withUnsafeMutableBufferPointer { sums in
      x.elements.withUnsafeBufferPointer { values in
        for k in 0..<width { sums[k] += weight * values[row * width + k] }
      }
    }
    return weight
  }

  /// Breslow's steps of the cumulative hazard at linear predictor 0: for each time with events, ascending, the time and
  /// the number of events over the sum of exponentials at risk.
  func breslowSteps(linear: [Double]) -> [(time: Double, hazard: Double)] {
    require(linear.count == count, "Breslow: \(linear.count) linear predictors for \(count) rows")
    var risk = ScaledSum()
    var steps: [(time: Double, hazard: Double)] = []
    for run in order.runs {
      risk.rescale(to: largest(linear, run))
      for place in run.start..<run.end { risk.sum += exp(linear[Int(order.rows[place])] - risk.largest) }
      guard !run.events.isEmpty else { continue }
      steps.append((run.time, exp(log(Double(run.events.count)) - risk.largest - log(risk.sum))))
    }
    return steps.reversed()
  }
}
