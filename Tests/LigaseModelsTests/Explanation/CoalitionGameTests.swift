import LigaseModels
import Testing

/// Attributions of games whose values are known.
@Suite struct CoalitionGameTests {
  /// A sum of weights, a product of the first two groups, and a constant.
  private static let weights = [1.0, -2, 0.5, 0, 3, 0.25]

  private static var game: CoalitionGame {
    CoalitionGame(groups: weights.count) { coalitions in
      coalitions.map { present in
        let sum = zip(weights, present).reduce(7.0) { $0 + ($1.1 ? $1.0 : 0) }
        return sum + (present[0] && present[1] ? 4 : 0)
      }
    }
  }
  /// The product is divided equally.
  private static let shapley = [3.0, 0, 0.5, 0, 3, 0.25]

  private func close(_ a: [Double], _ b: [Double], _ limit: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= limit }
  }

  @Test func exactValues() throws {
    let found = try Self.game.shapleyValues()
    #expect(close(found.values, Self.shapley, 1e-12) && found.none == 7 && abs(found.all - 13.75) < 1e-12)
    #expect(close(try Self.game.occlusion().values, [5, 2, 0.5, 0, 3, 0.25], 1e-12))
  }

  @Test func estimatesAddUpAndApproach() throws {
    // All 62 coalitions fit, so that the values are exact; fewer are an estimate.
    #expect(close(try Self.game.kernelSHAP(samples: 62, seed: 1).values, Self.shapley, 1e-6))
    for seed in 0..<3 as Range<UInt64> {
      let few = try Self.game.kernelSHAP(samples: 40, seed: seed).values
      #expect(abs(few.reduce(0, +) - 6.75) < 1e-9 && close(few, Self.shapley, 1))
      let orders = try Self.game.permutationSHAP(orders: 30, seed: seed)
      #expect(abs(orders.values.reduce(0, +) - 6.75) < 1e-9 && close(orders.values, Self.shapley, 0.8))
      // A pair of opposite orders divides a product of two equally, so that nothing is left to chance.
      #expect(close(orders.errors!, Self.weights.map { _ in 0 }, 1e-6))
    }
    let three = CoalitionGame(groups: 3) { $0.map { $0.allSatisfy { $0 } ? 6 : 0 } }
    let found = try three.permutationSHAP(orders: 50, seed: 1)
    #expect(
      close(found.values, [2, 2, 2], 4 * (found.errors!.max() ?? 0)) && found.errors!.allSatisfy { $0 > 0 })
  }

  @Test func linearGamesAreFittedWhole() throws {
    let linear = CoalitionGame(groups: 4) {
      $0.map { zip([1.0, 2, -1, 0.5], $0).reduce(3) { $0 + ($1.1 ? $1.0 : 0) } }
    }
    var lime = LIME()
    (lime.samples, lime.ridge) = (400, 1e-6)
    let found = try lime.explain(linear)
    #expect(close(found.values, [1, 2, -1, 0.5], 1e-3) && abs(found.fit! - 1) < 1e-6)
    #expect(found.errors!.allSatisfy { $0 < 1e-3 } && found.none == 3)
    #expect(abs(lime.width(groups: 4) - 1.5) < 1e-12)
    let game = try LIME().explain(Self.game)
    #expect(game.fit! > 0.5 && game.fit! < 1)
  }

  @Test func windowsCover() {
    #expect(Windows.covering([5], size: 2, stride: 2) == [[0, 1], [2, 3], [4]])
    #expect(Windows.covering([2, 3], size: 2, stride: 1) == [[0, 1, 3, 4], [1, 2, 4, 5]])
    #expect(Windows.covering([2], size: 5, stride: 1) == [[0, 1]])
  }
}
