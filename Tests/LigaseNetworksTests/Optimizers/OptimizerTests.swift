import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct OptimizerTests {
  private static func model() -> MultilayerPerceptron {
    MultilayerPerceptron([3, 4, 1], isNormalized: true, from: .drawing(seed: 5))
  }

  private static func gradient(at model: MultilayerPerceptron) -> MultilayerPerceptron {
    valueWithGradient(at: model) { squaredError($0(.draws([6, 3]), .inference), .draws([6, 1], seed: 2)) }.1
  }

  static let optimizers: [any SavedOptimizer] = [
    SGD(learningRate: 0.05), SGD(learningRate: 0.05, momentum: 0.9), Adam(), Adam.decoupled(), RMSProp(),
    RMSProp(momentum: 0.5),
  ]

  @Test(arguments: optimizers.indices) func savedStateGoesOnInTheSameBytes(_ index: Int) {
    func train(_ optimizer: inout some SavedOptimizer, _ model: inout MultilayerPerceptron, steps: Int) {
      for _ in 0..<steps { optimizer.update(&model, along: Self.gradient(at: model)) }
    }
    func check(_ fresh: some SavedOptimizer) {
      var (whole, a) = (fresh, Self.model())
      train(&whole, &a, steps: 4)
      var (first, b) = (fresh, Self.model())
      train(&first, &b, steps: 2)
      var second = fresh
      (second.step, second.state) = (first.step, first.state)
      train(&second, &b, steps: 2)
      #expect(a.parameters.map(bits) == b.parameters.map(bits))
    }
    check(Self.optimizers[index])
  }

  @Test func penaltiesOfRMSPropReachMatricesAlone() {
    // Without momentum and averages, the change is rate × d / (√((1 − α) d²) + ε) for the penalised gradient d.
    var optimizer = RMSProp(learningRate: 0.1, alpha: 0.75, epsilon: 1, weightDecay: 0.5)
    (optimizer.signDecay, optimizer.penalizesMatricesOnly) = (0.25, true)
    var model = Self.model()
    let before = model.parameters, gradient = Self.gradient(at: model)
    optimizer.update(&model, along: gradient)
    for ((old, new), slope) in zip(zip(before, model.parameters), gradient.parameters) {
      let isMatrix = old.shape.count > 1
      for ((p, q), g) in zip(zip(old.scalars, new.scalars), slope.scalars) {
        let sign: Float = p > 0 ? 1 : p < 0 ? -1 : 0
        let d = isMatrix ? g + 0.5 * p + 0.25 * sign : g
        #expect(abs(q - (p - 0.1 * d / (abs(d) / 2 + 1))) < 1e-6)
      }
    }
  }

  @Test func clippingScalesTheWholeGradient() {
    var gradient = Self.gradient(at: Self.model())
    let norm = gradient.parameterNorm
    let squares = gradient.parameters.flatMap(\.scalars).reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(norm - squares.squareRoot()) < 1e-9)
    let before = gradient
    let short = gradient.clip(toNorm: Float(2 * norm))
    #expect(short == norm && gradient.parameters == before.parameters)
    let long = gradient.clip(toNorm: Float(norm / 4))
    #expect(long == norm && abs(gradient.parameterNorm - norm / 4) < 1e-6 * norm)
    let free = gradient.clip(toNorm: nil)
    #expect(free == gradient.parameterNorm)
  }

  @Test func averagesMoveTowardsTheModel() {
    let (old, new) = (
      Self.model(), Self.model().replacingParameters(with: Self.model().parameters.map { $0 + 1 })
    )
    var average = old
    average.average(with: new, keeping: 0.75)
    for (a, b) in zip(average.parameters, old.parameters) { #expect(mismatch(a, b + 0.25) == nil) }
  }

  @Test func decaySparesWhatItIsToldTo() {
    var (model, optimizer) = (
      Self.model(), Adam(weightDecay: 0.5, isDecoupled: true) { $0.hasSuffix("bias") ? 0 : 1 }
    )
    let before = model
    let nothing = model.replacingParameters(with: model.parameters.map { Tensor.zeros($0.shape) })
    optimizer.update(&model, along: nothing)
    #expect(model.layers[0].bias == before.layers[0].bias)
    #expect(mismatch(model.layers[0].weight, before.layers[0].weight * (1 - 0.5e-3)) == nil)
  }

  @Test func ratesAreOfGroups() {
    let before = Self.model(), gradient = Self.gradient(at: Self.model())
    var (plain, grouped) = (before, before)
    var adam = Adam(learningRate: 0.01),
      fast = Adam(learningRate: 0.01, rateFactor: { $0.hasSuffix("bias") ? 3 : 1 })
    adam.update(&plain, along: gradient)
    fast.update(&grouped, along: gradient)
    let (was, once, thrice) = (before.layers[0].bias!, plain.layers[0].bias!, grouped.layers[0].bias!)
    #expect(mismatch(thrice - was, (once - was) * 3, tolerance: 1e-3) == nil && once != was)
    #expect(grouped.layers[0].weight == plain.layers[0].weight)
  }

  @Test func loadingNamesWhatIsMissing() throws {
    var model = Self.model()
    let saved = Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor * 2) })
    try model.load { saved[$0] }
    #expect(model.parameters == Self.model().parameters.map { $0 * 2 })
    #expect(saved.keys.contains("layers.0.weight") && saved.keys.contains("norms.0.bias"))
    let before = model
    #expect(throws: ModuleLoadingError.self) { try model.load { $0 == "norms.0.bias" ? nil : saved[$0] } }
    #expect(throws: ModuleLoadingError.self) { try model.load { _ in Tensor([1]) } }
    #expect(model.parameters == before.parameters)
  }
}
