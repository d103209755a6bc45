import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct HyperparameterSearchTests {
  private let folder = TemporaryFolder()
  private let data: TrainingData
  private let options: ModelOptions

  init() {
    var data = SimulatedExamples.expression(40)
    data.drawValidation(share: 0.25, seed: 1)
    self.data = data
    options = SimulatedExamples.options(.mlp, data, epochs: 4)
  }

  private static let text = """
    {"inputs.expression.encoder.hiddenSize": [3, 4], "head.hidden": [[], [5]],
     "inputs.expression.encoder.filters": {"low": 2, "high": 9},
     "training.learningRate": {"low": 0.001, "high": 0.1, "log": true}}
    """

  private func space(_ text: String = text) throws -> SearchSpace {
    try SearchSpace(contentsOf: folder.write(text, to: "space.json"), for: options)
  }

  private func refusal(_ text: String) -> String {
    do {
      _ = try space(text)
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  private func search(trials: Int = 6, eta: Int = 2) throws -> HyperparameterSearch {
    try HyperparameterSearch([data], options: options, space: space(), trials: trials, eta: eta, seed: 1)
  }

  /// A run and its reports.
  private func run(
    _ search: HyperparameterSearch, done: [HyperparameterSearch.Run] = [], stopAfter: Int = .max
  ) throws -> (
    found: (options: ModelOptions, best: HyperparameterSearch.Run)?, runs: [HyperparameterSearch.Run]
  ) {
    var runs: [HyperparameterSearch.Run] = []
    var problem: TrainingError?
    while let next = try search.planned(after: done + runs).first {
      guard let run = try search.run(next, problem: &problem, shouldStop: { runs.count >= stopAfter }) else {
        return (nil, runs)
      }
      runs.append(run)
      if let problem, runs.count == search.runCount { throw problem }
    }
    let best = try search.best(of: done + runs)
    return ((try search.options(of: best), best), runs)
  }

  @Test func trialsAreHalved() throws {
    let search = try search()
    #expect(
      search.columns == [
        "trial", "rung", "epochs", "folds", "validation", "search", "head.hidden",
        "inputs.expression.encoder.filters", "inputs.expression.encoder.hiddenSize", "training.learningRate",
      ])
    let (found, runs) = try run(search)
    let texts = runs.map(\.choices)
    // Six trials for one epoch, three for two, one for all four.
    #expect(runs.map(\.epochs) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 4] && search.runCount == 10)
    #expect(
      runs.map(\.rung) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 2] && runs[..<6].map(\.trial) == [0, 1, 2, 3, 4, 5])
    func best(_ runs: some Sequence<HyperparameterSearch.Run>, _ count: Int) -> [Int] {
      runs.sorted { ($0.metric, $0.trial) < ($1.metric, $1.trial) }.prefix(count).map(\.trial).sorted()
    }
    #expect(runs[6..<9].map(\.trial) == best(runs[..<6], 3) && [runs[9].trial] == best(runs[6..<9], 1))
    // Trial 0 has the options unchanged.
    #expect(texts[0][1] == "6" && texts[0][2] == "5" && texts.allSatisfy { $0.count == 4 })
    #expect(Set(texts.map { $0[2] }).isSubset(of: ["3", "4", "5"]) && Set(texts.map { $0[1] }).count > 2)
    for text in texts {
      #expect((2...9).contains(Int(text[1]) ?? 0) && (0.001...0.1).contains(Double(text[3]) ?? 0), "\(text)")
    }
    let (options, run) = try #require(found)
    #expect(run == runs[9] && options.training.epochs == 4 && !options.training.refits)
    #expect("\(options.encoder.filters)" == texts[runs[9].trial][1])
  }

  @Test func aSearchGoesOnToTheSameTrials() throws {
    let whole = try run(search())
    for stop in [0, 1, 5, 7, 9] {
      let first = try run(search(), stopAfter: stop)
      #expect(first.found == nil && first.runs == Array(whole.runs[..<stop]))
      let second = try run(search(), done: first.runs)
      #expect(first.runs + second.runs == whole.runs)
      #expect(second.found?.best == whole.found?.best && second.found?.options == whole.found?.options)
    }
    #expect(try run(search(), done: whole.runs).runs.isEmpty)
  }

  @Test func withoutHalvingAllRunToTheEnd() throws {
    let (_, runs) = try run(search(trials: 3, eta: 1))
    #expect(runs.map(\.epochs) == [4, 4, 4] && runs.map(\.rung) == [0, 0, 0])
  }

  @Test func foldsAreTheSameForAllTrials() throws {
    var data = data
    data.division.test = [data.division.train.removeLast()]
    let parts = try folds(data, 3)
    let all = Set(data.division.train + data.division.validation)
    #expect(
      parts.flatMap(\.division.validation).sorted() == all.sorted()
        && parts.allSatisfy { $0.division.test == data.division.test })
    for part in parts {
      #expect(
        Set(part.division.train).union(part.division.validation) == all
          && Set(part.division.train).isDisjoint(with: part.division.validation))
    }
    let search = try HyperparameterSearch(parts, options: options, space: space(), trials: 2, eta: 1, seed: 1)
    let runs = try run(search).runs
    let alone = try parts.map {
      try run(HyperparameterSearch([$0], options: options, space: space(), trials: 2, eta: 1, seed: 1)).runs
    }
    for (trial, whole) in runs.enumerated() {
      let sum = zip(alone, parts).reduce(0) {
        $0 + $1.0[trial].metric * Double($1.1.division.validation.count)
      }
      #expect(abs(whole.metric - sum / Double(all.count)) < 1e-12 && whole.folds == 3)
    }
    #expect(throws: JoinError.self) { try folds(data, 41) }
  }

  @Test func runsOfAnotherSearchAreRefused() throws {
    let runs = try run(search(trials: 2, eta: 1)).runs
    func refusal(_ change: (inout HyperparameterSearch.Run) -> Void) throws -> String {
      var run = runs[1]
      change(&run)
      let error = #expect(throws: TrainingError.self) {
        try self.run(search(trials: 2, eta: 1), done: [run])
      }
      return error?.description ?? ""
    }
    #expect(try refusal { $0.folds = 5 } == "found trials in 5 folds, expected 1: another search")
    #expect(try refusal { $0.choices[2] = "7" }.hasPrefix("found trial 1 with the options "))
  }

  @Test func testExamplesAreNeverTouched() throws {
    var (one, other) = (data, data)
    one.division.train.removeLast(5)
    one.division.test = Array(data.division.train.suffix(5))
    other = one
    for row in one.division.test { for i in 0..<12 { other.table.values[row * 12 + i] = 1e6 } }
    let runs = try [one, other].map { data in
      try run(HyperparameterSearch([data], options: options, space: space(), trials: 2, eta: 1, seed: 1)).runs
    }
    #expect(
      runs[0].map(\.metric) == runs[1].map(\.metric) && runs[0].map(\.choices) == runs[1].map(\.choices))
  }

  @Test func whatCannotBeSearchedIsSaid() throws {
    #expect(refusal("[1]").hasPrefix("space.json: found text that is not a search space"))
    #expect(refusal("{}") == "space.json: found no option to search")
    #expect(
      refusal("{\"inputs.expression.encoder.filters\": []}")
        == "space.json: found no choice for 'inputs.expression.encoder.filters'")
    #expect(
      refusal("{\"inputs.expression.encoder.depth\": [1]}").contains(
        "for the option 'inputs.expression.encoder.depth', which does not allow it"))
    #expect(
      refusal("{\"inputs.expression.encoder.filters\": [\"many\"]}").contains("which does not allow it"))
    #expect(
      refusal("{\"inputs.expression.encoder.dropout\": {\"low\": 0, \"high\": 1}}").contains(
        "found 1.0 for the option 'inputs.expression.encoder.dropout'"))
    #expect(
      refusal("{\"training.learningRate\": {\"low\": 0, \"high\": 1, \"log\": true}}").contains(
        "found the range 0.0 to 1.0"))
    #expect(
      refusal("{\"training.learningRate\": {\"low\": 2, \"high\": 1}}").contains("found the range 2.0 to 1.0")
    )
    // Values rounded up to four digits stay within the range.
    #expect(
      refusal("{\"inputs.expression.encoder.dropout\": {\"low\": 0.99995, \"high\": 0.99999}}") == "no error")
    var alone = data
    (alone.division.train, alone.division.validation) = (data.division.train + data.division.validation, [])
    let error = #expect(throws: TrainingError.self) {
      try HyperparameterSearch([alone], options: options, space: space(), trials: 2, eta: 3, seed: 1)
    }
    #expect(error?.description.hasPrefix("there are no validation examples") == true)
  }

  @Test func rangesThatRoundUpAreDrawn() throws {
    let space = try space("{\"inputs.expression.encoder.dropout\": {\"low\": 0.99995, \"high\": 0.99999}}")
    let search = try HyperparameterSearch([data], options: options, space: space, trials: 4, eta: 1, seed: 1)
    #expect(try run(search).runs.count == 4)
  }

  /// When no trial can be trained, the reason is reported instead of a winner.
  @Test func aSearchThatFailsThroughoutSaysWhy() throws {
    var data = SimulatedExamples.sequences(lengths: 12...20)
    data.drawValidation(share: 0.25, seed: 1)
    let search = try HyperparameterSearch(
      [data], options: SimulatedExamples.options(.mlp, data),
      space: SearchSpace(
        contentsOf: folder.write("{\"head.hidden\": [[], [5]]}", to: "space.json"),
        for: SimulatedExamples.options(.mlp, data)), trials: 2, eta: 1, seed: 1)
    let error = #expect(throws: TrainingError.self) { try run(search) }
    #expect(error?.description.hasPrefix("found sequences of 12 to 20 residues, expected one length") == true)
  }

  @Test func everyTaskHasASpace() throws {
    for data in [
      SimulatedExamples.sequences(), SimulatedExamples.residues(), SimulatedExamples.expression(),
      SimulatedExamples.genotypes(30),
    ] {
      let options = SimulatedExamples.defaults(data), name = data.examples.inputs[0].name
      try expectUsable(SearchSpace(for: options, input: name), options, data)
    }
    let pairs = try SimulatedTraining()
    let space = SearchSpace(for: pairs.options(), input: DrugResponseTask.mainInput)
    #expect(space.names.contains("fusion.size") && space.names.contains("inputs.smiles.encoder.hiddenSize"))
    try expectUsable(space, pairs.options(), pairs.data)
  }

  /// Every option of the space exists, and drawn values can be used.
  private func expectUsable(_ space: SearchSpace, _ options: ModelOptions, _ data: TrainingData) throws {
    #expect(space.names.contains("training.learningRate"))
    var data = data
    if data.division.validation.isEmpty { data.drawValidation(share: 0.25, seed: 1) }
    var quick = options
    quick.training.epochs = 1
    let search = try HyperparameterSearch([data], options: quick, space: space, trials: 2, eta: 1, seed: 1)
    #expect(try run(search).runs.count == 2)
  }

  private func folds(_ data: TrainingData, _ count: Int) throws -> [TrainingData] {
    try data.division.validationFolds(count, of: data.examples, seed: 1).map {
      var part = data
      part.division = $0
      return part
    }
  }
}
