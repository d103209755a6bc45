import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct DrugResponsePredictionTests {
  private let simulated: SimulatedTraining
  private let model: DrugResponseModel

  init() throws {
    simulated = try SimulatedTraining()
    model = try simulated.trained(SimulatedTraining.options(epochs: 2)).model
  }

  private func predictions(
    _ expression: ExpressionMatrix, leastShare: Double = 0.5
  ) throws -> (values: [Float], alignment: GeneAlignment) {
    let pairs = DrugResponsePairs(
      everyPairOf: expression.samples.count, drugs: simulated.drugs.ids.count, cellColumn: "line",
      drugColumn: "drug")
    let (aligned, alignment) = try model.align(expression, leastShare: leastShare)
    return (model.predict(pairs, expression: aligned, drugs: simulated.drugs), alignment)
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
    #expect(extra.alignment.report == ["2 genes are not in the model and ignored: X1, X2"])
  }

  @Test func missingGenesAreTakenToBeAverage() throws {
    let kept = Array(simulated.study.genes[3...])
    let lacking = try predictions(simulated.expression.selecting(genes: kept).matrix)
    #expect(lacking.alignment.report == ["3 of 20 genes are missing and taken to be average: G0, G1, G2"])
    var values = simulated.study.values
    for line in simulated.study.lines.indices {
      for gene in 0..<3 { values[line * 20 + gene] = model.manifest.expression.means[gene] }
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
    let pairs = DrugResponsePairs(everyPairOf: 2, drugs: 2, cellColumn: "line", drugColumn: "drug")
    let found = model.predict(pairs, expression: expression, drugs: drugs)
    #expect(found.count == 4 && found.allSatisfy(\.isFinite))
    #expect(
      model.report(pairs, expression: expression, drugs: drugs) == [
        "1 drugs were not in training (new): their level is taken to be the average drug's; train with a split by drug "
          + "to predict new drugs",
        "1 cell lines were not in training (new)", "SMILES tokens that training never saw: Br, [Pt]",
      ])
    let known = DrugResponsePairs(everyPairOf: 1, drugs: 1, cellColumn: "line", drugColumn: "drug")
    #expect(model.report(known, expression: expression, drugs: drugs) == [])
  }

  /// A pair's prediction does not depend on the pairs beside it.
  @Test func pairsAreIndependent() throws {
    let all = try predictions(simulated.expression).values
    let one = simulated.expression.selecting(samples: ["L7"]).matrix
    for (a, b) in zip(try predictions(one).values, all[70..<80]) { #expect(abs(a - b) < 1e-5) }
  }
}
