/// A prediction of responses without a network, that every model should beat.
///
/// A baseline is fitted on training rows only, and answers for every drug and cell line: where it knows
/// nothing of one of them it falls back as its documentation says.
package protocol PairBaseline: Sendable {
  /// The name under which its figures stand.
  static var name: String { get }

  /// The response of a cell line to a drug, both numbered as in the observations.
  func prediction(drug: Int, cell: Int) -> Double
}

extension PairBaseline {
  /// The predictions of many pairs.
  package func predictions(drugs: [Int32], cells: [Int32]) -> [Double] {
    zip(drugs, cells).map { prediction(drug: Int($0), cell: Int($1)) }
  }
}

/// The mean of all training responses.
package struct MeanBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "mean"
  private let mean: Double

  /// Fits the mean.
  package init(_ observations: PairObservations) { mean = observations.mean }

  /// The mean, whatever the pair.
  package func prediction(drug: Int, cell: Int) -> Double { mean }
}

/// The mean of the drug's training responses; for a drug without any, the mean of all.
package struct DrugMeanBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "drug_mean"
  private let means: [Double]

  /// Fits the means.
  package init(_ observations: PairObservations) {
    means = groupMeans(observations.drugs, observations.drugCount, observations)
  }

  /// The drug's mean.
  package func prediction(drug: Int, cell: Int) -> Double { means[drug] }
}

/// The mean of the cell line's training responses; for a line without any, the mean of all.
package struct CellMeanBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "cell_mean"
  private let means: [Double]

  /// Fits the means.
  package init(_ observations: PairObservations) {
    means = groupMeans(observations.cells, observations.cellCount, observations)
  }

  /// The cell line's mean.
  package func prediction(drug: Int, cell: Int) -> Double { means[cell] }
}

private func groupMeans(_ numbers: [Int32], _ count: Int, _ observations: PairObservations) -> [Double] {
  let overall = observations.mean
  return PairObservations.rows(numbers, count).map { rows in
    rows.isEmpty ? overall : rows.reduce(0) { $0 + observations.values[$1] } / Double(rows.count)
  }
}

/// Mean + drug effect + cell effect, the least-squares fit of both effects without shrinkage.
///
/// The effects are found by turns, each the mean of what the other leaves, until none moves by more than 1e-9
/// or 200 turns are over. A drug or a cell line without a training response has the effect 0.
package struct EffectsBaseline: PairBaseline {
  /// The name under which its figures stand.
  package static let name = "drug_and_cell_effects"
  /// The mean of all responses.
  package let mean: Double
  /// The effect of each drug.
  package let drugEffects: [Double]
  /// The effect of each cell line.
  package let cellEffects: [Double]

  /// Fits both effects.
  package init(_ observations: PairObservations) {
    let mean = observations.mean
    var drugs = [Double](repeating: 0, count: observations.drugCount)
    var cells = [Double](repeating: 0, count: observations.cellCount)
    let drugCounts = observations.drugObservations
    let cellCounts = observations.cellObservations
    for _ in 0..<200 {
      let before = cells
      var sums = [Double](repeating: 0, count: drugs.count)
      for (row, drug) in observations.drugs.enumerated() {
        sums[Int(drug)] += observations.values[row] - mean - cells[Int(observations.cells[row])]
      }
      for drug in drugs.indices where drugCounts[drug] > 0 {
        drugs[drug] = sums[drug] / Double(drugCounts[drug])
      }
      sums = [Double](repeating: 0, count: cells.count)
      for (row, cell) in observations.cells.enumerated() {
        sums[Int(cell)] += observations.values[row] - mean - drugs[Int(observations.drugs[row])]
      }
      for cell in cells.indices where cellCounts[cell] > 0 {
        cells[cell] = sums[cell] / Double(cellCounts[cell])
      }
      if zip(before, cells).allSatisfy({ abs($0 - $1) <= 1e-9 }) { break }
    }
    self.mean = mean
    drugEffects = drugs
    cellEffects = cells
  }

  /// Mean and both effects.
  package func prediction(drug: Int, cell: Int) -> Double { mean + drugEffects[drug] + cellEffects[cell] }
}
