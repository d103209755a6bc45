import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// A prediction has the same bits whatever examples share its batch and however many they are.
@Suite struct BatchIndependenceTests {
  static let batches = [1, 2, 31, 32, 33, 100]

  /// The inputs of some examples, as if no others had been asked about.
  private func inputs(_ data: SupervisedData, _ rows: [Int]) -> RawInputs {
    switch data.examples.inputs {
    case .sequences(let all): return .sequences(rows.map { all[$0] })
    case .features(let table):
      let width = table.names.count
      return .features(
        FeatureTable(
          names: table.names, values: rows.flatMap { table.values[($0 * width)..<(($0 + 1) * width)] }))
    }
  }

  /// Compares predictions of batches of consecutive examples with those of each example alone.
  private func expectEachAlone(_ model: SupervisedModel, _ data: SupervisedData, _ name: String) {
    func predict(_ rows: [Int]) -> [UInt32] {
      model.predict(model.manifest.features.encode(inputs(data, rows))).map(\.bitPattern)
    }
    let count = data.examples.count, each = (0..<count).map { predict([$0]) }
    let expected = Array(each.joined())
    for threads in [1, 2] {
      let isSame = Compute.withThreads(threads) { predict(Array(0..<count)) } == expected
      #expect(isSame, "\(name): all, threads: \(threads)")
    }
    // Mixed lengths stand together: examples from all over the data.
    for batch in Self.batches {
      for first in [0, 7] {
        let rows = (0..<batch).map { (first + $0 * 37) % count }
        let isSame = predict(rows) == rows.flatMap { each[$0] }
        #expect(isSame, "\(name): \(batch) examples from \(first)")
      }
    }
  }

  /// Diploid genotypes of three populations, some unknown.
  private static func genotypes(_ count: Int, sites: Int = 90) -> SupervisedData {
    var random = SeededGenerator(seed: 5, stream: "genotypes")
    let frequencies = (0..<(3 * sites)).map { _ in 0.1 + 0.8 * random.nextUniform() }
    let values = (0..<(count * sites)).map { i -> Float in
      let frequency = frequencies[(i / sites % 3) * sites + i % sites]
      let alleles = (0..<2).count { _ in random.nextUniform() < frequency }
      return random.nextUniform() < 0.05 ? .nan : Float(alleles)
    }
    let names = (0..<sites).map { "1:\($0 + 1):A:G" }
    return SupervisedData(
      task: .genotype,
      examples: Examples(
        idColumn: "sample", ids: (0..<count).map { "s\($0)" },
        inputs: .features(FeatureTable(names: names, values: values)), target: .classes(["A", "B", "C"]),
        observations: .classes((0..<count).map { Int32($0 % 3) }), groups: Array(0..<count)),
      plan: .genotype(
        sites: (0..<sites).map {
          VariantSite(contig: "1", position: $0 + 1, reference: "A", alternate: "G", id: "")
        }, missing: .flag))
  }

  /// Sequences of one and of mixed lengths, as residues and as k-mers, residues, expression and genotypes.
  @Test(arguments: Architecture.Kind.allCases) func everyArchitectureAndTask(_ kind: Architecture.Kind) throws
  {
    var kinds = [
      ("sequences of one length", SimulatedExamples.sequences(110, lengths: 40...40)),
      ("tokens of one length", SimulatedExamples.sequences(110, lengths: 40...40, tokenLength: 3)),
      ("values", SimulatedExamples.values(110)),
      ("expression", SimulatedExamples.expression(110, genes: 70)), ("genotypes", Self.genotypes(110)),
    ]
    if kind != .mlp {
      kinds += [("residues", SimulatedExamples.residues(110, lengths: 5...60))]
      if kind != .linear {
        kinds += [
          ("tokens of mixed lengths", SimulatedExamples.sequences(110, lengths: 12...70, tokenLength: 2))
        ]
      }
      kinds += [("sequences of mixed lengths", SimulatedExamples.sequences(110, lengths: 12...70))]
    }
    for (name, data) in kinds {
      var options = SimulatedExamples.options(kind, data, epochs: 1, members: 2)
      // Wide enough that a product over panels has an edge and that none is nearly empty.
      options.architecture.filters = 40
      options.architecture.hiddenSize = 24
      options.architecture.headHidden = kind == .linear ? [] : [48]
      options.architecture.stepSize = 16
      options.architecture.hasLinearPath = kind != .linear && data.task != .residues
      if data.task == .sequence { options.training.usesBothStrands = true }
      let model = try SimulatedExamples.trained(data, options).model
      expectEachAlone(model, data, "\(kind) of \(name)")
    }
  }

  @Test func wordsAtEveryPlace() throws {
    let data = SimulatedExamples.sequences(110, lengths: 40...40)
    var options = SimulatedExamples.options(.linear, data, epochs: 1)
    options.architecture.linearWordLength = 3
    expectEachAlone(try SimulatedExamples.trained(data, options).model, data, "words at every place")
  }

  /// All pairs at once, batches of lines, and each pair alone, whose tables hold one line and one drug.
  @Test(arguments: DrugResponseArchitecture.DrugEncoder.allCases)
  func drugResponse(_ encoder: DrugResponseArchitecture.DrugEncoder) throws {
    let simulated = try SimulatedTraining(SimulatedStudy(lines: 110, genes: 60, drugs: 10, pairs: 700))
    let study = simulated.study, text = study.drugsText.split(separator: "\n")
    func predict(_ model: DrugResponseModel, lines: [Int], drugs: [Int]) throws -> [UInt32] {
      let table = try DrugTable(
        Table(bytes: Array(([text[0]] + drugs.map { text[1 + $0] }).joined(separator: "\n").utf8)),
        tokenizer: SMILESTokenizer())
      let expression = simulated.expression.selecting(samples: lines.map { study.lines[$0] }).matrix
      let pairs = DrugResponsePairs(
        everyPairOf: lines.count, drugs: table.ids.count, cellColumn: "line", drugColumn: "drug")
      let aligned = try model.align(expression).matrix
      return model.predict(pairs, expression: aligned, drugs: table).map(\.bitPattern)
    }
    for purpose in DrugResponseOptions.Purpose.allCases {
      var options = SimulatedTraining.options(for: purpose, encoder: encoder, epochs: 1)
      options.architecture.expressionHidden = [40]
      options.architecture.drugHidden = 20
      options.architecture.latentSize = 36
      if !options.architecture.headHidden.isEmpty { options.architecture.headHidden = [40] }
      options.architecture.hasLinearPath = purpose == .newLines
      options.architecture.readsCounts = purpose == .newDrugs
      if purpose == .newLines { (options.training.residual, options.training.kernelShare) = (.drug, 0.5) }
      let model = try simulated.trained(options).model
      let each = try (0..<110).map { line in
        try (0..<10).map { try predict(model, lines: [line], drugs: [$0]) }
      }
      let all = try predict(model, lines: Array(0..<110), drugs: Array(0..<10))
      let isSame = all == each.flatMap { $0.flatMap { $0 } }
      #expect(isSame, "\(encoder) \(purpose): all")
      for batch in Self.batches {
        let lines = (0..<batch).map { (3 + $0 * 37) % 110 }
        for drugs in [[4], [7, 2, 9]] {
          let found = try predict(model, lines: lines, drugs: drugs)
          let isSame = found == lines.flatMap { line in drugs.flatMap { each[line][$0] } }
          #expect(
            isSame,
            "\(encoder) \(purpose): \(batch) lines by \(drugs.count) drugs")
        }
      }
    }
  }
}
