/// Fits the baselines that make sense for the pairs to be judged, and tells why others are left out.
package struct Baselines: Sendable {
  /// The predictions of each baseline for the pairs asked for.
  package private(set) var predictions: [(name: String, values: [Double])] = []

  /// Lines for people: which baselines were left out, and where one fell back.
  package private(set) var notes: [String] = []

  /// Fits on `training`, predicts the pairs of `drugs` and `cells`, numbered as in `training`.
  ///
  /// The mean always stands; means and effects where they know a drug or a cell line of the pairs; the low
  /// rank where some pair has both known; ridge per drug where expression is given and some drug is known.
  package init(
    training: PairObservations, drugs: [Int32], cells: [Int32], expression: [[Float]?]? = nil,
    ridgePenalty: Double = 1000, seed: UInt64 = 0
  ) {
    let drugIsKnown = training.drugObservations.map { $0 > 0 }
    let cellIsKnown = training.cellObservations.map { $0 > 0 }
    let knownDrugs = drugs.count { drugIsKnown[Int($0)] }
    let knownCells = cells.count { cellIsKnown[Int($0)] }
    let knownPairs = zip(drugs, cells).count { drugIsKnown[Int($0)] && cellIsKnown[Int($1)] }
    func add(_ baseline: some PairBaseline) {
      predictions.append((type(of: baseline).name, baseline.predictions(drugs: drugs, cells: cells)))
    }
    func note(_ name: String, _ known: Int, _ what: String) -> Bool {
      if known == 0 { notes.append("\(name) is left out: \(what) in the training rows") }
      return known > 0
    }
    let noDrug = "no judged drug occurs"
    let noPair = "of no judged row both drug and cell line occur"
    add(MeanBaseline(training))
    if note(DrugMeanBaseline.name, knownDrugs, noDrug) { add(DrugMeanBaseline(training)) }
    if note(CellMeanBaseline.name, knownCells, "no judged cell line occurs") {
      add(CellMeanBaseline(training))
    }
    if knownDrugs + knownCells > 0 { add(EffectsBaseline(training)) }
    if note(LowRankBaseline.name, knownPairs, noPair) {
      add(LowRankBaseline(training, seed: seed))
    }
    guard let expression else { return }
    guard note(RidgeBaseline.name, knownDrugs, noDrug) else { return }
    let without = cells.count { expression[Int($0)] == nil }
    if without > 0 {
      notes.append("\(RidgeBaseline.name): \(without) judged rows have no expression and get the drug's mean")
    }
    add(RidgeBaseline(training, expression: expression, penalty: ridgePenalty))
  }
}
