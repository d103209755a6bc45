import LigaseDatasets
import LigaseFormats
import Testing

@Suite struct DrugTableTests {
  private func table(
    _ text: String, id: String? = nil, smiles: String? = nil, _ tokenizer: SMILESTokenizer = .init()
  ) throws -> DrugTable {
    try DrugTable(
      Table(bytes: Array(text.utf8), path: "drugs.csv"), idColumn: id, smilesColumn: smiles,
      tokenizer: tokenizer)
  }

  @Test func namesAndTokens() throws {
    let drugs = try table("name,weight,CanonicalSMILES\naspirin,180,CC(=O)Cl\nx,1,[Na+].[Cl-]\n")
    #expect(drugs.ids == ["aspirin", "x"])
    #expect(drugs.tokens == [["C", "C", "(", "=", "O", ")", "Cl"], ["[Na+]", ".", "[Cl-]"]])
    #expect(try table("a,my_smiles\nx,CC\n").tokens == [["C", "C"]])
    #expect(try table("a,my_smiles,IsomericSMILES\nx,CC,O\n").tokens == [["O"]])
    #expect(try table("s,n\nCC,x\n", id: "n", smiles: "s").ids == ["x"])
    #expect(try table("n,smiles\nx,[Na+].CCO\n", .init(salts: .largestFragment)).tokens == [["C", "C", "O"]])
  }

  @Test(arguments: [
    (
      "n,smiles\nx,CC\ny,O\nx,N\n",
      "drugs.csv:4:1: found the drug 'x' again, first on line 2; expected it once"
    ),
    ("n,smiles\n,CC\n", "drugs.csv:2:1: found an empty drug name, expected one"),
    ("n,smiles\nx,\n", "drugs.csv:2:2: drug 'x': SMILES '', position 1: there is no text"),
    (
      "n,formula\nx,CC\n", "drugs.csv: cannot tell which column holds SMILES: found n, formula"
    ),
    (
      "n,smiles1,smiles2\nx,C,C\n",
      "drugs.csv: cannot tell which column holds SMILES: found n, smiles1, smiles2"
    ),
  ])
  func errorsNameThePlace(_ text: String, _ message: String) {
    #expect("\(#expect(throws: (any Error).self) { try table(text) }!)" == message)
  }

  @Test func whatCannotBeReadIsNamed() {
    let broken = #expect(throws: FormatError.self) { try table("n,smiles\nx,CC\nodd drug,CC(C\n") }
    #expect(
      broken?.line == 3 && broken?.column == 2 && broken?.message.hasPrefix("drug 'odd drug': ") == true)
    let absent = #expect(throws: FormatError.self) { try table("n,smiles\nx,CC\n", smiles: "structure") }
    #expect(absent?.message.contains("'structure'") == true && absent?.message.contains("n, smiles") == true)
    #expect(throws: FormatError.self) { try table("n,smiles\n") }
  }
}
