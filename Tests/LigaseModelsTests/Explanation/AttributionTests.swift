import Glibc
import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// Attributions add up to the predictions that users see.
@Suite(.serialized) struct AttributionTests {
  private func prepared(_ model: Model, _ data: TrainingData) -> PreparedInputs {
    PreparedExamples(data.examples, as: model.manifest.inputs).inputs
  }

  /// The score that belongs to a prediction.
  private func score(_ model: Model, _ prediction: [Float], _ output: Int) -> Double {
    let value = Double(prediction[output])
    return model.manifest.objective.base.hasProbabilities ? log(value / (1 - value)) : value
  }

  /// Explains some examples, and compares scores with predictions, and sums with differences of scores.
  private func expectAdditivity(
    _ model: Model, _ data: TrainingData, _ name: String, steps: Int = 64, tolerance: Double = 0.02
  ) throws {
    let inputs = prepared(model, data), rows = [0, 3, 4, 7], all = model.predict(inputs, rows: rows)
    let width = all.count / rows.count, k = model.manifest.objective.base.count
    let outputs = rows.indices.map { $0 % k }
    let scores = try ModelScores(model, inputs, rows: rows, outputs: outputs)
    let x = scores.leaves.map(\.values), zeros = x.map { Tensor.zeros($0.shape) }
    var options = GradientMethod.Options()
    options.steps = steps
    let found = try scores.function.attributions(.integratedGradients, x, baselines: [zeros], options)
    for (e, output) in outputs.enumerated() {
      let expected = score(model, Array(all[(e * width)..<((e + 1) * width)]), output)
      #expect(
        abs(found.scores[e] - expected) < 1e-4 * max(1, abs(expected)),
        "\(name): \(found.scores[e]), predicted \(expected)")
      let sum = scores.leaves.indices.reduce(0.0) { sum, leaf in
        let width = x[leaf].count / max(x[leaf].shape[0], 1), offsets = scores.function.offsets[leaf]
        return sum
          + found.values[leaf][(offsets[e] * width)..<(offsets[e + 1] * width)].reduce(0.0) {
            $0 + Double($1)
          }
      }
      let difference = found.scores[e] - found.baselines![e]
      #expect(
        abs(sum - difference) < tolerance * max(abs(difference), 0.1),
        "\(name): \(sum), expected \(difference)")
    }
  }

  @Test(arguments: [
    EncoderOptions.Kind.lstm, .gru, .rnn, .cnn, .cnnLSTM, .dilatedCNN, .mlp, .linear, .layers,
  ])
  func everyArchitectureOfSequences(_ kind: EncoderOptions.Kind) throws {
    for (name, data) in [
      ("classes", SimulatedExamples.sequences(60, lengths: 24...24)), ("labels", SimulatedExamples.labels()),
      ("values", SimulatedExamples.values()),
      ("k-mers", SimulatedExamples.sequences(60, lengths: 24...24, tokenLength: 3)),
    ] {
      let model = try SimulatedExamples.trained(data, SimulatedExamples.options(kind, data)).model
      try expectAdditivity(model, data, "\(name), \(kind)", steps: kind == .layers ? 500 : 64)
    }
  }

  @Test func ensemblesAndBothStrands() throws {
    let data = SimulatedExamples.sequences(60, lengths: 20...30)
    for kind in [EncoderOptions.Kind.cnn, .lstm] {
      var options = SimulatedExamples.options(kind, data, members: 3)
      var modality = options.inputs["sequence"]!.preparation.base as! SequenceModality
      modality.usesBothStrands = true
      options.inputs["sequence"]!.preparation = AnyModality(modality)
      // Counts of k-mers begin where most of a k-mer is there, a kink on the way from no residue.
      try expectAdditivity(
        SimulatedExamples.trained(data, options).model, data, "both strands, \(kind)", steps: 500)
    }
  }

  @Test func expressionGenotypesSeriesAndImages() throws {
    let sets: [(String, TrainingData, EncoderOptions.Kind)] = [
      ("expression", SimulatedExamples.expression(), .mlp),
      ("expression", SimulatedExamples.expression(), .linear),
      ("genotypes", SimulatedExamples.genotypes(60), .mlp), ("series", SimulatedExamples.series(), .lstm),
      ("images", try SimulatedExamples.images(), .lesionCNN),
    ]
    for (name, data, kind) in sets {
      let model = try SimulatedExamples.trained(data, SimulatedExamples.options(kind, data, members: 2)).model
      try expectAdditivity(model, data, "\(name), \(kind)", tolerance: 0.05)
    }
  }

  /// Two inputs, effects of drugs, and the Gaussian process of the blend.
  @Test func pairsAndBlends() throws {
    let training = try SimulatedTraining()
    for blends in [false, true] {
      var options = DrugResponseTask.defaults(for: training.data, TaskChoice(kind: .lstm))
      options.training.epochs = 2
      options.ensemble = 2
      options.blend = blends ? [BlendOptions(GaussianProcess.name)] : []
      let model = try SimulatedExamples.trained(training.data, options).model
      #expect(model.manifest.blend.isEmpty != blends)
      try expectAdditivity(model, training.data, "pairs, \(options.blend.count) blended", steps: 200)
    }
  }

  /// The rescale rule adds up exactly, also over the networks of an ensemble and both strands; gates have none.
  @Test func rescaledChangesAddUp() throws {
    let data = SimulatedExamples.sequences(60, lengths: 24...24)
    var options = SimulatedExamples.options(.mlp, data, members: 2)
    var modality = options.inputs["sequence"]!.preparation.base as! SequenceModality
    modality.usesBothStrands = true
    options.inputs["sequence"]!.preparation = AnyModality(modality)
    let model = try SimulatedExamples.trained(data, options).model
    let scores = try ModelScores(model, prepared(model, data), rows: [0, 1, 2], outputs: [0, 1, 0])
    #expect(scores.leaves.count == 2)
    let x = scores.leaves.map(\.values), zeros = [x.map { Tensor.zeros($0.shape) }]
    let found = try scores.function.attributions(.deepLIFT, x, baselines: zeros)
    for e in 0..<3 {
      let sum = found.values.reduce(0.0) { sum, values in
        let size = values.count / 3
        return sum + values[(e * size)..<((e + 1) * size)].reduce(0.0) { $0 + Double($1) }
      }
      #expect(abs(sum - (found.scores[e] - found.baselines![e])) < 1e-4)
    }
    let gates = try SimulatedExamples.trained(data, SimulatedExamples.options(.lstm, data)).model
    let recurrent = try ModelScores(gates, prepared(gates, data), rows: [0], outputs: [0])
    #expect(throws: ExplanationError.self) {
      _ = try recurrent.function.attributions(
        .deepLIFT, recurrent.leaves.map(\.values),
        baselines: [recurrent.leaves.map { Tensor.zeros($0.values.shape) }])
    }
  }

  /// Expected gradients and SmoothGrad are seeded, and the same with any number of threads.
  @Test func samplesAreSeeded() throws {
    let data = SimulatedExamples.expression()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.mlp, data)).model
    let inputs = prepared(model, data)
    let scores = try ModelScores(model, inputs, rows: [0, 1], outputs: [0, 1])
    let background = try ModelScores(
      model, inputs, rows: Array(2..<12), outputs: [Int](repeating: 0, count: 10))
    let baselines = (0..<10).map { b in
      background.leaves.map { $0.values.gatheredRows([Int32(b), Int32(b)]) }
    }
    func found(_ method: GradientMethod, seed: UInt64, threads: Int = 2) throws -> [UInt32] {
      var options = GradientMethod.Options()
      (options.samples, options.seed) = (40, seed)
      return try Compute.withThreads(threads) {
        try scores.function.attributions(
          method, scores.leaves.map(\.values), baselines: baselines, options
        ).values[0].map(\.bitPattern)
      }
    }
    for method in [GradientMethod.expectedGradients, .smoothGrad] {
      let one = try found(method, seed: 1)
      #expect(try found(method, seed: 1, threads: 1) == one)
      #expect(try found(method, seed: 2) != one)
    }
  }
}
