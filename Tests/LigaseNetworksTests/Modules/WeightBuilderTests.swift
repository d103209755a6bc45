import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct WeightBuilderTests {
  private static func stack(_ weights: WeightBuilder) -> MultilayerPerceptron {
    MultilayerPerceptron([3, 4, 2], isNormalized: true, from: weights)
  }

  private static func saved(_ model: some Module) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor) })
  }

  private static func problem(_ names: [String]? = nil, _ tensor: @escaping (String) -> Tensor?) -> String? {
    let weights = WeightBuilder.loading(tensor)
    _ = stack(weights)
    do { try weights.finish(expecting: names) } catch { return "\(error)" }
    return nil
  }

  @Test func aTensorDependsOnSeedAndNameAlone() throws {
    let weights = WeightBuilder.drawing(seed: 7)
    #expect(!weights.isLoading)
    let body = Self.stack(weights.nested("body")), head = Linear(2, 5, from: weights.nested("head"))
    try weights.finish(expecting: ["nothing of these"])
    // The same in another order, with other modules.
    let other = WeightBuilder.drawing(seed: 7)
    let again = Linear(2, 5, from: other.nested("head"))
    _ = Linear(3, 3, from: other.nested("between"))
    #expect(again.weight == head.weight && again.bias == head.bias)
    #expect(Self.stack(other.nested("body")).parameters == body.parameters)
    #expect(Self.stack(.drawing(seed: 8)).layers[0].weight != body.layers[0].weight)
    var random = SeededGenerator(seed: 7, stream: "weights/head.weight")
    let bound = 1 / Float(2).squareRoot()
    #expect(head.weight == .uniform([5, 2], in: -bound..<bound.nextUp, using: &random))
  }

  @Test func scaleMultipliesTheWeightAlone() {
    let whole = Linear(4, 3, from: .drawing(seed: 1)),
      half = Linear(4, 3, scale: 0.5, from: .drawing(seed: 1))
    #expect(mismatch(half.weight, whole.weight * 0.5) == nil && half.bias == whole.bias)
  }

  @Test func namesAreThoseThatVisitingGives() throws {
    func check<M: Module>(_ build: (WeightBuilder) -> M) throws {
      let drawn = build(.drawing(seed: 2))
      let tensors = Self.saved(drawn)
      let weights = WeightBuilder.loading { tensors[$0] }
      let loaded = build(weights)
      try weights.finish(expecting: drawn.namedTensors.map(\.name))
      #expect(loaded.namedTensors.map(\.tensor) == drawn.namedTensors.map(\.tensor))
    }
    try check { Self.stack($0) }
    try check {
      Recurrent(.lstm, inputSize: 3, hiddenSize: 2, layerCount: 2, isBidirectional: true, from: $0)
    }
    try check { Convolution(3, 4, kernelSize: 5, from: $0) }
    try check { Embedding(6, 3, from: $0) }
    try check { LengthPooling(.attention, size: 4, attentionSize: 3, from: $0) }
    try check { BatchNorm(4, from: $0) }
  }

  @Test func loadingNamesWhatDoesNotFit() {
    let tensors = Self.saved(Self.stack(.drawing(seed: 3)))
    #expect(Self.problem(tensors.keys.sorted()) { tensors[$0] } == nil)
    #expect(
      Self.problem { $0 == "norms.0.bias" ? nil : tensors[$0] }
        == "the tensor 'norms.0.bias' is missing, expected one of shape [4]")
    #expect(
      Self.problem { $0.hasSuffix("weight") ? Tensor([1]) : tensors[$0] }
        == "the tensor 'layers.0.weight' has the shape [1], expected [4, 3]")
    #expect(
      Self.problem { $0 == "layers.1.bias" ? Tensor([1, .nan]) : tensors[$0] }
        == "the tensor 'layers.1.bias' holds a number that is not finite")
    #expect(
      Self.problem(tensors.keys + ["head.weight"]) { tensors[$0] } == "'head.weight' is not part of the model"
    )
  }

  @Test func aHostileSizeTakesNoMemory() {
    let weights = WeightBuilder.loading { _ in nil }
    #expect(weights.isLoading)
    let layer = Linear(1 << 40, 1 << 40, from: weights)
    #expect(layer.weight.shape == [0, 0])
    #expect(throws: ModuleLoadingError.self) { try weights.finish() }
  }
}
