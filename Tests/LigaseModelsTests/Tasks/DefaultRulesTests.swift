import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

/// Defaults change gradually with the amount of data: a few more examples or features change no number by
/// much.
@Suite struct DefaultRulesTests {
  /// Powers of 2 from 32 to 65,536, the numbers between them, and their neighbours, ascending.
  private static let counts: [Int] = {
    let powers = (5...16).flatMap { [1 << $0, 3 << ($0 - 1)] }
    let anchors = [1000, 2000, 2500, 4000, 5000, 10_000, 30_000, 60_000]
    return Set((powers + anchors).flatMap { [$0 - 1, $0, $0 + 1] }).sorted()
  }()

  /// The numeric options, by name.
  private static func numbers(_ options: ModelOptions) -> [String: Double] {
    let t = options.training
    var found = [
      "ensemble": Double(options.ensemble), "head.dropout": Double(options.head.dropout),
      "fusion.size": Double(options.fusion.size), "fusion.dropout": Double(options.fusion.dropout),
      "epochs": Double(t.epochs), "batchSize": Double(t.batchSize), "learningRate": Double(t.learningRate),
      "weightDecay": Double(t.weightDecay), "inputPenalty": Double(t.inputPenalty),
      "averageDecay": Double(t.averageDecay), "warmup": Double(t.warmup), "clipNorm": Double(t.clipNorm),
    ]
    for (name, input) in options.inputs {
      let encoder = input.encoder
      found["\(name).inputDropout"] = Double(encoder.inputDropout)
      found["\(name).dropout"] = Double(encoder.dropout)
      found["\(name).hiddenSize"] = Double(encoder.hiddenSize)
      found["\(name).filters"] = Double(encoder.filters)
      found["\(name).linearWordLength"] = Double(encoder.linearWordLength)
      found["\(name).factorPenalty"] = Double(encoder.factorPenalty)
      found["\(name).unknownRate"] = Double(encoder.unknownRate)
    }
    return found
  }

  /// The smallest relative change of a number where `few` becomes `many`: whole numbers change by at least
  /// one.
  private static func expectSmallChanges(
    _ few: (Int, [String: Double]), _ many: (Int, [String: Double]), _ what: String
  ) {
    let growth = Double(many.0) / Double(few.0) - 1
    for (name, value) in few.1 {
      let other = many.1[name] ?? .nan, scale = max(abs(value), abs(other))
      let isWhole = ["epochs", "batchSize", "ensemble"].contains(name)
      let allowed = scale * (1.5 * growth + 0.005) + (isWhole ? 1.5 + 0.04 * scale : 0)
      #expect(abs(value - other) <= allowed, "\(what), \(name): \(few.0) \(value), \(many.0) \(other)")
    }
  }

  private static func options(
    _ data: TrainingData, _ count: Int, _ choice: TaskChoice = TaskChoice()
  ) throws -> ModelOptions {
    var data = data
    data.division.train = Array(repeating: 0, count: count)
    let tasks: [any Task.Type] = [
      SequenceTask.self, ResiduesTask.self, ExpressionTask.self, GenotypeTask.self, DrugResponseTask.self,
    ]
    return try #require(tasks.first { $0.name == data.task }).defaults(for: data, choice)
  }

  @Test func moreExamplesChangeNumbersByLittle() throws {
    var cases: [(what: String, data: TrainingData, choice: TaskChoice)] = [
      ("sequences", SimulatedExamples.sequences(), TaskChoice()),
      ("values of sequences", SimulatedExamples.values(lengths: 12...20), TaskChoice()),
      ("residues", SimulatedExamples.residues(), TaskChoice()),
      ("expression", SimulatedExamples.expression(), TaskChoice(kind: .mlp)),
      ("expression, linear", SimulatedExamples.expression(), TaskChoice(kind: .linear)),
      ("genotypes", SimulatedExamples.genotypes(20), TaskChoice(kind: .mlp)),
    ]
    let screen = try SimulatedTraining().data
    cases += DrugResponseTask.Setting.allCases.map {
      ($0.rawValue, screen, TaskChoice(setting: $0.rawValue))
    }
    for (what, data, choice) in cases {
      let found = try Self.counts.map { ($0, Self.numbers(try Self.options(data, $0, choice))) }
      for (few, many) in zip(found, found.dropFirst()) { Self.expectSmallChanges(few, many, what) }
    }
  }

  @Test func moreFeaturesChangeNumbersByLittle() throws {
    let samples = 40, ratio = FeatureDefaults.Constants.wideRatio
    let widths = Set(
      [10, 20, 50, 100, 200, 300, ratio * samples, 500, 1000].flatMap { [$0 - 1, $0, $0 + 1] })
    for kind in [EncoderOptions.Kind.linear, .mlp] {
      let found = try widths.sorted().map { width in
        let data = SimulatedExamples.expression(samples, genes: width)
        return (width, Self.numbers(try Self.options(data, samples, TaskChoice(kind: kind))))
      }
      for (few, many) in zip(found, found.dropFirst()) { Self.expectSmallChanges(few, many, "\(kind)") }
    }
    // The choice of the network is discrete, and made at one number of features.
    func kind(_ width: Int) throws -> EncoderOptions.Kind {
      try Self.options(SimulatedExamples.expression(samples, genes: width), samples).encoder.kind
    }
    #expect(try kind(ratio * samples - 1) == .mlp)
    #expect(try kind(ratio * samples) == .linear)
  }

  /// Discrete choices change once, and only those in the documentation do.
  @Test func aValidationSubsetIsDrawnFromOneNumberOn() throws {
    let sequences = SimulatedExamples.sequences(), values = SimulatedExamples.values()
    var drawn: [Bool] = []
    for count in Self.counts {
      let training = try Self.options(sequences, count).training
      drawn.append(training.validationShare > 0)
      #expect(!training.refits && (training.patience > 0) == drawn.last)
      if drawn.last == true {
        let rows = Double(count) * training.validationShare
        #expect(rows >= Double(SequenceTask.Constants.validationRows) - 1)
      }
      let ofValues = try Self.options(values, count).training
      #expect(ofValues.validationShare > 0 && ofValues.refits)
    }
    #expect(zip(drawn, drawn.dropFirst()).count { $0 != $1 } == 1 && drawn.first == false)
  }

  /// A training has about the same number of steps whatever the number of examples, within the limits of its epochs.
  @Test func stepsAreTheRule() throws {
    for setting in [DrugResponseTask.Setting.known, .newCellLines, .newDrugs] {
      let screen = try SimulatedTraining().data
      func steps(_ count: Int) throws -> Double {
        let training = try Self.options(screen, count, TaskChoice(setting: setting.rawValue)).training
        return Double(training.epochs) * Double(count) / Double(training.batchSize)
      }
      let expected = try steps(57_344)
      for count in [6000, 8192, 12_345, 16_384, 40_000] {
        #expect(abs(try steps(count) / expected - 1) < 0.05, "\(setting) \(count)")
      }
      #expect(try steps(100) < expected && steps(200_000) > expected)
    }
  }

  @Test func aLogLinearRuleMeetsItsAnchors() {
    let rule = LogLinearRule(0.5, upTo: 100, 0.1, from: 10_000)
    #expect(rule(1) == 0.5 && rule(100) == 0.5 && rule(10_000) == 0.1 && rule(1_000_000) == 0.1)
    #expect(isClose(rule(1000), 0.3, 1e-12) && rule(101) < 0.5)
  }

  @Test func aBudgetBoundsTheEpochs() {
    let rule = StepRule(steps: 1000, batchesPerEpoch: 10, batchSizes: 16...64, epochs: 5...100)
    #expect(rule.batchSize(1) == 16 && rule.batchSize(400) == 40 && rule.batchSize(5000) == 64)
    #expect(rule.epochs(400) == 100 && rule.epochs(6400) == 10 && rule.epochs(1_000_000) == 5)
    #expect(rule.epochs(400, size: 50, budget: 1000) == 20 && rule.epochs(400, size: 50, budget: 50) == 5)
  }
}
