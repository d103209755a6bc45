import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// Two linear layers with a normalisation over the batch between them.
private struct Normalized: Module {
  var first = Linear(4, 3, from: .drawing(seed: 1))
  var norm = BatchNorm(3, from: .drawing(seed: 1))

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("first", &first)
    visit("norm", &norm)
  }
}

@Suite struct PartsTests {
  private typealias Network = MultilayerPerceptron
  private static let x = Tensor.draws([50, 4])
  private static let labels = (0..<50).map { Int32($0 % 3) }
  private static let classWeights = Tensor([0.5, 1, 3])

  private static func network(dropout: Float = 0) -> Network {
    MultilayerPerceptron([4, 8, 3], activation: .tanh, dropout: dropout, from: .drawing(seed: 5))
  }

  private static func loss(_ model: Network, _ samples: [Int], _ context: Context) -> LossSum {
    .softmaxCrossEntropy(
      logits: model(x.gatheredRows(samples.map { Int32($0) }), context), labels: samples.map { labels[$0] },
      classWeights: classWeights)
  }

  private static func part(_ i: Int, of parts: Int) -> [Int] {
    Array((i * 50 / parts)..<((i + 1) * 50 / parts))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 50]) func partsHaveTheGradientOfTheWhole(_ parts: Int) {
    let model = Self.network()
    func penalty(_ model: Network) -> Tensor? { model.layers[0].weight.squared().sum() * 0.1 }
    let whole = WholeBatch().gradient(at: model, parts: 1, penalty: penalty) { model, _ in
      Self.loss(model, Array(0..<50), .inference)
    }
    let cut = PartsOnThreads().gradient(at: model, parts: parts, penalty: penalty) { model, i in
      Self.loss(model, Self.part(i, of: parts), .inference)
    }
    #expect(abs(whole.loss - cut.loss) < 1e-6 * whole.loss && abs(whole.weight - cut.weight) < 1e-9)
    for (a, b) in zip(cut.gradient.parameters, whole.gradient.parameters) {
      #expect(mismatch(a, b, tolerance: 1e-5) == nil)
    }
  }

  @Test func partsWithoutExamplesCountNothing() {
    let model = Self.network()
    let some = PartsOnThreads().gradient(at: model, parts: 4, penalty: nil) { model, i in
      i % 2 == 0 ? Self.loss(model, Self.part(i / 2, of: 2), .inference) : nil
    }
    let whole = PartsOnThreads().gradient(at: model, parts: 2, penalty: nil) { model, i in
      Self.loss(model, Self.part(i, of: 2), .inference)
    }
    #expect(some.loss == whole.loss && some.gradient.parameters == whole.gradient.parameters)
    let none = PartsOnThreads().gradient(at: model, parts: 2, penalty: nil) { _, _ in nil }
    #expect(none.loss == 0 && none.gradient.parameterNorm == 0)
  }

  private static func trained(parts: Int, dropout: Float = 0.2) throws -> Trainer<Network> {
    let plan = Trainer<Network>.Plan(
      epochs: 3, batchSize: 16, learningRate: 0.02, clipNorm: 1, parts: parts, seed: 3)
    var trainer = Trainer(network(dropout: dropout), optimizer: Adam(), plan: plan)
    _ = try trainer.run(sampleCount: 50, loss: loss, validate: nil)
    return trainer
  }

  @Test(arguments: [2, 5]) func weightsDoNotDependOnTheNumberOfThreads(_ parts: Int) throws {
    let difference = try threadDependence {
      try Self.trained(parts: parts).tensors.map { bits($0.tensor) }
    }
    #expect(difference == nil)
    // They depend on the number of parts, only in the last digits without dropout.
    let (whole, cut) = (try Self.trained(parts: 1, dropout: 0), try Self.trained(parts: parts, dropout: 0))
    #expect(whole.model.parameters != cut.model.parameters)
    for (a, b) in zip(whole.model.parameters, cut.model.parameters) {
      #expect(mismatch(a, b, tolerance: 1e-3) == nil)
    }
  }

  @Test func eachPartDropsItsOwn() {
    let keys = (0..<2).map { part in
      Context.training(SeededGenerator(seed: 3, stream: part == 0 ? "step" : "step/1")).nextKey()
    }
    #expect(keys[0] != keys[1])
  }

  @Test func statisticsOfBatchesAreRefusedByName() {
    let plan = Trainer<Normalized>.Plan(epochs: 1, batchSize: 16, learningRate: 0.02, parts: 2)
    var trainer = Trainer(Normalized(), optimizer: Adam(), plan: plan)
    do {
      _ = try trainer.run(
        sampleCount: 50,
        loss: { model, samples, context in
          let rows = Self.x.gatheredRows(samples.map { Int32($0) })
          return model.norm(model.first(rows, context), context).squared().mean()
        }, validate: nil)
      Issue.record("parts of a batch had statistics of their own")
    } catch {
      #expect(
        "\(error)"
          == "'norm.running_mean' holds statistics of whole batches: found a plan of 2 parts a batch, expected 1"
      )
    }
  }

  @Test func sumsOfLossesAddUp() {
    let logits = Tensor.draws([6, 3]).tracked(), labels = [Int32](repeating: 1, count: 6)
    let loss = LossSum.softmaxCrossEntropy(logits: logits, labels: labels, classWeights: Self.classWeights)
    #expect(loss.weight == 6 && abs(loss.sum.scalar - 6 * loss.mean.scalar) < 1e-5)
    #expect(loss.mean == softmaxCrossEntropy(logits: logits, labels: labels, classWeights: Self.classWeights))
    let twice = (loss + loss) / 2
    #expect(twice.weight == 6 && twice.mean == loss.mean && (loss * 2).sum == (loss + loss).sum)
    let gradients = (gradients(of: loss.sum, at: [logits])[0], gradients(of: loss.mean, at: [logits])[0])
    #expect(mismatch(gradients.0, gradients.1 * 6) == nil)
    #expect(Tensor(2).sum(ofSamples: 5).sum.scalar == 10 && Tensor(2).sum(ofSamples: 5).mean.scalar == 2)
  }

  @Test func numbersOfAGradientAreClipped() {
    var gradient = Self.network()
    let before = gradient.parameters
    gradient.clip(toValue: nil)
    #expect(gradient.parameters == before)
    gradient.clip(toValue: 0.1)
    for (now, was) in zip(gradient.parameters, before) {
      #expect(now.scalars == was.scalars.map { min(max($0, -0.1), 0.1) })
    }
    gradient.layers[0].bias = Tensor([Float](repeating: .nan, count: 8))
    gradient.clip(toValue: 0.1)
    #expect(gradient.layers[0].bias!.scalars.allSatisfy { $0.isNaN })
  }
}

@Suite struct FreezingTests {
  private static let x = Tensor.draws([10, 3])

  private static func model() -> MultilayerPerceptron {
    MultilayerPerceptron([3, 4, 2], isNormalized: true, from: .drawing(seed: 2))
  }

  @Test func frozenTensorsHaveNoGradientAndDoNotMove() {
    let names: Set = ["layers.0.weight", "norms.0.bias"]
    var model = Self.model().freezing(names)
    #expect(Set(model.namedTensors.filter { $0.role == .frozen }.map(\.name)) == names)
    let before = model.module
    let (_, gradient) = valueWithGradient(at: model) { model in
      #expect(!model.module.layers[0].weight.isTracked && model.module.layers[0].bias!.isTracked)
      return model.module(Self.x, .inference).squared().sum()
    }
    let (_, whole) = valueWithGradient(at: before) { $0(Self.x, .inference).squared().sum() }
    #expect(gradient.module.layers[0].weight == .zeros([4, 3]))
    #expect(gradient.module.layers[1].weight == whole.layers[1].weight)
    var optimizer = Adam(weightDecay: 0.1)
    optimizer.update(&model, along: gradient)
    for ((name, _, now), (_, _, was)) in zip(model.module.namedTensors, before.namedTensors) {
      #expect((now == was) == names.contains(name), "\(name)")
    }
    #expect(!optimizer.state.keys.contains { $0.hasPrefix("layers.0.weight") })
  }

  @Test func namesReachNestedModules() {
    struct Pair: Module {
      var left = FreezingTests.model().freezing(["layers.0.bias"])
      mutating func visitParameters(_ visit: ParameterVisitor) { visit("left", &left) }
    }
    let frozen = Pair().freezing(["left.layers.1.bias"]).namedTensors.filter { $0.role == .frozen }
    #expect(frozen.map(\.name) == ["left.layers.0.bias", "left.layers.1.bias"])
  }

  @Test func aFrozenRunIsResumedInTheSameBytes() throws {
    func trainer() -> Trainer<MultilayerPerceptron> {
      let plan = Trainer<MultilayerPerceptron>.Plan(
        epochs: 3, batchSize: 4, learningRate: 0.05, averageDecay: 0.9, seed: 1)
      var trainer = Trainer(Self.model(), optimizer: Adam(), plan: plan)
      trainer.frozen = ["layers.0.weight"]
      return trainer
    }
    @Sendable func loss(_ model: MultilayerPerceptron, _ samples: [Int], _ context: Context) -> Tensor {
      model(Self.x.gatheredRows(samples.map { Int32($0) }), context).squared().mean()
    }
    var (whole, first, second) = (trainer(), trainer(), trainer())
    _ = try whole.run(sampleCount: 10, loss: loss, validate: nil)
    var steps = 0
    _ = try first.run(
      sampleCount: 10, loss: loss, validate: nil,
      shouldStop: {
        steps += 1
        return steps == 4
      })
    let saved = Dictionary(uniqueKeysWithValues: first.tensors.map { ($0.name, $0.tensor) })
    try second.resume(from: first.state, names: saved.keys.sorted()) { saved[$0] }
    _ = try second.run(sampleCount: 10, loss: loss, validate: nil)
    #expect(second.tensors.map { bits($0.tensor) } == whole.tensors.map { bits($0.tensor) })
    for kept in [whole.model, whole.result] {
      #expect(kept.layers[0].weight == Self.model().layers[0].weight)
    }
  }
}
