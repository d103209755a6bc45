import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite(.serialized) struct TrainingTests {
  private func bytes(_ data: TrainingData, _ options: ModelOptions, threads: Int, seed: UInt64 = 1)
    throws -> [UInt8]
  {
    try Compute.withThreads(threads) {
      try SimulatedExamples.bytes(SimulatedExamples.trained(data, options, seed: seed).model)
    }
  }

  /// For sequences, residues and tables of features; large enough that work is shared.
  @Test(arguments: SimulatedExamples.kinds)
  func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads(_ kind: EncoderOptions.Kind) throws {
    var kinds = [SimulatedExamples.sequences(150, lengths: 60...60), SimulatedExamples.expression()]
    if SimulatedExamples.imageKinds.contains(kind) { kinds.append(try SimulatedExamples.images(150)) }
    if kind != .mlp, kind != .linear, kind != .lesionCNN {
      kinds += [
        SimulatedExamples.sequences(80, lengths: 12...50, tokenLength: 2),
        SimulatedExamples.residues(30, lengths: 10...40), SimulatedExamples.series(150, lengths: 1...60),
      ]
    }
    for data in kinds {
      var options = SimulatedExamples.options(kind, data, members: 2)
      options.training.batchSize = 64
      if data.task == SequenceTask.name {
        (options.sequence.usesBothStrands, options.sequence.shift) = (true, 2)
      }
      let one = try bytes(data, options, threads: 1)
      #expect(try bytes(data, options, threads: 2) == one, "\(kind) of \(data.task)")
      #expect(try bytes(data, options, threads: 2, seed: 2) != one)
    }
  }

  @Test(arguments: SimulatedExamples.kinds)
  func everyArchitectureLearns(_ kind: EncoderOptions.Kind) throws {
    for data in [SimulatedExamples.sequences(80), SimulatedExamples.expression()] {
      var options = SimulatedExamples.options(kind, data, epochs: 20)
      (options.encoder.filters, options.encoder.hiddenSize) = (12, 12)
      options.setDropout(0)
      var losses: [Double] = []
      var training = try Training(data, options: options, seed: 3)
      let outcome = try training.run(onEpoch: { _, report in losses.append(report.loss) })
      #expect(outcome == .finished && losses.count == 20)
      #expect(losses.last! < 0.6 * losses[0], "\(kind) of \(data.task): \(losses)")
    }
  }

  /// Many genes and few samples, with one class three times the other: the default is the penalised optimum.
  @Test func wideTablesAreSolved() throws {
    let (count, genes) = (40, 600)
    var random = SeededGenerator(seed: 8, stream: "wide")
    func isRare(_ sample: Int) -> Bool { sample % 4 == 0 }
    func table(_ count: Int) -> FeatureTable {
      FeatureTable(
        names: (0..<genes).map { "G\($0)" },
        values: (0..<count).flatMap { sample in
          (0..<genes).map { Float((isRare(sample) && $0 < 30 ? 1.5 : 0) + random.nextNormal()) }
        })
    }
    var data = SimulatedExamples.expression(count, genes: genes)
    data.table = table(count)
    data = data.ofClasses(["often", "rare"], (0..<count).map { isRare($0) ? 1 : 0 })
    let options = SimulatedExamples.defaults(data)
    #expect(options.encoder.kind == .linear && options.training.validationShare == 0)
    var training = try Training(data, options: options, seed: 1)
    _ = try training.run()
    let model = training.model
    // At the optimum the gradient of the penalty equals that of the loss for each weight: λ W = (Y - P)ᵀ X /
    // n, and P sums to Y.
    let inputs = model.manifest.inputs[0].preparation.base.encode(data.table)
    let x = try #require(inputs as? EncodedRows).values.scalars
    let linear = try #require(
      model.network.namedTensors.first { $0.name == "members.0.inputs.expression.linear.weight" }
    ).tensor.scalars
    let p = model.predict(data.examples)
    var (pull, weights) = ([Float](repeating: 0, count: genes), [Float](repeating: 0, count: genes))
    var excess: Float = 0
    for gene in 0..<genes {
      weights[gene] = options.training.inputPenalty * linear[genes + gene]
      for sample in 0..<count {
        pull[gene] += ((isRare(sample) ? 1 : 0) - p[2 * sample + 1]) * x[sample * genes + gene] / Float(count)
      }
    }
    for sample in 0..<count { excess += p[2 * sample + 1] - (isRare(sample) ? 1 : 0) }
    let difference = zip(pull, weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(difference < 0.1 * 0.1 * pull.reduce(0) { $0 + $1 * $1 }, "\(difference)")
    #expect(abs(excess) < 0.2, "\(excess)")
    let held = model.examples(idColumn: "id", ids: (0..<200).map { "\($0)" }, records: table(200))
    let said = model.predict(held)
    let right = (0..<200).count { (said[2 * $0 + 1] > 0.5) == isRare($0) }
    #expect(right >= 185, "\(right) of 200")
  }

  @Test func everyTargetLearns() throws {
    for data in [SimulatedExamples.labels(), SimulatedExamples.values(), SimulatedExamples.residues(40)] {
      var options = SimulatedExamples.options(.cnn, data, epochs: 25)
      options.encoder.filters = 16
      options.setDropout(0)
      var losses: [Double] = []
      var training = try Training(data, options: options, seed: 3)
      _ = try training.run(onEpoch: { _, report in losses.append(report.loss) })
      #expect(losses.last! < 0.7 * losses[0], "\(data.examples.target): \(losses)")
      let predictions = SimulatedExamples.predictions(training.model, data)
      #expect(predictions.allSatisfy { $0.isFinite })
      if data.task == ResiduesTask.name {
        #expect(predictions.count == data.sequences.reduce(0) { $0 + $1.count } * 3)
      } else {
        #expect(predictions.count == data.examples.count * 2)
      }
      // Predictions are in the unit of the data.
      if data.examples.target.objective == "values" {
        #expect(abs(predictions[0] - 4) < 4 && abs(abs(predictions[1]) - 5) < 4)
      }
    }
  }

  @Test(arguments: [false, true]) func aRunStoppedAnywhereGoesOnToTheSameBytes(_ refits: Bool) throws {
    for (kind, source) in [
      (EncoderOptions.Kind.cnnLSTM, SimulatedExamples.sequences(50, lengths: 12...20)),
      (.mlp, SimulatedExamples.expression(40)),
    ] {
      var options = SimulatedExamples.options(kind, source, epochs: 2)
      options.training.refits = refits
      if source.task == SequenceTask.name { options.sequence.usesBothStrands = true }
      var data = source
      data.drawValidation(share: 0.2, seed: 1)
      let whole = try SimulatedExamples.trained(data, options)
      #expect(
        whole.isRefit == refits
          && whole.sampleCount == (refits ? data.examples.count : data.division.train.count))
      let expected = try SimulatedExamples.bytes(whole.model)
      let stops = try SimulatedExamples.stoppedRuns(data, options, at: 1..<12, giving: expected)
      #expect(stops >= (refits ? 5 : 3), "\(kind)")
    }
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    let data = SimulatedExamples.sequences(), options = SimulatedExamples.options(.cnn, data, epochs: 1)
    let folder = TemporaryFolder(), path = folder.file("c.checkpoint")
    try SimulatedExamples.trained(data, options, drawsValidation: false).writeCheckpoint(to: path)
    var otherOptions = options
    otherOptions.training.learningRate *= 2
    var tokens = options
    tokens.sequence.tokenLength = 2
    var renamed = data
    renamed.examples.keys = KeyColumns([KeyColumn("name", data.examples.inputs[0].ids)])
    for (other, options, seed, what) in [
      (data, options, 2, "seed 1"), (data, otherOptions, 1, "other options"),
      (data, tokens, 1, "other options"),
      (SimulatedExamples.sequences(seed: 9), options, 1, "other data, or another split"),
      (renamed, options, 1, "another preparation"),
    ] as [(TrainingData, ModelOptions, UInt64, String)] {
      var training = try Training(other, options: options, seed: seed)
      let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: path) }
      #expect(
        error?.kind == .badData && error?.message.hasPrefix("found a checkpoint of \(what), ") == true,
        "\(what): \(error as Any)")
    }
    var training = try Training(data, options: options, seed: 1)
    let model = folder.file("m.safetensors")
    try training.model.write(to: model)
    let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: model) }
    #expect(error?.kind == .badData && error?.message.contains("checkpoint") == true)
    #expect(throws: FormatError.self) { try Model(contentsOf: path) }
  }

  @Test func testExamplesReachNothing() throws {
    func model(_ shift: Float) throws -> Model {
      var data = SimulatedExamples.expression(45)
      for i in (40 * 12)..<(45 * 12) { data.table.values[i] += shift }
      (data.division.train, data.division.validation, data.division.test) = (
        Array(0..<30), Array(30..<40), Array(40..<45)
      )
      data.division.isValidationDrawn = false
      var options = SimulatedExamples.options(.mlp, data)
      options.training.refits = true
      return try SimulatedExamples.trained(data, options, drawsValidation: false).model
    }
    let (one, other) = (try model(0), try model(1000))
    #expect(
      one.manifest.inputs == other.manifest.inputs
        && one.manifest.provenance.metrics == other.manifest.provenance.metrics)
    #expect(
      zip(one.network.namedTensors, other.network.namedTensors).allSatisfy {
        $0.tensor.scalars == $1.tensor.scalars
      })
    // A named validation subset is not used for training in the refit.
    #expect(
      one.manifest.provenance.refitEpochs == 0
        && one.manifest.provenance.examples == ["train": 30, "validation": 10, "test": 5])
  }

  private func refusal(_ data: TrainingData, _ options: ModelOptions) -> String {
    do {
      _ = try Training(data, options: options, seed: 0)
      return "no error"
    } catch { return "\(error)" }
  }

  /// Where sequences differ in length the linear path reads `log(1 + n)` of each 4-mer, with the first letter
  /// as the lowest digit.
  private func countsWords(_ data: TrainingData, _ options: ModelOptions) throws {
    var model = try Training(data, options: options, seed: 1).model
    let path = "members.0.inputs.sequence.linear"
    #expect(model.network.namedTensors.first { $0.name == path + ".weight" }?.tensor.shape == [2, 256])
    // ACGA is 0 + 1 * 4 + 2 * 16 + 0 * 64.
    var weight = [Float](repeating: 0, count: 512)
    weight[36] = 1
    weight[256 + 0] = 1
    model.network.updateTensors { name, _, tensor in
      if name == path + ".weight" {
        tensor = Tensor(weight, shape: [2, 256])
      } else if name.hasPrefix("members.0.head.") || name == path + ".bias" {
        tensor = .zeros(tensor.shape)
      }
    }
    let p = model.predict(sequences: ["ACGACGATT", "AAAAAAA", "ACGNACG", "AC"].map { Array($0.utf8) })
    for (i, (first, second)) in [(2, 0), (0, 4), (0.25, 0), (0, 0)].enumerated()
      as EnumeratedSequence<
        [(Double, Double)]
      >
    {
      #expect(abs(Double(log(p[2 * i] / p[2 * i + 1])) - log1p(first) + log1p(second)) < 1e-5)
    }
  }

  @Test func whatCannotBeLearnedIsSaid() throws {
    var constant = SimulatedExamples.values()
    constant.examples.observations.numbers = [Float](repeating: 2.5, count: 120)
    #expect(
      refusal(constant, SimulatedExamples.options(.cnn, constant))
        == "every training value of 'g' is 2.5, expected values that vary")
    constant.examples.observations.numbers = (0..<120).map { $0 % 2 == 0 ? Float($0) : .nan }
    #expect(
      refusal(constant, SimulatedExamples.options(.cnn, constant))
        == "every training value of 'first' is missing, expected values that vary")
    var one = SimulatedExamples.sequences()
    one.examples.observations.numbers = [Float](repeating: 1, count: 60)
    #expect(
      refusal(one, SimulatedExamples.options(.cnn, one))
        == "every training example is of class 'yes', expected two classes or more")
    var empty = SimulatedExamples.sequences()
    empty.division.train = []
    #expect(refusal(empty, SimulatedExamples.options(.cnn, empty)).contains("empty"))
    let unequal = SimulatedExamples.sequences(lengths: 12...20)
    #expect(
      refusal(unequal, SimulatedExamples.options(.mlp, unequal))
        == "found sequences of 12 to 20 residues, expected one length: a network of the architecture mlp reads all residues at once"
    )
    #expect(refusal(unequal, SimulatedExamples.options(.linear, unequal)) == "no error")
    var path = SimulatedExamples.options(.lstm, unequal)
    path.encoder.hasLinearPath = true
    #expect(refusal(unequal, path) == "no error")
    try countsWords(unequal, path)
    var options = SimulatedExamples.options(.lstm, unequal)
    options.encoder.hiddenSize = 0
    #expect(refusal(unequal, options) == "hiddenSize must be from 1 to 8192 (got 0)")
    let words = SimulatedExamples.sequences(tokenLength: 9)
    #expect(refusal(words, SimulatedExamples.options(.lstm, words)).hasPrefix("found tokens of 9 residues"))
  }

  @Test func aClassOfOneIsSaid() throws {
    var data = SimulatedExamples.sequences()
    data = data.ofClasses(["no", "rare", "yes"], (0..<60).map { $0 == 7 ? 1 : $0 % 2 == 0 ? 2 : 0 })
    let training = try Training(data, options: SimulatedExamples.options(.cnn, data), seed: 0)
    #expect(
      training.report == [
        "network (cnn), \(training.trainer.model.parameterCount) parameters; 60 training and 0 validation sequences",
        "classes: no 29, rare 1, yes 30",
        "the class 'rare' has too few training sequences (1) for useful predictions",
      ])
  }

  /// Whether two neighbours are equal depends on pairs: no single residue is informative.
  @Test func aLinearLayerReadsWordsAtTheirPlaces() throws {
    var random = SeededGenerator(seed: 4)
    let letters = Array("ACGT".utf8)
    var (all, classes) = ([[UInt8]](), [Float]())
    for i in 0..<400 {
      var sequence = (0..<8).map { _ in letters.randomElement(using: &random)! }
      let isEqual = i % 2 == 0
      while (sequence[3] == sequence[4]) != isEqual { sequence[4] = letters.randomElement(using: &random)! }
      all.append(sequence)
      classes.append(isEqual ? 1 : 0)
    }
    func accuracy(_ length: Int, _ kind: EncoderOptions.Kind) throws -> Double {
      var data = SimulatedExamples.sequences(400)
      data.sequences = all
      data.examples.observations.numbers = classes
      data.examples.groups = Array(0..<400)
      (data.division.train, data.division.validation, data.division.test) = (Array(0..<300), [], [])
      var options = SimulatedExamples.options(kind, data, epochs: 20)
      options.encoder.linearWordLength = length
      options.training.learningRate = 0.02
      let model = try SimulatedExamples.trained(data, options).model
      let outputs = model.predict(sequences: Array(all[300...]))
      return Double((0..<100).count { (outputs[$0 * 2 + 1] > 0.5) == (classes[300 + $0] == 1) }) / 100
    }
    // The training examples show it.
    #expect(try accuracy(0, .linear) > 0.95)
    #expect(try accuracy(1, .linear) < 0.7)
    #expect(try accuracy(2, .linear) > 0.95)
    #expect(try accuracy(3, .linear) > 0.95)
  }

  /// A motif at any position does not make positional k-mers useful.
  @Test func wordsAtTheirPlacesAreReadOfAlignedSequencesOnly() throws {
    var random = SeededGenerator(seed: 5)
    let letters = Array("ACGT".utf8), motif = Array("TGTAAATA".utf8)
    func chosen(isAligned: Bool) throws -> Int {
      var data = SimulatedExamples.sequences(300)
      data.sequences = (0..<300).map { i in
        var sequence = (0..<40).map { _ in letters.randomElement(using: &random)! }
        // Both classes have the motif, at either position; or one has it anywhere.
        let place = isAligned ? 11 + i % 2 * 9 : Int.random(in: 0..<32, using: &random)
        if isAligned || i % 2 == 0 { sequence.replaceSubrange(place..<place + 8, with: motif) }
        return sequence
      }
      data.examples.groups = Array(0..<300)
      var options = SimulatedExamples.options(.cnn, data)
      options.encoder.linearWordLength = 0
      return try Training(data, options: options, seed: 1)
        .manifest.options.encoder.linearWordLength
    }
    #expect(try chosen(isAligned: true) == 3)
    #expect(try chosen(isAligned: false) == 1)
  }

  @Test func aRunThatDivergesStops() throws {
    let data = SimulatedExamples.values()
    var options = SimulatedExamples.options(.linear, data, epochs: 30)
    options.training.learningRate = 1e30
    let error = #expect(throws: TrainingError.self) { try SimulatedExamples.trained(data, options) }
    #expect(
      error?.description.contains("diverged") == true && error?.description.contains("\n") == false,
      "\(error as Any)")
  }

  @Test func balancedClassesChangeTheLossOfUnevenOnesOnly() throws {
    func loss(_ isBalanced: Bool, uneven: Bool) throws -> Double {
      var data = SimulatedExamples.sequences()
      if uneven { data.division.train = (0..<60).filter { $0 % 2 == 0 || $0 < 10 } }
      var options = SimulatedExamples.options(.cnn, data, epochs: 1)
      options.training.balancesClasses = isBalanced
      options.training.batchSize = 60
      var losses: [Double] = []
      var training = try Training(data, options: options, seed: 1)
      _ = try training.run(onEpoch: { _, report in losses.append(report.loss) })
      return losses[0]
    }
    #expect(abs(try loss(true, uneven: false) - loss(false, uneven: false)) < 1e-6)
    #expect(try loss(true, uneven: true) != loss(false, uneven: true))
  }
}
