import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// A linear layer, a normalisation over the batch, and a linear layer.
private struct Normalized: Module {
  var first = Linear(4, 3, from: .drawing(seed: 1))
  var norm = BatchNorm(3, from: .drawing(seed: 1))
  var last = Linear(3, 1, from: .drawing(seed: 2))

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("first", &first)
    visit("norm", &norm)
    visit("last", &last)
  }

  func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
    last(norm(first(x, context).relu(), context), context)
  }
}

@Suite struct StatisticsTests {
  private static let x = Tensor.draws([64, 4])
  private static let y = x.matmul(.draws([4, 1], seed: 2))

  private static func loss(_ model: Normalized, _ samples: [Int], _ context: Context) -> Tensor {
    let rows = samples.map { Int32($0) }
    return squaredError(model(x.gatheredRows(rows), context), y.gatheredRows(rows))
  }

  private static func error(_ model: Normalized) -> Double {
    Double(squaredError(model(x, .inference), y).scalar)
  }

  /// The weights that are validated and kept are averages; their statistics are those of the training samples under
  /// these weights, not averages of what the weights before them had.
  @Test(arguments: [true, false]) func theKeptWeightsHaveTheirOwnStatistics(_ validates: Bool) throws {
    let plan = Trainer<Normalized>.Plan(
      epochs: 3, batchSize: 16, learningRate: 0.3, averageDecay: 0.9, seed: 3)
    var trainer = Trainer(Normalized(), optimizer: Adam(), plan: plan)
    var metrics: [Double] = []
    _ = try trainer.run(sampleCount: 64, loss: Self.loss, validate: validates ? Self.error : nil) {
      false
    } onEpoch: { _, report in
      if let metric = report.metric { metrics.append(metric) }
    }
    let kept = trainer.result, rows = kept.first(Self.x, .inference).relu()
    let values = rows.scalars
    for channel in 0..<3 {
      let own = stride(from: channel, to: values.count, by: 3).map { Double(values[$0]) }
      let mean = own.reduce(0, +) / 64
      // Four batches of 16 are all 64 samples.
      #expect(abs(Double(kept.norm.runningMean.scalars[channel]) - mean) < 1e-5)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 63
      #expect(abs(Double(kept.norm.runningVariance.scalars[channel]) / variance - 1) < 0.25)
      #expect(abs(Double(trainer.model.norm.runningMean.scalars[channel]) - mean) > 1e-4)
    }
    if validates { #expect(metrics.min() == Self.error(kept)) }
  }
}
