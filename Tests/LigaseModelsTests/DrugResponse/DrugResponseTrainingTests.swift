import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite(.serialized) struct DrugResponseTrainingTests {
  @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
    // Large enough that every operation is shared out.
    let simulated = try SimulatedTraining(SimulatedStudy(lines: 120, genes: 160, drugs: 40, pairs: 4000))
    var options = DrugResponseOptions(for: .known)
    options.architecture.drugHidden = 24
    options.training.epochs = 2
    options.training.batchSize = 1500
    for purpose in [DrugResponseOptions.Purpose.known, .newLines] {
      if purpose == .newLines {
        (options.training.residual, options.training.kernelShare) = (.drug, 0.5)
        options.architecture.hasLinearPath = true
      }
      let models = try [1, 2, 3].map { threads in
        try Compute.withThreads(threads) { try SimulatedTraining.bytes(simulated.trained(options).model) }
      }
      #expect(models[0] == models[1] && models[0] == models[2])
      #expect(try SimulatedTraining.bytes(simulated.trained(options, seed: 2).model) != models[0])
    }
  }

  @Test(arguments: DrugResponseArchitecture.DrugEncoder.allCases)
  func everyEncoderLearns(_ encoder: DrugResponseArchitecture.DrugEncoder) throws {
    let simulated = try SimulatedTraining()
    for purpose in DrugResponseOptions.Purpose.allCases {
      var options = SimulatedTraining.options(for: purpose, encoder: encoder, epochs: 12)
      options.architecture.geneDropout = 0
      options.training.batchSize = 32
      options.training.patience = 0
      options.training.residual = .mean
      options.training.kernelShare = 0
      var losses: [Double] = [],
        training = try DrugResponseTraining(simulated.data, options: options, seed: 3)
      let outcome = try training.run(onEpoch: { _, report in losses.append(report.loss) })
      #expect(outcome == .finished && losses.count == 12)
      #expect(losses.last! < 0.8 * losses[0], "\(encoder) \(purpose): \(losses)")
    }
  }

  /// The second run, on all pairs, is stopped and taken up like the first.
  @Test(arguments: [false, true]) func aRunStoppedAnywhereGoesOnToTheSameBytes(_ refits: Bool) throws {
    let simulated = try SimulatedTraining()
    var options = SimulatedTraining.options(epochs: 3)
    options.training.batchSize = 50
    options.training.refits = refits
    let whole = try simulated.trained(options)
    #expect(whole.isRefit == refits && whole.manifest.provenance.pairs["train"] == (refits ? 250 : 225))
    let expected = try SimulatedTraining.bytes(whole.model)
    let folder = TemporaryFolder(), path = folder.file("c.checkpoint")
    var stops = 0
    for stop in 1..<30 {
      var steps = 0
      func isStopped(_ training: inout DrugResponseTraining) throws -> Bool {
        try training.run(shouldStop: { steps == stop }, onStep: { _, _, _ in steps += 1 }) == .interrupted
      }
      var first = try DrugResponseTraining(simulated.data, options: options, seed: 1)
      if try !isStopped(&first) {
        guard let again = try first.refit() else { continue }
        first = again
        guard try isStopped(&first) else { continue }
      }
      stops += 1
      try first.writeCheckpoint(to: path)
      var second = try DrugResponseTraining(simulated.data, options: options, seed: 1)
      try second.resume(fromCheckpoint: path)
      #expect(second.trainer.state == first.trainer.state && second.isRefit == first.isRefit)
      #expect(try second.run() == .finished)
      if let again = try second.refit() {
        second = again
        #expect(try second.run() == .finished)
      }
      #expect(try SimulatedTraining.bytes(second.model) == expected, "stopped after step \(stop)")
    }
    #expect(stops >= (refits ? 18 : 14))
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    let simulated = try SimulatedTraining(), options = SimulatedTraining.options(epochs: 1)
    let folder = TemporaryFolder(), path = folder.file("c.checkpoint")
    try simulated.trained(options).writeCheckpoint(to: path)
    var otherOptions = options
    otherOptions.training.learningRate *= 2
    let otherData = try SimulatedTraining(SimulatedStudy(seed: 9))
    for (other, options, seed, what) in [
      (simulated, options, 2, "seed 1"), (simulated, otherOptions, 1, "other options"),
      (otherData, options, 1, "other data, or another split"),
      (try SimulatedTraining(isScaled: false), options, 1, "another preparation"),
    ] {
      var training = try DrugResponseTraining(other.data, options: options, seed: UInt64(seed))
      let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: path) }
      #expect(error?.kind == .badData && error?.message.hasPrefix("found a checkpoint of \(what), ") == true)
    }
    var training = try DrugResponseTraining(simulated.data, options: options, seed: 1)
    let model = folder.file("m.safetensors")
    try simulated.trained(options).model.write(to: model)
    let error = #expect(throws: FormatError.self) { try training.resume(fromCheckpoint: model) }
    #expect(error?.kind == .badData && error?.message.contains("checkpoint") == true)
  }

  @Test func validationRowsAreNotLearnedFrom() throws {
    // A change of the responses that validate and test changes nothing but the metric.
    let study = SimulatedStudy()
    func model(_ shift: Float) throws -> DrugResponseModel {
      var simulated = try SimulatedTraining(study) { line, _ in
        line < 20 ? .train : line < 25 ? .validation : .test
      }
      let table = try Table(
        bytes: Array(
          ("line,drug,value\n"
            + study.pairs.map {
              "\(study.lines[$0.line]),\(study.drugs[$0.drug]),\($0.line < 20 ? $0.response : $0.response + shift)\n"
            }.joined()).utf8))
      simulated.data.pairs = try DrugResponsePairs(
        table, lineIDs: study.lines, drugIDs: study.drugs, target: "value")
      var options = SimulatedTraining.options(epochs: 1)
      options.training.residual = .drug
      return try simulated.trained(options).model
    }
    let (one, other) = (try model(0), try model(100))
    #expect(
      one.manifest.baseline == other.manifest.baseline && one.manifest.expression == other.manifest.expression
    )
    #expect(one.manifest.lines == study.lines[..<20].filter { one.manifest.lines.contains($0) })
    #expect(one.manifest.lines.count == 20)
    #expect(
      zip(one.namedTensors, other.namedTensors).allSatisfy { $0.tensor.scalars == $1.tensor.scalars })
    #expect(one.manifest.provenance.metrics != other.manifest.provenance.metrics)
  }

  @Test func testResponsesReachNothingAtAll() throws {
    let study = SimulatedStudy()
    func model(_ factor: Float) throws -> DrugResponseModel {
      var simulated = try SimulatedTraining(study) { line, _ in
        line < 20 ? .train : line < 25 ? .validation : .test
      }
      let text = study.pairs.map {
        "\(study.lines[$0.line]),\(study.drugs[$0.drug]),\($0.line < 25 ? $0.response : $0.response * factor)\n"
      }.joined()
      simulated.data.pairs = try DrugResponsePairs(
        Table(bytes: Array(("line,drug,value\n" + text).utf8)), lineIDs: study.lines, drugIDs: study.drugs,
        target: "value")
      var options = SimulatedTraining.options(for: .newLines, epochs: 2)
      options.training.batchSize = 40
      return try simulated.trained(options).model
    }
    let (one, other) = (try model(1), try model(-30))
    #expect(zip(one.namedTensors, other.namedTensors).allSatisfy { $0.tensor.scalars == $1.tensor.scalars })
    #expect(one.manifest.provenance.metrics == other.manifest.provenance.metrics)
    #expect(one.manifest.kernelLines == 25)
  }

  @Test func whatCannotBeLearnedIsSaid() throws {
    var simulated = try SimulatedTraining()
    let constant =
      "line,drug,value\n" + simulated.study.pairs.map { "L\($0.line),D\($0.drug),2.5\n" }.joined()
    simulated.data.pairs = try DrugResponsePairs(
      Table(bytes: Array(constant.utf8)), lineIDs: simulated.study.lines, drugIDs: simulated.study.drugs,
      target: "value")
    let error = #expect(throws: JoinError.self) {
      try DrugResponseTraining(simulated.data, options: SimulatedTraining.options(), seed: 0)
    }
    #expect(error?.description == "every training response is 2.5, expected responses that vary")
  }

  @Test func thePurposeIsWhatTheSplitKeepsApart() throws {
    for (purpose, part) in [
      (DrugResponseOptions.Purpose.known, { ($0 + $1) % 5 == 0 ? Split.Part.test : .train }),
      (.newLines, { line, _ in line < 24 ? .train : .test }),
      (.newDrugs, { _, drug in drug < 7 ? .train : .test }),
    ] as [(DrugResponseOptions.Purpose, (Int, Int) -> Split.Part)] {
      let data = try SimulatedTraining(part: part).data
      #expect(DrugResponseOptions.Purpose(pairs: data.pairs, split: data.split) == purpose)
    }
  }
}
