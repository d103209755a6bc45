import LigaseNetworks
import LigaseRuntime

/// Whether attributions say what the model does: curves of the score while features are deleted or inserted in the order of their
/// attributions (Petsiuk et al., 2018) beside random orders, and the likeness of attributions to those of a network with other
/// weights (Adebayo et al., 2018).
package struct FaithfulnessCheck {
  /// The areas under the curves of one example: mean scores over equal steps from no feature to all.
  package struct Areas: Sendable {
    package var deletion, insertion: Double
    package var randomDeletion, randomInsertion: Double
  }

  /// The number of steps of a curve, and of random orders.
  private static let steps = 20, orders = 5

  private(set) var areas: [Areas] = []
  private(set) var likeness: [Double] = []

  package init() {}

  /// Adds an example.
  ///
  /// - Parameters:
  ///   - values: the attribution of each group.
  ///   - randomized: those of a network with other weights.
  mutating func add(_ game: CoalitionGame, _ values: [Double], randomized: [Double], seed: UInt64) throws {
    guard game.groups > 1 else { return }
    let best = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
    var random = SeededGenerator(seed: seed, stream: "random orders", step: areas.count)
    let others = (0..<Self.orders).map { _ in
      var order = best
      random.shuffle(&order)
      return order
    }
    let deletions = try ([best] + others).map { try area($0, game, deletes: true) }
    let insertions = try ([best] + others).map { try area($0, game, deletes: false) }
    func mean(_ all: [Double]) -> Double { all.dropFirst().reduce(0, +) / Double(Self.orders) }
    areas.append(
      Areas(
        deletion: deletions[0], insertion: insertions[0], randomDeletion: mean(deletions),
        randomInsertion: mean(insertions)))
    // Ranks of two features are alike half the time.
    if game.groups > 2 {
      likeness.append(Self.rankCorrelation(values.map(abs), randomized.map(abs)))
    }
  }

  /// The mean score while the features of an order are deleted from all, or inserted into none.
  private func area(_ order: [Int], _ game: CoalitionGame, deletes: Bool) throws -> Double {
    let coalitions = (0...Self.steps).map { step -> [Bool] in
      var present = [Bool](repeating: deletes, count: game.groups)
      for group in order.prefix(step * game.groups / Self.steps) { present[group] = !deletes }
      return present
    }
    let scores = try game.scores(coalitions)
    return scores.reduce(0, +) / Double(scores.count)
  }

  /// The correlation of ranks; ties have the mean of their ranks.
  static func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Double] {
      let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      var (ranks, start) = ([Double](repeating: 0, count: values.count), 0)
      while start < order.count {
        var end = start
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for i in start..<end { ranks[order[i]] = Double(start + end - 1) / 2 }
        start = end
      }
      return ranks
    }
    let (x, y) = (ranks(a), ranks(b)), middle = Double(a.count - 1) / 2
    var (both, left, right) = (0.0, 0.0, 0.0)
    for (u, v) in zip(x, y) {
      both += (u - middle) * (v - middle)
      left += (u - middle) * (u - middle)
      right += (v - middle) * (v - middle)
    }
    return left > 0 && right > 0 ? both / (left * right).squareRoot() : 0
  }

  /// The results, one line each; empty without examples.
  package var lines: [String] {
    guard !areas.isEmpty else { return [] }
    func short(_ value: Double) -> String { "\(Float((value * 1000).rounded() / 1000))" }
    func mean(_ value: (Areas) -> Double) -> Double {
      areas.reduce(0) { $0 + value($1) } / Double(areas.count)
    }
    func compared(_ name: String, _ own: (Areas) -> Double, _ random: (Areas) -> Double, isLess: Bool)
      -> String
    {
      let differences = areas.map { own($0) - random($0) }, n = Double(areas.count)
      let middle = differences.reduce(0, +) / n
      let spread = differences.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
      let error = areas.count > 1 ? 1.96 * (spread / (n - 1) / n).squareRoot() : .nan
      let better = differences.count { isLess ? $0 < 0 : $0 > 0 }
      return
        "\(name): mean score \(short(mean(own))), random order \(short(mean(random))); difference \(short(middle)) (\(short(middle - error)) to \(short(middle + error))), better in \(better) of \(areas.count)"
    }
    return [
      compared(
        "deletion, largest first (less is better)", { $0.deletion }, { $0.randomDeletion }, isLess: true),
      compared(
        "insertion, largest first (more is better)", { $0.insertion }, { $0.randomInsertion }, isLess: false),
    ]
      + (likeness.isEmpty
        ? []
        : [
          "randomised weights: rank correlation of absolute attributions \(short(likeness.reduce(0, +) / Double(likeness.count)))"
        ])
  }
}

extension Model {
  /// The same model with weights that are drawn anew.
  func withRandomWeights(seed: UInt64) -> Model {
    var other = self
    other.network = ModelNetwork(manifest.plan, from: .drawing(seed: seed))
    return other
  }
}
