import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct CrossValidationTests {
  private let data = SimulatedExamples.sequences(60, hasDuplicates: true)

  private func validation(folds: Int = 4, repeats: Int = 1, given: [Int]? = nil) throws -> CrossValidation {
    try CrossValidation(
      data, options: SimulatedExamples.options(.cnn, data, epochs: 1), folds: folds, repeats: repeats,
      seed: 1, given: given.map { [RepeatedFolds(name: "0", folds: $0)] })
  }

  @Test func eachExampleIsPredictedOnceByAModelThatHasNotSeenItsGroup() throws {
    let found = try validation(repeats: 2)
    #expect(found.assignments.count == 2 && found.assignments[0] != found.assignments[1])
    for number in 0..<2 {
      var tested: [Int] = []
      for fold in 0..<4 {
        let part = try found.training(repeat: number, fold: fold),
          test = found.test(repeat: number, fold: fold)
        tested += test
        #expect(part.division.test == test && !part.division.validation.isEmpty)
        #expect(
          (part.division.train + part.division.validation + part.division.test).sorted() == Array(0..<60))
        func groups(_ rows: [Int]) -> Set<Int> { Set(rows.map { data.examples.groups[$0] }) }
        #expect(
          groups(part.division.train).isDisjoint(with: groups(test))
            && groups(part.division.validation).isDisjoint(with: groups(test)))
        #expect(groups(part.division.train).isDisjoint(with: groups(part.division.validation)))
      }
      #expect(tested.sorted() == Array(0..<60))
    }
  }

  @Test func foldsArePredictedAndWritten() throws {
    let found = try validation()
    let folder = TemporaryFolder()
    let output = try OutputFile(folder.file("oof.tsv"))
    let table = try CrossValidationTable(found, to: output)
    for fold in 0..<4 {
      let outcomes = try #require(try found.run(repeat: 0, fold: fold))
      #expect(outcomes.map(\.name) == ["model", "prior", "kmer_ridge"])
      #expect(
        outcomes.allSatisfy { outcome in
          outcome.outputs.count == 2 * found.test(repeat: 0, fold: fold).count
            && outcome.outputs.allSatisfy { $0.isFinite }
        })
      try table.add(outcomes, repeat: 0, fold: fold)
    }
    let judged = try table.judge(repeat: 0, seed: 1)
    #expect(
      judged.scores.contains { $0.metric == "accuracy" && $0.model == "model" && $0.n == 60 && $0.low != nil }
    )
    #expect(judged.headline.hasPrefix("accuracy model 0.") && judged.headline.contains("prior 0."))
    try output.close()
    let lines = String(decoding: TemporaryFolder.contents(of: folder.file("oof.tsv"))!, as: UTF8.self).split(
      separator: "\n")
    #expect(lines[0] == "id\tfold\tprediction\tprobability:no\tprobability:yes" && lines.count == 61)
    #expect(Set(lines.dropFirst().map { $0.prefix { $0 != "\t" } }).count == 60)
    // A fold again is the same, byte for byte.
    let (again, before) = (
      try #require(try found.run(repeat: 0, fold: 2)), try #require(try found.run(repeat: 0, fold: 2))
    )
    #expect(zip(again, before).allSatisfy { $0.outputs == $1.outputs })
    #expect(try found.run(repeat: 0, fold: 0, shouldStop: { true }) == nil)
  }

  @Test func residuesArePredictedOutOfFold() throws {
    let data = SimulatedExamples.residues()
    let labels = data.examples.observations.steps, sequences = data.sequences
    let found = try CrossValidation(
      data, options: SimulatedExamples.options(.cnn, data, epochs: 8), folds: 4, repeats: 1, seed: 1)
    let folder = TemporaryFolder(), output = try OutputFile(folder.file("oof.tsv"))
    let table = try CrossValidationTable(found, to: output)
    for fold in 0..<4 {
      let outcomes = try #require(try found.run(repeat: 0, fold: fold))
      let residues = found.test(repeat: 0, fold: fold).reduce(0) { $0 + sequences[$1].count }
      #expect(
        outcomes.map(\.name) == ["model", "prior"] && outcomes.allSatisfy { $0.outputs.count == 3 * residues }
      )
      try table.add(outcomes, repeat: 0, fold: fold)
    }
    let judged = try table.judge(repeat: 0, seed: 1)
    try output.close()
    let written = try Table(contentsOf: folder.file("oof.tsv"))
    #expect(
      written.columnNames == [
        "id", "fold", "position", "residue", "prediction", "probability:C", "probability:E", "probability:H",
      ])
    #expect(written.rowCount == sequences.reduce(0) { $0 + $1.count })
    let (ids, positions) = (try written.strings("id"), try written.integers("position"))
    let (letters, said) = (try written.strings("residue"), try written.strings("prediction"))
    var (right, known) = (0, 0)
    for row in ids.indices {
      let example = data.examples.inputs[0].ids.firstIndex(of: ids[row])!, place = positions[row] - 1
      #expect(letters[row] == String(UnicodeScalar(sequences[example][place])))
      guard labels[example][place] >= 0 else { continue }
      known += 1
      right += ["C", "E", "H"][Int(labels[example][place])] == said[row] ? 1 : 0
    }
    let q3 = try #require(
      judged.scores.first { $0.metric == "q3" && $0.model == "model" && $0.group == "all" })
    #expect(q3.n == known && abs(q3.value! - Double(right) / Double(known)) < 1e-12)
    #expect(judged.scores.contains { $0.metric == "sov" && $0.model == "model" && $0.value != nil })
    #expect(judged.scores.contains { $0.metric == "q3" && $0.model == "prior" })
    #expect(judged.headline.hasPrefix("q3 model 0."))
  }

  @Test func whatIsInTheFoldDoesNotMatterForItsPrediction() throws {
    let found = try validation()
    let test = found.test(repeat: 0, fold: 1)
    var changed = data
    for row in test {
      changed.examples.observations.numbers[row] = 1 - data.examples.observations.numbers[row]
    }
    // The folds are those of the true classes.
    let other = try CrossValidation(
      changed, options: found.options, folds: 4, repeats: 1, seed: 1,
      given: found.assignments.map { RepeatedFolds(name: "0", folds: $0) })
    let same = try CrossValidation(
      data, options: found.options, folds: 4, repeats: 1, seed: 1,
      given: found.assignments.map { RepeatedFolds(name: "0", folds: $0) })
    let (one, two) = (
      try #require(try same.run(repeat: 0, fold: 1)), try #require(try other.run(repeat: 0, fold: 1))
    )
    for (a, b) in zip(one, two) { #expect(a.outputs == b.outputs, "\(a.name)") }
  }

  @Test func foldsThatTheUserNames() throws {
    let given = (0..<60).map { $0 % 3 }
    let found = try validation(folds: 9, repeats: 5, given: given)
    #expect(found.folds == 3 && found.repeats == 1 && found.assignments == [given])
    do {
      _ = try validation(folds: 55)
      Issue.record("more folds than groups")
    } catch {
      #expect("\(error)" == "48 groups of examples cannot fill 55 folds")
    }
  }

  @Test func expressionWithChosenGenes() throws {
    var data = SimulatedExamples.expression(30)
    var modality = ExpressionModality()
    modality.topVariance = 5
    data.examples.inputs[0].modality = AnyModality(modality)
    let found = try CrossValidation(
      data, options: SimulatedExamples.options(.mlp, data, epochs: 1), folds: 3, repeats: 1, seed: 1)
    let outcomes = try #require(try found.run(repeat: 0, fold: 0))
    #expect(
      outcomes.map(\.name) == ["model", "prior", "ridge", "nearest_centroid"]
        && outcomes[0].outputs.count == 30)
  }

  /// The existing folds keep their numbers; examples in none are skipped and counted.
  @Test func foldsOfASplit() throws {
    let data = SimulatedExamples.sequences(30)
    let options = SimulatedExamples.options(.linear, data, epochs: 1)
    func validation(_ given: [Int]) throws -> CrossValidation {
      try CrossValidation(
        data, options: options, folds: 5, repeats: 3, seed: 1, given: [RepeatedFolds(name: "0", folds: given)]
      )
    }
    let found = try validation((0..<30).map { $0 < 25 ? [2, 7][$0 % 2] : -1 })
    #expect(found.folds == 2 && found.repeats == 1 && found.foldNumbers == [2, 7])
    #expect(found.test(repeat: 0, fold: 1) == (0..<25).filter { $0 % 2 == 1 })
    #expect(try found.training(repeat: 0, fold: 0).division.test.count == 13)
    #expect(
      found.report.count == 1
        && found.report[0].hasPrefix("skipped 5 sequences in no fold of the split: "))
    for (given, message) in [(3, "found only fold 3 in the split"), (-1, "found no fold in the split")] {
      let error = #expect(throws: JoinError.self) {
        try validation([Int](repeating: given, count: 30))
      }
      #expect(error?.description.hasPrefix(message) == true)
    }
  }

  /// A split with a column of repeats has one set of folds for each; the scores end with their means, whose interval is
  /// that of the mean on resamples of the examples.
  @Test func repeatsOfASplit() throws {
    let data = SimulatedExamples.sequences(40), keys = data.examples.keys
    func table(_ fold: (Int, Int) -> Int) throws -> Table {
      let rows = (0..<2).flatMap { number in
        (0..<40).map { "\(keys.columns[0][$0])\t\(["b", "a"][number])\t\(fold(number, $0))" }
      }
      let text = "\(keys.names[0])\trepeat\tfold\n" + rows.joined(separator: "\n") + "\n"
      return try Table(bytes: Array(text.utf8), path: "folds.tsv")
    }
    let given = try RepeatedFolds.all(table { ($1 / 2 + $1 / 7 * $0) % 2 }, of: keys)
    #expect(given.map(\.name) == ["a", "b"])
    let found = try CrossValidation(
      data, options: SimulatedExamples.options(.linear, data, epochs: 1), folds: 5, repeats: 9, seed: 1,
      given: given)
    #expect(found.repeats == 2 && found.folds == 2 && found.repeatNames == ["a", "b"])
    let folder = TemporaryFolder(), output = try OutputFile(folder.file("out.tsv"))
    let written = try CrossValidationTable(found, to: output)
    var judged: [JudgedModels] = []
    for number in 0..<2 {
      for fold in 0..<2 {
        try written.add(#require(try found.run(repeat: number, fold: fold)), repeat: number, fold: fold)
      }
      judged.append(try written.judge(repeat: number, seed: 1))
    }
    try output.close()
    try written.writeScores(to: OutputFile(folder.file("scores.tsv")))
    let scores = try Table(contentsOf: folder.file("scores.tsv"))
    #expect(try Set(scores.strings("repeat")) == ["a", "b", "mean"])
    let means = try #require(written.judgeMeans())
    #expect(means.summary.first == "mean of 2 repeats")
    for metric in ["accuracy", "auroc"] {
      func score(_ judged: JudgedModels) throws -> Score {
        try #require(judged.scores.first { $0.model == "model" && $0.metric == metric && $0.group == "all" })
      }
      let (mean, one, two) = (try score(means), try score(judged[0]), try score(judged[1]))
      #expect(isClose(mean.value!, (one.value! + two.value!) / 2, 1e-12) && mean.n == 40)
      // The interval of a mean is not wider than the mean of the intervals.
      #expect(
        mean.low! >= (one.low! + two.low!) / 2 - 0.02 && mean.high! <= (one.high! + two.high!) / 2 + 0.02)
    }
    #expect(!means.scores.contains { $0.metric.hasPrefix("predicted_as") })
    let error = #expect(throws: JoinError.self) {
      try CrossValidation(
        data, options: found.options, folds: 2, repeats: 1, seed: 1,
        given: try RepeatedFolds.all(table { $1 % (2 + $0) }, of: keys))
    }
    #expect(
      error?.description
        == "found the folds 0, 1 in repeat b of the split, expected those of repeat a: 0, 1, 2")
  }
}
