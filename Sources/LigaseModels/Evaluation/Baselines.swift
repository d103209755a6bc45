import LigaseRuntime

/// Fits the baselines that apply to the evaluated pairs, and notes why others are skipped.
package struct Baselines: Sendable {
  /// The predictions of each baseline for the evaluated pairs.
  package private(set) var predictions: [(name: String, values: [Double])] = []

  /// Notes: which baselines were skipped, and where one used its fallback.
  package private(set) var notes: [String] = []

  /// Fits on `training` and predicts the pairs of `firstKeys` and `secondKeys`, numbered as in `training`.
  ///
  /// The global mean is always included. Key means and effects need a key of the pairs in the training rows,
  /// and the low-rank model a pair with both keys in them. The ridge regressions need feature vectors of the
  /// second keys, and a first key in the training rows.
  ///
  /// - Parameter groupings: the groupings of both keys, with their names and nouns.
  package init(
    training: PairObservations, firstKeys: [Int32], secondKeys: [Int32],
    groupings: (first: Grouping, second: Grouping), vectors: [[Float]?]? = nil, ridgePenalty: Double = 1000,
    seed: UInt64 = 0
  ) {
    let firstIsKnown = training.firstObservations.map { $0 > 0 }
    let secondIsKnown = training.secondObservations.map { $0 > 0 }
    let knownFirst = firstKeys.count { firstIsKnown[Int($0)] }
    let knownSecond = secondKeys.count { secondIsKnown[Int($0)] }
    let knownPairs = zip(firstKeys, secondKeys).count { firstIsKnown[Int($0)] && secondIsKnown[Int($1)] }
    func add(_ name: String, _ baseline: some PairBaseline) {
      predictions.append((name, baseline.predictions(firstKeys: firstKeys, secondKeys: secondKeys)))
    }
    func note(_ name: String, _ known: Int, _ what: String) -> Bool {
      if known == 0 { notes.append("no \(name) baseline: \(what) in the training rows") }
      return known > 0
    }
    let (first, second) = groupings
    let noFirst = "no evaluated \(first.noun) occurs"
    add("mean", MeanBaseline(training))
    if note("\(first.name)_mean", knownFirst, noFirst) {
      add("\(first.name)_mean", FirstMeanBaseline(training))
    }
    if note("\(second.name)_mean", knownSecond, "no evaluated \(second.noun) occurs") {
      add("\(second.name)_mean", SecondMeanBaseline(training))
    }
    if knownFirst + knownSecond > 0 {
      add("\(first.name)_and_\(second.name)_effects", EffectsBaseline(training))
    }
    if note("low_rank", knownPairs, "no evaluated row has both its \(first.noun) and its \(second.noun)") {
      add("low_rank", LowRankBaseline(training, seed: seed))
    }
    guard let vectors else { return }
    let ridge = "ridge_per_\(first.name)"
    guard note(ridge, knownFirst, noFirst) else { return }
    let without = secondKeys.count { vectors[Int($0)] == nil }
    if without > 0 {
      notes.append(
        "\(ridge): \(without.counted("evaluated row")) without expression predicted by the mean of the \(first.noun)"
      )
    }
    add(ridge, RidgeBaseline(training, vectors: vectors, penalty: ridgePenalty))
  }
}
