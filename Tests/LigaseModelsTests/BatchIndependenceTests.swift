import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// A prediction has the same bits whatever the other examples in its batch.
@Suite struct BatchIndependenceTests {
  static let batches = [1, 2, 31, 32, 33, 100]

  /// Some examples without the others.
  private func examples(_ model: Model, _ data: TrainingData, _ rows: [Int]) -> Examples {
    let records: any Records
    func chosen(_ table: FeatureTable) -> FeatureTable {
      let width = table.names.count
      return FeatureTable(
        names: table.names, values: rows.flatMap { table.values[($0 * width)..<(($0 + 1) * width)] })
    }
    switch data.examples.inputs[0].records {
    case let all as SequenceRecords: records = SequenceRecords(rows.map { all.sequences[$0] })
    case let table as FeatureTable: records = chosen(table)
    case let genotypes as GenotypeRecords:
      records = GenotypeRecords(sites: genotypes.sites, table: chosen(genotypes.table))
    case let series as SeriesRecords: records = series.selecting(rows)
    case let images as ImageRecords: records = images.selecting(rows)
    default: fatalError("other records")
    }
    return model.examples(idColumn: "id", ids: rows.map { "\($0)" }, records: records)
  }

  /// Compares predictions of batches of consecutive examples with those of each example alone.
  private func expectEachAlone(_ model: Model, _ data: TrainingData, _ name: String) {
    func predict(_ rows: [Int]) -> [UInt32] {
      model.predict(examples(model, data, rows)).map(\.bitPattern)
    }
    let count = data.examples.count, each = (0..<count).map { predict([$0]) }
    let expected = Array(each.joined())
    for threads in [1, 2] {
      let isSame = Compute.withThreads(threads) { predict(Array(0..<count)) } == expected
      #expect(isSame, "\(name): all, threads: \(threads)")
    }
    // Examples of mixed lengths from all parts of the data.
    for batch in Self.batches {
      for first in [0, 7] {
        let rows = (0..<batch).map { (first + $0 * 37) % count }
        let isSame = predict(rows) == rows.flatMap { each[$0] }
        #expect(isSame, "\(name): \(batch) examples from \(first)")
      }
    }
  }

  /// Sequences of one and of mixed lengths, as residues and as k-mers, residues, expression and genotypes.
  @Test(arguments: SimulatedExamples.kinds) func everyArchitectureAndTask(_ kind: EncoderOptions.Kind)
    throws
  {
    var kinds = [
      ("sequences of one length", SimulatedExamples.sequences(110, lengths: 40...40)),
      ("tokens of one length", SimulatedExamples.sequences(110, lengths: 40...40, tokenLength: 3)),
      ("values", SimulatedExamples.values(110)),
      ("expression", SimulatedExamples.expression(110, genes: 70)),
      ("genotypes", SimulatedExamples.genotypes(110)),
    ]
    if kind != .mlp, kind != .lesionCNN {
      kinds += [("residues", SimulatedExamples.residues(110, lengths: 5...60))]
      if kind != .linear {
        kinds += [
          ("series", SimulatedExamples.series(110)),
          ("tokens of mixed lengths", SimulatedExamples.sequences(110, lengths: 12...70, tokenLength: 2)),
        ]
      }
      kinds += [("sequences of mixed lengths", SimulatedExamples.sequences(110, lengths: 12...70))]
    }
    if SimulatedExamples.imageKinds.contains(kind) {
      kinds += [("images", try SimulatedExamples.images(110))]
    }
    for (name, data) in kinds {
      var options = SimulatedExamples.options(kind, data, epochs: 1, members: 2)
      // Wide enough that a product over panels has an edge and no panel is nearly empty.
      options.encoder.filters = 40
      options.encoder.hiddenSize = 24
      options.head.hidden = kind == .linear ? [] : [48]
      options.encoder.stepSize = 16
      options.encoder.hasLinearPath =
        kind != .linear && data.task != ResiduesTask.name && data.task != ImageTask.name
      if data.task == SequenceTask.name { options.sequence.usesBothStrands = true }
      let model = try SimulatedExamples.trained(data, options).model
      expectEachAlone(model, data, "\(kind) of \(name)")
    }
  }

  @Test func wordsAtEveryPlace() throws {
    let data = SimulatedExamples.sequences(110, lengths: 40...40)
    var options = SimulatedExamples.options(.linear, data, epochs: 1)
    options.encoder.linearWordLength = 3
    expectEachAlone(try SimulatedExamples.trained(data, options).model, data, "words at every place")
  }

  /// All pairs at once, batches of cell lines, and each pair alone, with tables of one cell line and one
  /// drug.
  @Test(arguments: SimulatedTraining.encoders) func pairs(_ encoder: EncoderOptions.Kind) throws {
    let simulated = try SimulatedTraining(SimulatedStudy(lines: 110, genes: 60, drugs: 10, pairs: 700))
    let study = simulated.study, text = study.drugsText.split(separator: "\n")
    func predict(_ model: Model, lines: [Int], drugs: [Int]) throws -> [UInt32] {
      let table = try DrugTable(
        Table(bytes: Array(([text[0]] + drugs.map { text[1 + $0] }).joined(separator: "\n").utf8)),
        tokenizer: SMILESTokenizer())
      let expression = simulated.expression.selecting(samples: lines.map { study.lines[$0] }).matrix
      let aligned = try model.align(expression).matrix
      return model.predict(SimulatedTraining.everyPair(model, aligned, table)).map(\.bitPattern)
    }
    for setting in DrugResponseTask.Setting.allCases {
      var options = simulated.options(for: setting, encoder: encoder, epochs: 1)
      options.lines.projection = [40]
      (options.drugs.hiddenSize, options.drugs.filters) = (20, 40)
      options.fusion.size = 36
      if !options.head.hidden.isEmpty { options.head.hidden = [40] }
      options.lines.hasLinearPath = setting == .newCellLines
      options.drugs.readsCounts = setting == .newDrugs
      if setting == .newCellLines { options.blend = [BlendOptions(GaussianProcess.name, share: 0.5)] }
      let model = try simulated.trained(options).model
      let each = try (0..<110).map { line in
        try (0..<10).map { try predict(model, lines: [line], drugs: [$0]) }
      }
      let all = try predict(model, lines: Array(0..<110), drugs: Array(0..<10))
      let isSame = all == each.flatMap { $0.flatMap { $0 } }
      #expect(isSame, "\(encoder) \(setting): all")
      for batch in Self.batches {
        let lines = (0..<batch).map { (3 + $0 * 37) % 110 }
        for drugs in [[4], [7, 2, 9]] {
          let found = try predict(model, lines: lines, drugs: drugs)
          let isSame = found == lines.flatMap { line in drugs.flatMap { each[line][$0] } }
          #expect(isSame, "\(encoder) \(setting): \(batch) lines by \(drugs.count) drugs")
        }
      }
    }
  }

  /// Inputs with a gate or concatenation.
  @Test(arguments: [FusionOptions.Kind.gate, .concatenation]) func fusions(_ kind: FusionOptions.Kind) throws
  {
    let simulated = try SimulatedTraining(SimulatedStudy(lines: 40, genes: 30, drugs: 10, pairs: 200))
    var options = simulated.options(epochs: 1)
    (options.fusion.kind, options.fusion.size, options.head.hidden) = (kind, 33, [40])
    let model = try simulated.trained(options).model
    let all = SimulatedTraining.everyPair(model, simulated.expression, simulated.drugs)
    let said = model.predict(all).map(\.bitPattern)
    for rows in [[399], [0, 17], Array(100..<133)] {
      var some = all
      some.keys = all.keys.selecting(rows: rows)
      for i in some.inputs.indices { some.inputs[i].index = rows.map { all.inputs[i].index![$0] } }
      let isSame = model.predict(some).map(\.bitPattern) == rows.map { said[$0] }
      #expect(isSame, "\(kind): \(rows.count) pairs")
    }
  }
}
