import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct TrainerTests {
  private static let x = Tensor.draws([60, 4])
  private static let y = x.matmul(.draws([4, 1], seed: 2))

  private static func trainer(metricIsLoss: Bool = true) -> Trainer<MultilayerPerceptron> {
    let model = MultilayerPerceptron([4, 8, 1], activation: .tanh, dropout: 0.1, from: .drawing(seed: 5))
    let plan = Trainer<MultilayerPerceptron>.Plan(
      epochs: 4, batchSize: 16, learningRate: 0.02, schedule: .init(.plateau(patience: 0, factor: 0.5)),
      clipNorm: 1,
      patience: 5, averageDecay: 0.9, seed: 3)
    return Trainer(model, optimizer: Adam(), plan: plan, metricIsLoss: metricIsLoss)
  }

  private static func loss(_ model: MultilayerPerceptron, _ samples: [Int], _ context: Context) -> Tensor {
    let rows = samples.map { Int32($0) }
    return squaredError(model(x.gatheredRows(rows), context), y.gatheredRows(rows))
  }

  private static func error(_ model: MultilayerPerceptron) -> Double {
    Double(squaredError(model(x, .inference), y).scalar)
  }

  @Test func trainingLearnsAndKeepsTheBest() throws {
    var trainer = Self.trainer()
    let before = Self.error(trainer.model)
    var reports: [Double] = []
    _ = try trainer.run(sampleCount: 60, loss: Self.loss, validate: Self.error) {
      false
    } onEpoch: { _, report in
      reports.append(report.metric!)
    }
    #expect(reports.count == 4 && trainer.state.epoch == 4)
    #expect(Self.error(trainer.result) < before && Self.error(trainer.result) == reports.min())
  }

  @Test func anInterruptedRunEndsInTheSameBytes() throws {
    var whole = Self.trainer()
    _ = try whole.run(sampleCount: 60, loss: Self.loss, validate: Self.error)
    var first = Self.trainer()
    var steps = 0
    let outcome = try first.run(sampleCount: 60, loss: Self.loss, validate: Self.error) {
      steps += 1
      return steps == 6
    }
    #expect(outcome == .interrupted && first.state.epoch == 1 && first.state.batch == 2)
    var second = Self.trainer()
    let saved = Dictionary(uniqueKeysWithValues: first.tensors.map { ($0.name, $0.tensor) })
    try second.resume(from: first.state, names: first.tensors.map(\.name)) { saved[$0] }
    _ = try second.run(sampleCount: 60, loss: Self.loss, validate: Self.error)
    #expect(second.tensors.map { bits($0.tensor) } == whole.tensors.map { bits($0.tensor) })
    #expect(second.state == whole.state)
  }

  /// Averages of another shape, or fewer than an optimiser keeps, would restart at zeros.
  @Test func averagesThatDoNotFitAreRefused() throws {
    var first = Self.trainer(), steps = 0
    _ = try first.run(sampleCount: 60, loss: Self.loss, validate: Self.error) {
      steps += 1
      return steps == 6
    }
    let saved = Dictionary(uniqueKeysWithValues: first.tensors.map { ($0.name, $0.tensor) })
    func refusal(_ tensors: [String: Tensor]) -> String? {
      var second = Self.trainer()
      do {
        try second.resume(from: first.state, names: tensors.keys.sorted()) { tensors[$0] }
        return nil
      } catch { return "\(error)" }
    }
    #expect(refusal(saved) == nil)
    let name =
      "optimizer/layers.0.weight/" + saved.keys.compactMap {
        $0.hasPrefix("optimizer/layers.0.weight/")
          ? String($0.dropFirst("optimizer/layers.0.weight/".count)) : nil
      }.sorted().first!
    var lost = saved, other = saved
    lost[name] = nil
    other[name] = .zeros([2])
    #expect(refusal(lost) == "the tensor '\(name)' is missing")
    #expect(refusal(other) == "the tensor '\(name)' has the shape [2], which is that of no parameter")
  }

  @Test func plateausFollowMetricsWhereLargerIsBetter() throws {
    var trainer = Self.trainer(metricIsLoss: false)
    var metric = 0.0
    _ = try trainer.run(
      sampleCount: 60, loss: Self.loss,
      validate: { _ in
        metric += 1
        return metric
      })
    #expect(trainer.state.schedule.scale == 1)
  }

  @Test func divergenceIsAnError() {
    var trainer = Self.trainer()
    #expect(throws: Trainer<MultilayerPerceptron>.Diverged.self) {
      _ = try trainer.run(sampleCount: 60, loss: { Self.loss($0, $1, $2) * .infinity }, validate: nil)
    }
  }
}
