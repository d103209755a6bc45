import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct DrugResponsePredictionTests {
  private let simulated: SimulatedTraining
  private let model: Model

  init() throws {
    simulated = try SimulatedTraining()
    model = try simulated.trained(simulated.options(epochs: 2)).model
  }

  private func predictions(
    _ expression: ExpressionMatrix, leastShare: Double = 0.5
  ) throws -> (values: [Float], alignment: GeneAlignment) {
    let (aligned, alignment) = try model.align(expression, leastShare: leastShare)
    return (model.predict(SimulatedTraining.everyPair(model, aligned, simulated.drugs)), alignment)
  }

  @Test func genesAreFoundByName() throws {
    let whole = try predictions(simulated.expression)
    #expect(
      whole.alignment.report.isEmpty && whole.values.count == 300 && whole.values.allSatisfy(\.isFinite))
    let turned = try predictions(
      simulated.expression.selecting(genes: simulated.study.genes.reversed()).matrix)
    #expect(turned.values == whole.values)
    let wide = ExpressionMatrix(
      samples: simulated.study.lines, genes: ["X1"] + simulated.study.genes + ["X2"],
      values: simulated.study.lines.indices.flatMap { [9] + simulated.expression.values(ofSample: $0) + [-1] }
    )
    let extra = try predictions(wide)
    #expect(extra.values == whole.values && extra.alignment.extra == ["X1", "X2"])
    #expect(extra.alignment.report == ["ignored 2 genes that the model does not use: X1, X2"])
  }

  @Test func missingGenesAreTakenToBeAverage() throws {
    let kept = Array(simulated.study.genes[3...])
    let lacking = try predictions(simulated.expression.selecting(genes: kept).matrix)
    #expect(
      lacking.alignment.report == [
        "3 of the model's 20 genes are absent and were imputed with training means; expect lower accuracy: G0, G1, G2"
      ])
    let preparation = try #require(model.manifest.inputs[0].preparation.base as? ExpressionPreparation)
    var values = simulated.study.values
    for line in simulated.study.lines.indices {
      for gene in 0..<3 { values[line * 20 + gene] = preparation.scaler.means[gene] }
    }
    let filled = ExpressionMatrix(
      samples: simulated.study.lines, genes: simulated.study.genes, values: values)
    #expect(try predictions(filled).values == lacking.values)
  }

  @Test func tooFewGenesAreRefused() throws {
    let half = simulated.expression.selecting(genes: Array(simulated.study.genes[..<10])).matrix
    #expect(try predictions(half).values.allSatisfy(\.isFinite))
    let few = simulated.expression.selecting(genes: Array(simulated.study.genes[..<9])).matrix
    let error = #expect(throws: JoinError.self) { try predictions(few) }
    #expect(
      error?.description
        == "the expression matrix has 9 of the model's 20 genes, expected at least 50 %; "
        + "the model's: G0, G1, G2, … (20 in all); the matrix's: G0, G1, G2, … (9 in all)")
    #expect(try predictions(few, leastShare: 0.4).values.allSatisfy(\.isFinite))
    let none = ExpressionMatrix(samples: ["a"], genes: ["X"], values: [1])
    #expect(throws: JoinError.self) { try predictions(none, leastShare: 0) }
  }

  @Test func newLinesAndDrugsHaveFinitePredictionsAndAWarning() throws {
    let drugs = try DrugTable(
      Table(bytes: Array("drug,smiles\nD0,CC(=O)Oc1ccccc1C(=O)O\nnew,CC[Pt]Br\n".utf8)),
      tokenizer: SMILESTokenizer())
    let expression = ExpressionMatrix(
      samples: ["L1", "new"], genes: simulated.study.genes,
      values: Array(simulated.expression.values(ofSample: 1)) + [Float](repeating: 50, count: 20))
    let examples = SimulatedTraining.everyPair(model, expression, drugs)
    let found = model.predict(examples)
    #expect(found.count == 4 && found.allSatisfy(\.isFinite))
    #expect(
      model.report(on: examples) == [
        "1 value of line was not in training (new): the mean effect is used",
        "1 value of drug was not in training (new): the mean effect is used",
        "SMILES tokens not seen in training: Br, [Pt]",
      ])
    var known = examples
    for i in known.inputs.indices { known.inputs[i].index = [0] }
    known.keys = known.keys.selecting(rows: [0])
    #expect(model.report(on: known) == [])
  }

  /// A pair's prediction does not depend on other pairs.
  @Test func pairsAreIndependent() throws {
    let all = try predictions(simulated.expression).values
    let one = simulated.expression.selecting(samples: ["L7"]).matrix
    for (a, b) in zip(try predictions(one).values, all[70..<80]) { #expect(abs(a - b) < 1e-5) }
  }

  /// Written predictions: the keys first, and for a blend those of each predictor.
  @Test func predictionsKeepTheKeyColumns() throws {
    let folder = TemporaryFolder()
    var options = simulated.options(for: .newCellLines, epochs: 1)
    options.blend = [BlendOptions(GaussianProcess.name, share: 0.25)]
    let blended = try simulated.trained(options).model
    for (model, columns) in [
      (self.model, ["line", "drug", "prediction", "subset"]),
      (blended, ["line", "drug", "prediction", "part:network", "part:gaussian-process", "subset"]),
    ] {
      let examples = SimulatedTraining.everyPair(model, simulated.expression, simulated.drugs)
      let output = try OutputFile(folder.file("p.tsv"), overwrite: true)
      try PredictionTable(model, for: examples, to: output).write(examples)
      try output.close()
      let table = try Table(contentsOf: folder.file("p.tsv")), said = model.predict(examples)
      #expect(table.columnNames == columns && table.rowCount == 300)
      #expect(table.string(row: 299, column: 0) == "L29" && table.string(row: 299, column: 1) == "D9")
      #expect(try table.floats("prediction", missing: .nan) == said)
      guard columns.count > 4 else { continue }
      let (network, process) = (
        try table.floats("part:network", missing: .nan),
        try table.floats("part:gaussian-process", missing: .nan)
      )
      for i in said.indices { #expect(abs(said[i] - 0.75 * network[i] - 0.25 * process[i]) < 1e-4) }
    }
  }
}
