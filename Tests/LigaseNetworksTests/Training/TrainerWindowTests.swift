import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// A recurrent layer and a linear head.
private struct Tagger: Module {
  var recurrent: Recurrent
  var head: Linear

  init(from weights: WeightBuilder) {
    recurrent = Recurrent(.gru, inputSize: 3, hiddenSize: 5, from: weights.nested("recurrent"))
    head = Linear(5, 2, from: weights.nested("head"))
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("recurrent", &recurrent)
    visit("head", &head)
  }
}

/// Truncated backpropagation through time as in the trainer.
@Suite struct TrainerWindowTests {
  private static let lengths = [11, 4, 7, 8, 9, 2, 11]
  private static let inputs = lengths.enumerated().map { Tensor.draws([$1, 3], seed: UInt64($0)) }
  private static let targets = lengths.enumerated().map { Tensor.draws([$1, 2], seed: UInt64(50 + $0)) }

  private static func batch(_ tensors: [Tensor], _ samples: [Int]) -> Grids {
    Grids(
      values: .concatenatedRows(samples.map { tensors[$0] }),
      layout: GridLayout(lengths: samples.map { lengths[$0] }))
  }

  private static func loss(
    _ model: Tagger, _ samples: [Int], _ steps: Range<Int>, _ states: [RecurrentState]?, _ context: Context
  ) -> (loss: LossSum, states: [RecurrentState]) {
    let (outputs, final) = model.recurrent(batch(inputs, samples).steps(steps), initial: states, context)
    let predictions = model.head(outputs.values, context)
    return (.squaredError(predictions, batch(targets, samples).steps(steps).values), final)
  }

  private static func trainer(parts: Int = 1, epochs: Int = 2) -> Trainer<Tagger> {
    Trainer(
      Tagger(from: .drawing(seed: 4)), optimizer: SGD(learningRate: 0.1, momentum: 0.9),
      plan: .init(epochs: epochs, batchSize: 4, learningRate: 0.1, parts: parts, seed: 2))
  }

  private static func walk(_ trainer: inout Trainer<Tagger>, window: Int) throws {
    _ = try trainer.run(
      sampleCount: lengths.count, window: window, length: { $0.map { lengths[$0] }.max() ?? 0 }, loss: loss,
      validate: nil)
  }

  @Test(arguments: [1, 2]) func aWholeWindowIsFullBackpropagation(_ parts: Int) throws {
    var (full, windows) = (Self.trainer(parts: parts), Self.trainer(parts: parts))
    _ = try full.run(
      sampleCount: Self.lengths.count,
      loss: { model, samples, context in Self.loss(model, samples, 0..<11, nil, context).loss }, validate: nil
    )
    try Self.walk(&windows, window: 11)
    #expect(windows.state.step == 4 && full.state.step == 4)
    #expect(abs(windows.state.schedule.scale - full.state.schedule.scale) == 0)
    for (a, b) in zip(windows.model.parameters, full.model.parameters) {
      #expect(mismatch(a, b, tolerance: 1e-6) == nil)
    }
  }

  @Test func aStepIsTakenForEachWindow() throws {
    var trainer = Self.trainer(epochs: 1)
    var losses: [Double] = []
    _ = try trainer.run(
      sampleCount: 7, window: 4, length: { $0.map { Self.lengths[$0] }.max() ?? 0 }, loss: Self.loss,
      validate: nil, onEpoch: { _, report in losses.append(report.loss) })
    // Eleven time steps are three windows; either batch has a sequence of eleven or nine.
    #expect(trainer.state.step >= 5)
    #expect(losses.count == 1 && losses[0].isFinite)
    // Computed directly: the same windows with the states carried on.
    var model = Tagger(from: .drawing(seed: 4))
    var optimizer = SGD(learningRate: 0.1, momentum: 0.9)
    var order = Array(0..<7)
    var shuffler = SeededGenerator(seed: 2, stream: "shuffle", step: 0)
    shuffler.shuffle(&order)
    for samples in [Array(order[..<4]), Array(order[4...])] {
      let length = samples.map { Self.lengths[$0] }.max()!
      var states: [RecurrentState]?
      for start in stride(from: 0, to: length, by: 4) {
        let before = states
        let (_, gradient) = valueWithGradient(at: model) { model in
          let (loss, after) = Self.loss(
            model, samples, start..<min(start + 4, length), before, .inference)
          states = after.map(\.detached)
          return loss.mean
        }
        optimizer.update(&model, along: gradient)
      }
    }
    #expect(model.parameters.map(bits) == trainer.model.parameters.map(bits))
  }

  @Test func partsCarryTheirOwnStates() throws {
    var (whole, cut) = (Self.trainer(), Self.trainer(parts: 3))
    try Self.walk(&whole, window: 3)
    try Self.walk(&cut, window: 3)
    for (a, b) in zip(cut.model.parameters, whole.model.parameters) {
      #expect(mismatch(a, b, tolerance: 1e-5) == nil)
    }
  }
}
