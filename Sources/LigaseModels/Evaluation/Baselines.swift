import LigaseRuntime

/// Fits the baselines that make sense for the pairs to be evaluated, and tells why others are left out.
package struct Baselines: Sendable {
  /// The predictions of each baseline for the pairs asked for.
  package private(set) var predictions: [(name: String, values: [Double])] = []

  /// Lines for people: which baselines were left out, and where one fell back.
  package private(set) var notes: [String] = []

  /// Fits on `training`, predicts the pairs of `firstKeys` and `secondKeys`, numbered as in `training`.
  ///
  /// The mean always stands; means and effects where they know a key of the pairs; the low rank where some pair has both
  /// known; ridge regressions where feature vectors of the second keys are given and some first key is known.
  ///
  /// - Parameter groupings: what both keys are called in names and notes.
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
