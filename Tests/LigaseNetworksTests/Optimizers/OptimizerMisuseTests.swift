import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// A body and two heads, of which a loss may use one.
private struct TwoHeads: Module {
  var body: Linear
  var first: Linear
  var second: Linear

  init() {
    let weights = WeightBuilder.drawing(seed: 1)
    body = Linear(3, 4, from: weights.nested("body"))
    first = Linear(4, 2, from: weights.nested("first"))
    second = Linear(4, 2, from: weights.nested("second"))
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("body", &body)
    visit("first", &first)
    visit("second", &second)
  }
}

@Suite struct UnusedParameterTests {
  /// An unused head has a gradient of zeros, and an optimiser leaves it unchanged.
  @Test func aHeadThatIsNotUsedStaysAsItWas() {
    let x = Tensor.draws([5, 3]), before = TwoHeads()
    var model = before
    let (_, gradient) = valueWithGradient(at: model) { model in
      model.first(model.body(x, .inference).tanh(), .inference).squared().sum()
    }
    #expect(gradient.second.weight == .zeros([2, 4]) && gradient.second.bias! == .zeros([2]))
    #expect(gradient.first.weight.norm > 0 && gradient.body.weight.norm > 0)
    var optimizer = Adam()
    optimizer.update(&model, along: gradient)
    #expect(model.second.weight == before.second.weight && model.first.weight != before.first.weight)
    let (_, none) = valueWithGradient(at: model) { _ in Tensor(1) }
    #expect(none.parameterNorm == 0)
  }
}

// Test bodies with captured values need the testing library of Swift 6.3.
#if compiler(>=6.3)
  /// Wrong use of optimisers and layers stops the program with the reason.
  @Suite struct OptimizerMisuseTests {
    static let all: [String: (expected: String, use: @Sendable () -> Void)] = [
      "Adam": (
        "Adam: body.weight has the shape [4, 3], its gradient [1]",
        { step(Adam()) { $0.body.weight = .ones([1]) } }
      ),
      "SGD": (
        "SGD: first.bias has the shape [2], its gradient [2, 1]",
        { step(SGD(learningRate: 0.1)) { $0.first.bias = .ones([2, 1]) } }
      ),
      "RMSProp": (
        "RMSProp: second.weight has the shape [2, 4], its gradient [4, 2]",
        { step(RMSProp()) { $0.second.weight = .ones([4, 2]) } }
      ),
      "a gradient without a bias": (
        "Adam: 5 gradients for 6 parameters", { step(Adam()) { $0.first.bias = nil } }
      ),
      "an average of another shape": (
        "Adam: body.weight has the shape [4, 3], its average 'square' [3, 4]",
        {
          var optimizer = Adam()
          optimizer.state = ["body.weight/square": .zeros([3, 4])]
          step(optimizer) { _ in }
        }
      ),
      "a velocity of another shape": (
        "SGD: first.weight has the shape [2, 4], its average 'velocity' [1]",
        {
          var optimizer = SGD(learningRate: 0.1, momentum: 0.9)
          optimizer.state = ["first.weight/velocity": .zeros([1])]
          step(optimizer) { _ in }
        }
      ),
      "average of modules": (
        "average: body.weight has the shape [4, 3], and [1] in the other module",
        {
          var model = TwoHeads(), other = model
          other.body.weight = .ones([1])
          model.average(with: other, keeping: 0.5)
        }
      ),
      "BatchNorm": (
        "BatchNorm: the running mean has the shape [1], the channels of the input are 3",
        {
          var layer = BatchNorm(3, from: .drawing(seed: 0))
          layer.runningMean = .zeros([1])
          _ = layer(.ones([2, 3]), .inference)
        }
      ),
      "LayerNorm": (
        "scaledColumns: [2] and [2] do not fit the last axis of [2, 3]",
        { _ = LayerNorm(2, from: .drawing(seed: 0))(.ones([2, 3]), .inference) }
      ),
      "softmaxCrossEntropy labels": (
        "softmaxCrossEntropy: 2 labels and class weights [] for [3, 2]",
        { _ = softmaxCrossEntropy(logits: .ones([3, 2]), labels: [0, 1]) }
      ),
      "softmaxCrossEntropy class weights": (
        "softmaxCrossEntropy: 3 labels and class weights [3] for [3, 2]",
        { _ = softmaxCrossEntropy(logits: .ones([3, 2]), labels: [0, 1, 0], classWeights: .ones([3])) }
      ),
      "binaryCrossEntropy": (
        "binaryCrossEntropy: 3 positive weights for the last axis of [3, 2]",
        { _ = binaryCrossEntropy(logits: .ones([3, 2]), .ones([3, 2]), positiveWeights: .ones([3])) }
      ),
      "loss weights": (
        "huberLoss: 4 weights for 6 numbers",
        { _ = huberLoss(.ones([3, 2]), .ones([3, 2]), weighting: LossWeights(.ones([4]))) }
      ),
      "squaredError": (
        "squaredError: predictions [3, 2] and targets [2, 3]",
        { _ = squaredError(.ones([3, 2]), .ones([2, 3])) }
      ),
    ]

    @Test(arguments: all.keys.sorted()) func stopsWithItsReason(_ name: String) async {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [name] in OptimizerMisuseTests.all[name]!.use() }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains(Self.all[name]!.expected), "\(name): \(text.prefix(300))")
    }
  }

  /// One step with a gradient changed by `change`.
  private func step(_ optimizer: some SavedOptimizer, _ change: (inout TwoHeads) -> Void) {
    var (model, gradient, optimizer) = (TwoHeads(), TwoHeads(), optimizer)
    change(&gradient)
    optimizer.update(&model, along: gradient)
  }
#endif
