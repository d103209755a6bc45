import LigaseRuntime

extension CoalitionGame {
  /// Shapley values from random orders of groups, each taken forwards and backwards (Mitchell et al., 2022): they add up to the
  /// difference of the scores exactly, and their standard errors are those of the mean over orders.
  ///
  /// - Parameter orders: the number of pairs of orders, at least 2.
  package func permutationSHAP(orders: Int, seed: UInt64) throws -> GroupAttributions {
    precondition(orders >= 2, "permutationSHAP: \(orders) orders, expected at least 2")
    let ends = try ends()
    var (sums, squares) = ([Double](repeating: 0, count: groups), [Double](repeating: 0, count: groups))
    for pair in 0..<orders {
      var random = SeededGenerator(seed: seed, stream: "permutation SHAP", step: pair),
        order = Array(0..<groups)
      random.shuffle(&order)
      var means = [Double](repeating: 0, count: groups)
      for order in [order, order.reversed()] {
        var coalitions: [[Bool]] = [], present = [Bool](repeating: false, count: groups)
        for group in order.dropLast() {
          present[group] = true
          coalitions.append(present)
        }
        let found = [ends.none] + (try scores(coalitions)) + [ends.all]
        for (place, group) in order.enumerated() { means[group] += (found[place + 1] - found[place]) / 2 }
      }
      for group in 0..<groups {
        sums[group] += means[group]
        squares[group] += means[group] * means[group]
      }
    }
    let count = Double(orders)
    let values = sums.map { $0 / count }
    let errors = (0..<groups).map { group in
      (max(squares[group] / count - values[group] * values[group], 0) / (count - 1)).squareRoot()
    }
    return GroupAttributions(values: values, errors: errors, all: ends.all, none: ends.none)
  }
}
