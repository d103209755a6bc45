/// The score of one example as a function of which groups of its features are present; absent ones have the values of a
/// background. It explains any predictor.
package struct CoalitionGame {
  /// The number of groups.
  package let groups: Int
  /// Returns the score of each coalition: for each group whether it is present. With a background of several records it is the mean
  /// over them.
  package let scores: ([[Bool]]) throws -> [Double]

  package init(groups: Int, scores: @escaping ([[Bool]]) throws -> [Double]) {
    (self.groups, self.scores) = (groups, scores)
  }

  /// The scores with all groups and with none.
  func ends() throws -> (all: Double, none: Double) {
    let found = try scores([true, false].map { [Bool](repeating: $0, count: groups) })
    return (found[0], found[1])
  }

  /// The most groups of exact Shapley values.
  package static let mostExact = 14
}

/// Attributions of groups.
package struct GroupAttributions: Sendable {
  /// The attribution of each group.
  package var values: [Double]
  /// The standard error of each, where they are estimates.
  package var errors: [Double]?
  /// The score with all groups, and with none.
  package var all, none: Double
  /// The fit of a local model on weighted samples, of LIME.
  package var fit: Double?
}

extension CoalitionGame {
  /// Occlusion: the loss of score where a group alone is absent (Zeiler and Fergus, 2014).
  package func occlusion() throws -> GroupAttributions {
    let ends = try ends()
    let found = try scores((0..<groups).map { absent in (0..<groups).map { $0 != absent } })
    return GroupAttributions(values: found.map { ends.all - $0 }, all: ends.all, none: ends.none)
  }

  /// Shapley values: the mean over all orders of groups of the gain of score where a group joins those before.
  ///
  /// - Precondition: at most ``mostExact`` groups.
  package func shapleyValues() throws -> GroupAttributions {
    precondition(
      groups <= Self.mostExact, "shapleyValues: \(groups) groups, expected at most \(Self.mostExact)")
    let count = 1 << groups
    let found = try scores((0..<count).map { set in (0..<groups).map { set >> $0 & 1 == 1 } })
    // The weight of a coalition of s other groups: s! (G - s - 1)! / G!.
    var weights = [Double](repeating: 1 / Double(max(groups, 1)), count: max(groups, 1))
    for s in weights.indices.dropFirst() { weights[s] = weights[s - 1] * Double(s) / Double(groups - s) }
    var values = [Double](repeating: 0, count: groups)
    for set in 0..<count {
      let size = set.nonzeroBitCount
      for group in 0..<groups where set >> group & 1 == 0 {
        values[group] += weights[size] * (found[set | 1 << group] - found[set])
      }
    }
    return GroupAttributions(values: values, all: found[count - 1], none: found[0])
  }
}
