import LigaseTensors

/// Effects of both keys, and a product of factors for the residuals: `mean + a_i + b_j + u_i · v_j`.
///
/// The factors minimise, over the training rows, the squared error plus `penalty` times the squared length of
/// all factors, by alternating least squares from a seeded start (Koren, Bell and Volinsky 2009). A key
/// without a training value has zero factors, so its predictions are the effects alone.
package struct LowRankBaseline: PairBaseline {
  /// The mean and the effects of both keys.
  let effects: EffectsBaseline
  let rank: Int
  /// The factors of each key, `rank` numbers for each.
  let firstFactors, secondFactors: [Double]

  /// Fits effects, then factors of the residuals.
  package init(
    _ observations: PairObservations, rank: Int = 30, penalty: Double = 15, turns: Int = 20, seed: UInt64 = 0
  ) {
    precondition(rank > 0 && penalty > 0, "LowRankBaseline: rank \(rank), penalty \(penalty)")
    let effects = EffectsBaseline(observations)
    let residuals = observations.values.indices.map { row in
      observations.values[row]
        - effects.prediction(
          first: Int(observations.firstKeys[row]), second: Int(observations.secondKeys[row]))
    }
    var random = SeededGenerator(seed: seed, stream: "low rank")
    var firstFactors = [Double](repeating: 0, count: observations.firstCount * rank)
    var secondFactors = (0..<observations.secondCount * rank).map { _ in 0.1 * random.nextNormal() }
    let firstRows = PairObservations.rows(observations.firstKeys, observations.firstCount)
    let secondRows = PairObservations.rows(observations.secondKeys, observations.secondCount)
    for _ in 0..<turns {
      LowRankBaseline.solve(
        &firstFactors, firstRows, secondFactors, observations.secondKeys, residuals, rank, penalty)
      LowRankBaseline.solve(
        &secondFactors, secondRows, firstFactors, observations.firstKeys, residuals, rank, penalty)
    }
    self.effects = effects
    self.rank = rank
    self.firstFactors = firstFactors
    self.secondFactors = secondFactors
  }

  /// The effects plus the product of the factors.
  package func prediction(first: Int, second: Int) -> Double {
    var value = effects.prediction(first: first, second: second)
    for factor in 0..<rank {
      value += firstFactors[first * rank + factor] * secondFactors[second * rank + factor]
    }
    return value
  }

  /// Sets each factor of one side to the ridge regression of its residuals on the other side's factors.
  private static func solve(
    _ factors: inout [Double], _ rows: [[Int]], _ others: [Double], _ otherNumbers: [Int32],
    _ residuals: [Double], _ rank: Int, _ penalty: Double
  ) {
    var system = PositiveDefiniteSystem(size: rank)
    var solution = [Double](repeating: 0, count: rank)
    for (number, rows) in rows.enumerated() {
      system.reset(diagonal: penalty)
      for factor in 0..<rank { solution[factor] = 0 }
      others.withUnsafeBufferPointer { others in
        for row in rows {
          let other = UnsafeBufferPointer(
            rebasing: others[Int(otherNumbers[row]) * rank..<(Int(otherNumbers[row]) + 1) * rank])
          system.addProduct(of: other)
          for factor in 0..<rank { solution[factor] += residuals[row] * other[factor] }
        }
      }
      system.solve(&solution)
      for factor in 0..<rank { factors[number * rank + factor] = rows.isEmpty ? 0 : solution[factor] }
    }
  }
}
