import LigaseDatasets
import Testing

@Suite struct ExamplesTests {
  private let table = FeatureTable(names: ["G0", "G1"], values: [1, 0, 3, 10, 1000, -7, -500, 3])

  @Test func recordsOfExamples() {
    let examples = Examples(
      idColumn: "sample", ids: ["a", "b", "c", "d"], records: table, modality: ExpressionModality(),
      target: TargetDescription("labels", ["x", "y"]),
      observations: Observations(numbers: [0, 1, 1, 0, 1, 1, 0, 0], width: 2))
    #expect(examples.count == 4 && examples.groups == [0, 1, 2, 3] && examples.strata == nil)
    #expect(examples.observations.numbers(of: [2, 0]) == [1, 1, 0, 1])
    let own = examples.inputs[0]
    #expect(own.name == "expression" && own.keyColumn == "sample" && own.ids == ["a", "b", "c", "d"])
    #expect(own.record(of: 3) == 3 && own.records(of: [3, 1]) == [3, 1])
    let shared = ExampleInput(
      "profiles", ExpressionModality(), table, ids: ["a", "b", "c", "d"], index: [2, 0, 2], keyColumn: "line")
    #expect(shared.record(of: 2) == 2 && shared.records(of: [0, 1, 2]) == [0, 2])
  }

  @Test func classesAreStrata() {
    let examples = Examples(
      idColumn: "sample", ids: ["a", "b", "c", "d"], records: table, modality: ExpressionModality(),
      target: TargetDescription("classes", ["x", "y"]),
      observations: Observations(numbers: [1, 0, 0, 1], width: 1), groups: [7, 8, 8, 9])
    #expect(examples.strata == [1, 0, 0, 1] && examples.groups == [7, 8, 8, 9])
  }

  @Test func whatCannotBeCodedIsSaid() {
    #expect(AnyModality(SMILESModality()) == AnyModality(SMILESModality()))
    #expect(AnyModality(SMILESModality()) != AnyModality(ExpressionModality()))
    var salts = SMILESModality()
    salts.salts = .largestFragment
    #expect(AnyModality(salts) != AnyModality(SMILESModality()) && AnyModality(salts).name == "smiles")
  }
}
