import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

@Suite(.serialized) struct ArchitectureChoiceTests {
  private func options(_ data: TrainingData, epochs: Int = 2) -> ModelOptions {
    var options = SimulatedExamples.options(.cnn, data, epochs: epochs, members: 2)
    options.encoder.candidates = [.lstm, .cnn]
    options.training.validationShare = 0
    return options
  }

  @Test func trainingExamplesChoose() throws {
    let data = SimulatedExamples.series(45, lengths: 2...10)
    let (chosen, choices) = options(data).choosingArchitectures(data, train: Array(0..<45), seed: 1)
    let choice = try #require(choices.first)
    let isFinite = choice.metrics.allSatisfy { $0.isFinite }
    #expect(choices.count == 1 && choice.kinds == [.lstm, .cnn] && isFinite)
    #expect(choice.metricName == "cross_entropy" && choice.input == "series")
    let best = choice.metrics[0] <= choice.metrics[1] ? EncoderOptions.Kind.lstm : .cnn
    #expect(choice.chosen == best && chosen.encoder.kind == best && chosen.encoder.candidates == [])
    #expect(
      choice.report("series").hasPrefix(
        "architecture \(best.rawValue), chosen on 3 inner folds of the training series: cross-entropy lstm "))
    // Test and validation examples choose nothing: without them the choice is the same.
    var part = data
    part.division.train = Array(0..<30)
    part.division.validation = Array(30..<38)
    part.division.test = Array(38..<45)
    let one = options(part).choosingArchitectures(part, train: part.division.train, seed: 1).choices
    part.examples.observations.numbers[30...] = [Float](repeating: 0, count: 15)[...]
    #expect(options(part).choosingArchitectures(part, train: part.division.train, seed: 1).choices == one)
    #expect(one != choices)
  }

  @Test func theChoiceIsKeptAndTheSameWithAnyThreads() throws {
    let data = SimulatedExamples.series(30, lengths: 2...8), options = options(data)
    func trained() throws -> Training {
      try SimulatedExamples.trained(data, options, drawsValidation: false)
    }
    let training = try trained()
    let manifest = training.model.manifest
    #expect(manifest.options.encoder.candidates == [] && training.choices.count == 1)
    #expect(manifest.options.encoder.kind == training.choices[0].chosen)
    for (kind, metric) in zip(training.choices[0].kinds, training.choices[0].metrics) {
      #expect(manifest.provenance.metrics["inner_folds_cross_entropy_\(kind.rawValue)"] == metric)
    }
    #expect(
      training.report.contains {
        $0.hasPrefix("architecture \(training.choices[0].chosen.rawValue), chosen on")
      })
    #expect(training.model.summary.contains("inner_folds_cross_entropy_lstm\t"))
    let dependence = try threadDependence([2, 3]) { try SimulatedExamples.bytes(trained().model) }
    #expect(dependence == nil)
    // A run that was stopped goes on with the same choice.
    let bytes = try SimulatedExamples.bytes(training.model)
    #expect(try SimulatedExamples.stoppedRuns(data, options, at: 1..<3, giving: bytes) == 2)
  }

  /// The second run keeps what the first has chosen.
  @Test func retrainingChoosesNothing() throws {
    let data = SimulatedExamples.series(40, lengths: 2...8)
    var options = options(data)
    (options.training.validationShare, options.training.refits) = (0.2, true)
    let training = try SimulatedExamples.trained(data, options)
    #expect(training.isRefit && training.choices.isEmpty)
    #expect(training.model.manifest.provenance.metrics["inner_folds_cross_entropy_cnn"] != nil)
  }

  @Test func fewExamplesAndGivenKinds() throws {
    let data = SimulatedExamples.series(45, lengths: 2...10)
    // One group cannot fill two folds: the first candidate is taken.
    var one = data
    one.examples.groups = [Int](repeating: 0, count: 45)
    let (options, choices) = options(one).choosingArchitectures(one, train: Array(0..<45), seed: 1)
    #expect(choices.isEmpty && options.encoder.kind == .lstm && options.encoder.candidates == [])
    var given = self.options(data)
    given.encoder.candidates = []
    #expect(given.choosingArchitectures(data, train: Array(0..<45), seed: 1).options == given)
    given.encoder.candidates = [.gru]
    let (single, none) = given.choosingArchitectures(data, train: Array(0..<45), seed: 1)
    #expect(single.encoder.kind == .gru && none.isEmpty)
    given.encoder.candidates = [.lstm, .mlp]
    #expect(given.problem == "candidates must be recurrent or convolutional kinds (got mlp)")
  }

  /// Each fold of a cross-validation chooses by its own training examples, and a search begins with what all have chosen.
  @Test func everyFoldChooses() throws {
    let data = SimulatedExamples.series(30, lengths: 2...8)
    let validation = try CrossValidation(data, options: options(data), folds: 3, repeats: 1, seed: 1)
    var seen: [ArchitectureChoice] = []
    let outcomes = try validation.run(
      repeat: 0, fold: 0, onEpoch: { training, _ in seen = training.choices })
    let names = outcomes.map { $0.map(\.name) }
    #expect(seen.count == 1 && names == ["model", "prior", "nearest_series"])
    let own = try validation.training(repeat: 0, fold: 0)
    #expect(options(data).choosingArchitectures(own, train: own.division.train, seed: 1).choices == seen)
  }
}
