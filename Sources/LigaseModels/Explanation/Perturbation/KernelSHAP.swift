import LigaseRuntime

extension CoalitionGame {
  /// KernelSHAP (Lundberg and Lee, 2017): the linear model of coalitions that fits best under Shapley's kernel, with values that
  /// add up to the difference of the scores. Coalitions are drawn in pairs with their complements (Covert and Lee, 2021), and their sizes
  /// by the kernel; where all coalitions fit into the samples, they are all taken, and the values are exact.
  ///
  /// - Parameter samples: the number of coalitions.
  package func kernelSHAP(samples: Int, seed: UInt64) throws -> GroupAttributions {
    let ends = try ends(), difference = ends.all - ends.none
    guard groups > 1 else {
      return GroupAttributions(
        values: [Double](repeating: difference, count: groups), all: ends.all, none: ends.none)
    }
    let (coalitions, weights) =
      groups < 20 && (1 << groups) - 2 <= samples ? allCoalitions() : drawn(samples, seed)
    let found = try scores(coalitions)
    // With the last value as what the others leave, the constraint is gone: y - z_G d = sum_g (z_g - z_G) v_g.
    let n = groups - 1
    var (system, solved) = (PositiveDefiniteSystem(size: n), [Double](repeating: 0, count: n)), sum = 0.0
    for (i, coalition) in coalitions.enumerated() {
      let last = coalition[n] ? 1.0 : 0.0, y = found[i] - ends.none - last * difference
      let root = weights[i].squareRoot(), row = (0..<n).map { root * ((coalition[$0] ? 1.0 : 0.0) - last) }
      row.withUnsafeBufferPointer { system.addProduct(of: $0) }
      for a in 0..<n { solved[a] += root * row[a] * y }
      sum += weights[i]
    }
    // Few samples leave directions open: nothing is said there.
    system.add(diagonal: 1e-10 * sum)
    system.solve(&solved)
    return GroupAttributions(
      values: solved + [difference - solved.reduce(0, +)], all: ends.all, none: ends.none)
  }

  /// All coalitions but the full and the empty one, with the weights of the kernel.
  private func allCoalitions() -> (coalitions: [[Bool]], weights: [Double]) {
    let coalitions = (1..<((1 << groups) - 1)).map { set in (0..<groups).map { set >> $0 & 1 == 1 } }
    // (G - 1) / (C(G, s) s (G - s)), without its constant: the weight of a size divided by the number of its coalitions.
    var counts = [1.0]
    for s in 1...groups { counts.append(counts[s - 1] * Double(groups - s + 1) / Double(s)) }
    return (
      coalitions,
      coalitions.map { coalition in
        let size = coalition.count { $0 }
        return 1 / (counts[size] * Double(size) * Double(groups - size))
      }
    )
  }

  /// Coalitions in pairs with their complements, sizes drawn by the kernel, which then is in their number.
  private func drawn(_ samples: Int, _ seed: UInt64) -> (coalitions: [[Bool]], weights: [Double]) {
    var random = SeededGenerator(seed: seed, stream: "KernelSHAP"), coalitions: [[Bool]] = []
    let shares = (1..<groups).map { 1 / (Double($0) * Double(groups - $0)) }, sum = shares.reduce(0, +)
    var order = Array(0..<groups)
    for _ in 0..<max(samples / 2, groups) {
      var (size, rest) = (1, random.nextUniform() * sum)
      while size < groups - 1, rest >= shares[size - 1] {
        rest -= shares[size - 1]
        size += 1
      }
      random.shuffle(&order)
      var coalition = [Bool](repeating: false, count: groups)
      for group in order.prefix(size) { coalition[group] = true }
      coalitions += [coalition, coalition.map { !$0 }]
    }
    return (coalitions, coalitions.map { _ in 1 })
  }
}
