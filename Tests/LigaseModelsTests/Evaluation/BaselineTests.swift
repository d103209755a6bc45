import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// Responses of 25 cell lines to 6 drugs that depend on expression, of which about 70 % of the first 20 cell
/// lines and 5 drugs are training rows; the same numbers as in Fixtures/reference/evaluation_baselines.py.
private struct Simulation {
  var expression: [[Float]] = []
  var training: PairObservations
  var testDrugs: [Int32] = []
  var testCells: [Int32] = []

  init() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<25 { expression.append((0..<40).map { _ in Float(random.nextUniform() * 4) }) }
    var drugs: [Int32] = [], cells: [Int32] = []
    var values: [Double] = []
    for cell in 0..<25 {
      for drug in 0..<6 {
        let noise = random.nextUniform(), draw = random.nextUniform()
        if draw < 0.7 && cell < 20 && drug < 5 {
          drugs.append(Int32(drug))
          cells.append(Int32(cell))
          let effect = Double(drug) * 0.5 + 0.1 * Double(cell)
          values.append(effect + Double(expression[cell][drug]) - Double(expression[cell][drug + 1]) + noise)
        } else {
          testDrugs.append(Int32(drug))
          testCells.append(Int32(cell))
        }
      }
    }
    training = PairObservations(
      firstKeys: drugs, secondKeys: cells, values: values, firstCount: 6, secondCount: 25)
  }
}

/// Reference values: numpy 2.4.6 and scikit-learn 1.9.1 by Fixtures/reference/evaluation_baselines.py.
struct BaselineTests {
  private let simulation = Simulation()
  private let pairs: [(cell: Int, drug: Int)] = [(0, 0), (3, 4), (19, 2)]

  @Test func meansAgreeWithTheReference() {
    let training = simulation.training
    #expect(training.values.count == 66)
    #expect(isClose(MeanBaseline(training).prediction(first: 5, second: 24), 2.594209870522364))
    #expect(isClose(FirstMeanBaseline(training).prediction(first: 1, second: 24), 2.2253529819736846))
    #expect(isClose(SecondMeanBaseline(training).prediction(first: 5, second: 4), 2.436608838560976))
    #expect(isClose(FirstMeanBaseline(training).prediction(first: 5, second: 0), training.mean))
  }

  @Test func effectsAreTheLeastSquaresFit() {
    let baseline = EffectsBaseline(simulation.training)
    let expected = [0.6451156663745341, 2.706986764468615, 2.6389737714445767]
    for (pair, value) in zip(pairs, expected) {
      #expect(isClose(baseline.prediction(first: pair.drug, second: pair.cell), value, 1e-7))
    }
    #expect(baseline.firstEffects[5] == 0 && baseline.secondEffects[24] == 0)
  }

  @Test func factorsAreTheMinimumOfTheirObjective() {
    let baseline = LowRankBaseline(simulation.training, rank: 3, penalty: 0.5, turns: 3000, seed: 4)
    let expected = [-0.8427759545114575, 0.9456600674873996, 4.6178080144605635]
    for (pair, value) in zip(pairs, expected) {
      #expect(isClose(baseline.prediction(first: pair.drug, second: pair.cell), value, 1e-6))
    }
    let effects = EffectsBaseline(simulation.training)
    #expect(baseline.prediction(first: 5, second: 3) == effects.prediction(first: 5, second: 3))
    #expect(baseline.prediction(first: 2, second: 24) == effects.prediction(first: 2, second: 24))
  }

  @Test func ridgeAgreesWithThePrimalSolution() {
    let baseline = RidgeBaseline(simulation.training, vectors: simulation.expression, penalty: 10)
    #expect(isClose(baseline.prediction(first: 0, second: 0), -0.4210474084232527, 1e-9))
    #expect(isClose(baseline.prediction(first: 4, second: 3), 1.312849734596925, 1e-9))
    // A cell line without training rows.
    #expect(isClose(baseline.prediction(first: 2, second: 22), 3.0445651311915185, 1e-9))
  }

  @Test func ridgeFallsBackWhereItKnowsNothing() {
    let training = simulation.training
    var expression = simulation.expression.map { Optional($0) }
    expression[3] = nil
    let baseline = RidgeBaseline(training, vectors: expression)
    #expect(
      baseline.prediction(first: 1, second: 3) == FirstMeanBaseline(training).prediction(first: 1, second: 3))
    #expect(
      baseline.prediction(first: 5, second: 4) == SecondMeanBaseline(training).prediction(first: 5, second: 4)
    )
    #expect(baseline.prediction(first: 5, second: 24) == training.mean)
    // Constant genes and missing values change little or nothing, and never give NaN.
    let odd = simulation.expression.map { $0 + [7, .nan] }
    #expect(
      isClose(
        RidgeBaseline(training, vectors: odd).prediction(first: 1, second: 22),
        RidgeBaseline(training, vectors: simulation.expression).prediction(first: 1, second: 22)))
    #expect(
      RidgeBaseline(training, vectors: [[Float]?](repeating: nil, count: 25)).prediction(first: 0, second: 0)
        == FirstMeanBaseline(training).prediction(first: 0, second: 0))
  }

  @Test func baselinesThatKnowNothingAreLeftOut() {
    let names = { (baselines: Baselines) in baselines.predictions.map(\.name) }
    let training = simulation.training, groupings = (Grouping(name: "drug"), Grouping(name: "cell"))
    let all = Baselines(
      training: training, firstKeys: simulation.testDrugs, secondKeys: simulation.testCells,
      groupings: groupings, vectors: simulation.expression)
    #expect(
      names(all) == ["mean", "drug_mean", "cell_mean", "drug_and_cell_effects", "low_rank", "ridge_per_drug"])
    #expect(all.notes.isEmpty)
    let newLine = Baselines(
      training: training, firstKeys: [0, 1], secondKeys: [22, 23], groupings: groupings,
      vectors: simulation.expression)
    #expect(names(newLine) == ["mean", "drug_mean", "drug_and_cell_effects", "ridge_per_drug"])
    #expect(newLine.notes.count == 2)
    let newDrug = Baselines(
      training: training, firstKeys: [5, 5], secondKeys: [2, 3], groupings: groupings,
      vectors: simulation.expression)
    #expect(names(newDrug) == ["mean", "cell_mean", "drug_and_cell_effects"])
  }

  @Test func figuresOfTheSharedData() throws {
    guard let response = SharedData.path("drug_response/gdsc2/response_82833.csv"),
      let matrix = SharedData.path("drug_response/gdsc2/expression_580x706_zscore.csv"),
      let pairSplit = SharedData.path("drug_response/gdsc2/splits/pair_split.csv"),
      let cellFolds = SharedData.path("drug_response/gdsc2/splits/cell_folds.csv")
    else { return }
    let table = try Table(contentsOf: response)
    let keys = try table.keys(["DepMap_ID", "drug_name"])
    let values = try table.doubles("ln_IC50")
    let (cell, drug) = (keys.columns[0], keys.columns[1])
    func observations(_ rows: [Int]) -> PairObservations {
      PairObservations(
        firstKeys: rows.map { drug.codes[$0] }, secondKeys: rows.map { cell.codes[$0] },
        values: rows.map { values[$0] },
        firstCount: drug.ids.count, secondCount: cell.ids.count)
    }
    func figures(_ baseline: some PairBaseline, _ rows: [Int]) -> [Double] {
      let test = observations(rows)
      let metrics = RegressionMetrics(
        truth: test.values,
        prediction: baseline.predictions(firstKeys: test.firstKeys, secondKeys: test.secondKeys))
      let perDrug = metrics.pearsonByGroup(test.firstKeys).compactMap { $0 }
      return [metrics.rmse!, metrics.pearson!, perDrug.reduce(0, +) / Double(perDrug.count)]
    }
    let pair = try Split(Table(contentsOf: pairSplit)).resolved(for: keys, seed: 0)
    let effects = figures(EffectsBaseline(observations(pair.train)), pair.test)
    for (value, expected) in zip(effects, [1.2062, 0.9043, 0.6347]) {
      #expect(isClose(value, expected, 1e-4))
    }
    // The random start differs from the reference; its own starts differ as much.
    let lowRank = figures(LowRankBaseline(observations(pair.train)), pair.test)
    for (value, expected) in zip(lowRank, [0.9033, 0.9477, 0.7714]) {
      #expect(isClose(value, expected, 2e-3))
    }

    let lines = try Table(contentsOf: matrix)
    let genes = try lines.columnNames.dropFirst().map { try lines.floats($0) }
    let rows = Dictionary(
      uniqueKeysWithValues: try lines.strings("DepMap_ID").enumerated().map { line, id in
        (id, genes.map { $0[line] })
      })
    let fold = try Split(Table(contentsOf: cellFolds))
      .resolved(for: keys, fold: 0, validationFraction: 0, seed: 0)
    let clock = ContinuousClock()
    var ridge: RidgeBaseline?
    let training = observations(fold.train)
    let time = clock.measure { ridge = RidgeBaseline(training, vectors: cell.ids.map { rows[$0] }) }
    print("ridge per drug: \(time)")
    for (value, expected) in zip(figures(ridge!, fold.test), [1.3345, 0.8845, 0.5011]) {
      #expect(isClose(value, expected, 3e-3), "\(value)")
    }
  }
}
