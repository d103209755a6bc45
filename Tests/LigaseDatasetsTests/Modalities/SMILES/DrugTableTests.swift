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
    ("n,smiles\nx,\n", "drugs.csv:2:2: found no drug with readable SMILES"),
    (
      "n,formula\nx,CC\n", "drugs.csv: cannot tell which column contains SMILES: found n, formula"
    ),
    (
      "n,smiles1,smiles2\nx,C,C\n",
      "drugs.csv: cannot tell which column contains SMILES: found n, smiles1, smiles2"
    ),
  ])
  func errorsNameThePlace(_ text: String, _ message: String) {
    #expect("\(#expect(throws: (any Error).self) { try table(text) }!)" == message)
  }

  @Test func whatCannotBeReadIsNamed() {
    let broken = #expect(throws: FormatError.self) { try table("n,smiles\nodd drug,CC(C\n") }
    #expect(
      broken?.line == 2 && broken?.column == 2 && broken?.message.hasPrefix("drug 'odd drug': ") == true)
    let absent = #expect(throws: FormatError.self) { try table("n,smiles\nx,CC\n", smiles: "structure") }
    #expect(absent?.message.contains("'structure'") == true && absent?.message.contains("n, smiles") == true)
    #expect(throws: FormatError.self) { try table("n,smiles\n") }
  }

  /// A drug whose SMILES is missing or cannot be read is skipped and named.
  @Test func drugsWithoutSMILESAreSkipped() throws {
    let drugs = try table("n,smiles\na,CC\nb,\nc,NA\nd,CC(C\ne,O\nf,CC=\n")
    #expect(drugs.ids == ["a", "e"] && drugs.tokens == [["C", "C"], ["O"]])
    #expect(drugs.skipped.map(\.id) == ["b", "c", "d", "f"])
    #expect(
      drugs.report
        == "skipped 4 of 6 drugs with unreadable SMILES: b (no SMILES), c (no SMILES), "
        + "d (line 5: SMILES 'CC(C', position 3: '(' is never closed), …")
  }
}
