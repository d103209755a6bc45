import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite(.serialized) struct DrugResponseTaskTests {
  @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
    // Large enough that every operation is shared.
    let simulated = try SimulatedTraining(SimulatedStudy(lines: 120, genes: 160, drugs: 40, pairs: 4000))
    for setting in [DrugResponseTask.Setting.known, .newCellLines] {
      var options = DrugResponseTask.defaults(for: simulated.data, TaskChoice(setting: setting.rawValue))
      options.drugs.hiddenSize = 24
      options.training.epochs = 2
      options.training.batchSize = 1500
      let models = try [1, 2, 3].map { threads in
        try Compute.withThreads(threads) { try SimulatedTraining.bytes(simulated.trained(options).model) }
      }
      #expect(models[0] == models[1] && models[0] == models[2])
      #expect(try SimulatedTraining.bytes(simulated.trained(options, seed: 2).model) != models[0])
    }
  }

  @Test(arguments: SimulatedTraining.encoders)
  func everyEncoderLearns(_ encoder: EncoderOptions.Kind) throws {
    let simulated = try SimulatedTraining()
    for setting in DrugResponseTask.Setting.allCases {
      var options = simulated.options(for: setting, encoder: encoder, epochs: 12)
      options.lines.inputDropout = 0
      options.training.batchSize = 32
      options.training.patience = 0
      options.training.offsets = []
      options.blend = []
      var losses: [Double] = [],
        training = try Training(simulated.data, options: options, seed: 3)
      let outcome = try training.run(onEpoch: { _, report in losses.append(report.loss) })
      #expect(outcome == .finished && losses.count == 12)
      #expect(losses.last! < 0.8 * losses[0], "\(encoder) \(setting): \(losses)")
    }
  }

  /// The refit, on all pairs, is stopped and resumed like the first run.
  @Test(arguments: [false, true]) func aRunStoppedAnywhereGoesOnToTheSameBytes(_ refits: Bool) throws {
    let simulated = try SimulatedTraining()
    var options = simulated.options(epochs: 3)
    options.training.batchSize = 50
    options.training.refits = refits
    let whole = try simulated.trained(options)
    #expect(whole.isRefit == refits && whole.manifest.provenance.examples["train"] == (refits ? 250 : 225))
    let expected = try SimulatedTraining.bytes(whole.model)
    let stops = try SimulatedExamples.stoppedRuns(simulated.data, options, at: 1..<30, giving: expected)
    #expect(stops >= (refits ? 18 : 14))
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    let simulated = try SimulatedTraining(), options = simulated.options(epochs: 1)
    let folder = TemporaryFolder(), path = folder.file("c.checkpoint")
    try simulated.trained(options).writeCheckpoint(to: path)
    var otherOptions = options
    otherOptions.training.learningRate *= 2
    var plain = options, profiles = ExpressionModality()
    profiles.zscore = false
    plain.inputs[ExpressionModality.name]!.preparation = AnyModality(profiles)
    let otherData = try SimulatedTraining(SimulatedStudy(seed: 9))
    for (other, options, seed, what) in [
      (simulated, options, 2, "seed 1"), (simulated, otherOptions, 1, "other options"),
      (otherData, options, 1, "other data, or another split"),
      (simulated, plain, 1, "other options"),
    ] {
      var training = try Training(other.data, options: options, seed: UInt64(seed))
      let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: path) }
      #expect(error?.kind == .badData && error?.message.hasPrefix("found a checkpoint of \(what), ") == true)
    }
    var training = try Training(simulated.data, options: options, seed: 1)
    let model = folder.file("m.safetensors")
    try simulated.trained(options).model.write(to: model)
    let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: model) }
    #expect(error?.kind == .badData && error?.message.contains("checkpoint") == true)
  }

  @Test func validationRowsAreNotLearnedFrom() throws {
    // A change of the validation and test responses changes nothing but the metric.
    let study = SimulatedStudy()
    func model(_ shift: Float) throws -> Model {
      let values = study.pairs.map { $0.line < 20 ? $0.response : $0.response + shift }
      let simulated = try SimulatedTraining(study, values: values) { line, _ in
        line < 20 ? .train : line < 25 ? .validation : .test
      }
      var options = simulated.options(epochs: 1)
      options.training.offsets = [SMILESModality.name]
      return try simulated.trained(options).model
    }
    let (one, other) = (try model(0), try model(100))
    #expect(
      one.manifest.objective == other.manifest.objective && one.manifest.inputs == other.manifest.inputs)
    #expect(Set(one.manifest.inputs[0].known) == Set(study.lines[..<20]))
    #expect(
      zip(one.namedTensors, other.namedTensors).allSatisfy { $0.tensor.scalars == $1.tensor.scalars })
    #expect(one.manifest.provenance.metrics != other.manifest.provenance.metrics)
  }

  @Test func testResponsesReachNothingAtAll() throws {
    let study = SimulatedStudy()
    func model(_ factor: Float) throws -> Model {
      let values = study.pairs.map { $0.line < 25 ? $0.response : $0.response * factor }
      let simulated = try SimulatedTraining(study, values: values) { line, _ in
        line < 20 ? .train : line < 25 ? .validation : .test
      }
      var options = simulated.options(for: .newCellLines, epochs: 2)
      options.training.batchSize = 40
      return try simulated.trained(options).model
    }
    let (one, other) = (try model(1), try model(-30))
    #expect(zip(one.namedTensors, other.namedTensors).allSatisfy { $0.tensor.scalars == $1.tensor.scalars })
    #expect(one.manifest.provenance.metrics == other.manifest.provenance.metrics)
    #expect(one.manifest.blend == other.manifest.blend && one.manifest.blend[0].sizes[0] == 25)
  }

  @Test func whatCannotBeLearnedIsSaid() throws {
    let study = SimulatedStudy()
    let simulated = try SimulatedTraining(
      study, values: [Float](repeating: 2.5, count: study.pairs.count))
    let error = #expect(throws: JoinError.self) {
      try Training(simulated.data, options: simulated.options(), seed: 0)
    }
    #expect(error?.description == "every training value of 'value' is 2.5, expected values that vary")
  }

  @Test func thePurposeIsWhatTheSplitKeepsApart() throws {
    for (setting, part) in [
      (DrugResponseTask.Setting.known, { ($0 + $1) % 5 == 0 ? Split.Subset.test : .train }),
      (.newCellLines, { line, _ in line < 24 ? .train : .test }),
      (.newDrugs, { _, drug in drug < 7 ? .train : .test }),
    ] as [(DrugResponseTask.Setting, (Int, Int) -> Split.Subset)] {
      let data = try SimulatedTraining(part: part).data
      #expect(DrugResponseTask.defaults(for: data, TaskChoice()).setting == setting.rawValue)
    }
  }
}
