import LigaseTensors

/// Drug and cell effects, and a product of factors for what they leave: `mean + a_drug + b_cell + u_drug ·
/// v_cell`.
///
/// The factors minimise, over the training rows, the squared error plus `penalty` times the squared length of
/// all factors, by alternating least squares from a seeded start (Koren, Bell and Volinsky 2009). A drug or
/// cell line without a training response has the factor 0, so the effects are all that is left.
package struct LowRankBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "low_rank"
  private let effects: EffectsBaseline
  private let rank: Int
  private let drugs: [Double]
  private let cells: [Double]

  /// Fits effects, then factors of what they leave.
  package init(
    _ observations: PairObservations, rank: Int = 30, penalty: Double = 15, turns: Int = 20, seed: UInt64 = 0
  ) {
    precondition(rank > 0 && penalty > 0, "LowRankBaseline: rank \(rank), penalty \(penalty)")
    let effects = EffectsBaseline(observations)
    let residuals = observations.values.indices.map { row in
      observations.values[row]
        - effects.prediction(drug: Int(observations.drugs[row]), cell: Int(observations.cells[row]))
    }
    var random = SeededGenerator(seed: seed, stream: "low rank")
    var drugs = [Double](repeating: 0, count: observations.drugCount * rank)
    var cells = (0..<observations.cellCount * rank).map { _ in 0.1 * random.nextNormal() }
    let drugRows = PairObservations.rows(observations.drugs, observations.drugCount)
    let cellRows = PairObservations.rows(observations.cells, observations.cellCount)
    for _ in 0..<turns {
      LowRankBaseline.solve(&drugs, drugRows, cells, observations.cells, residuals, rank, penalty)
      LowRankBaseline.solve(&cells, cellRows, drugs, observations.drugs, residuals, rank, penalty)
    }
    self.effects = effects
    self.rank = rank
    self.drugs = drugs
    self.cells = cells
  }

  /// Effects and the product of the factors.
  package func prediction(drug: Int, cell: Int) -> Double {
    var value = effects.prediction(drug: drug, cell: cell)
    for factor in 0..<rank { value += drugs[drug * rank + factor] * cells[cell * rank + factor] }
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
