import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct SequentialTests {
  private static func images(_ weights: WeightBuilder) -> Sequential {
    Sequential([
      Convolution(2, 3, kernelSize: 3, padding: .same, rank: 2, from: weights.nested("0")), Activation.relu,
      Residual(
        Sequential([
          LayerNorm(3, from: weights.nested("2.0")),
          Convolution(3, 3, kernelSize: 3, padding: .same, rank: 2, from: weights.nested("2.1")),
        ])),
      MaxPool(kernelSize: 2, rank: 2), LengthPooling(.mean, size: 3, from: weights.nested("4")),
      Linear(3, 2, from: weights.nested("5")),
    ])
  }

  @Test func parametersHaveTheNamesOfTheirPlaces() {
    let network = Self.images(.drawing(seed: 1))
    #expect(
      network.namedTensors.map(\.name) == [
        "0.weight", "0.bias", "2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias", "5.weight", "5.bias",
      ])
    #expect(Set(network.namedTensors.map(\.name)).isSubset(of: Self.asked))
  }

  /// The names under which weights are drawn are those under which they are visited.
  private static var asked: Set<String> {
    var names: Set<String> = []
    _ = images(
      .loading { name in
        names.insert(name)
        return nil
      })
    return names
  }

  @Test func gradientsAgreeWithDifferences() {
    var network = Self.images(.drawing(seed: 2))
    // Without kinks.
    (network.layers[1], network.layers[3]) = (Activation.gelu, AveragePool(kernelSize: 2, rank: 2))
    let images = Tensor.draws([2, 2, 4, 6]), parameters = network.parameters
    #expect(
      gradientMismatch(at: [images] + parameters) { inputs in
        network.replacingParameters(with: Array(inputs.dropFirst()))(
          Grids(channelsFirst: inputs[0]), .inference
        ).values
      } == nil)
  }

  @Test func everyImageHasItsOwnSize() {
    let network = Self.images(.drawing(seed: 3))
    let extents = [[4, 6], [5, 3], [2, 2]], layout = GridLayout(extents: extents)
    let together = network(Grids(values: .draws([layout.rowCount, 2]), layout: layout), .inference).values
    for s in extents.indices {
      let own = Tensor.draws([layout.rowCount, 2]).slicedFirst(layout.offsets[s]..<layout.offsets[s + 1])
      let alone = network(Grids(values: own, layout: GridLayout(extents: [extents[s]])), .inference).values
      #expect(bits(alone) == bits(together.slicedFirst(s..<(s + 1))))
    }
  }

  /// A residual layer adds its input; equal steps are computed once with the same bits.
  @Test func residualAndEqualSteps() {
    let weights = WeightBuilder.drawing(seed: 4)
    let body = Sequential(named: [
      ("norm", LayerNorm(3, from: weights.nested("norm"))),
      ("motifs", Convolution(3, 3, kernelSize: 3, padding: .same, from: weights.nested("motifs"))),
    ])
    let network = Residual(body)
    let table = Tensor.draws([4, 3]), numbers = (0..<30).map { Int32($0 * $0 % 4) }
    let shared = SharedSteps(table: table, numbers: numbers, layout: GridLayout(lengths: [10, 20]))
    let plain = shared.grids
    let expected = body(plain, .inference).values + plain.values
    #expect(bits(network(plain, .inference).values) == bits(expected))
    #expect(bits(network(shared, .inference).grids.values) == bits(expected))
    #expect(network.namedTensors.map(\.name) == ["norm.weight", "norm.bias", "motifs.weight", "motifs.bias"])
  }

  /// A layer without a method for equal steps gets every step.
  @Test func layersWithoutAWayForEqualSteps() {
    let shared = SharedSteps(
      table: .draws([3, 2]), numbers: [0, 1, 1, 2, 0, 1], layout: GridLayout(lengths: [4, 2]))
    let layer = AveragePool(kernelSize: 2)
    #expect(bits(layer(shared, .inference).grids.values) == bits(layer(shared.grids, .inference).values))
  }

  @Test func aContextKeepsActivationsForGradients() {
    let network = Self.images(.drawing(seed: 5)), context = Context.inference
    context.activations = [:]
    let images = Grids(channelsFirst: Tensor.draws([1, 2, 4, 4]).tracked())
    let score = network(images, context).values.slicedLast(0..<1).sum()
    let kept = context.activations!
    #expect(Set(kept.keys) == ["0", "1", "2", "2.0", "2.1", "3", "4", "5"])
    #expect(kept["3"]!.layout.extents(of: 0) == [2, 2] && kept["3"]!.channels == 3)
    let gradient = gradients(of: score, at: [kept["4"]!.values])[0]
    let weight = network.namedTensors.first { $0.name == "5.weight" }!.tensor
    #expect(bits(gradient) == bits(weight.slicedFirst(0..<1)))
    let other = Context.inference
    _ = network(images, other)
    #expect(other.activations == nil)
  }
}
