import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

struct SMILESTokenizerTests {
  let tokenizer = SMILESTokenizer()

  @Test func atomsOfTwoLettersAndBracketsAreOneToken() throws {
    let tokens = try tokenizer.tokens("CC(=O)Cl.[C@@H](Br)%12CC%12c1ccccc1")
    #expect(
      tokens == [
        "C", "C", "(", "=", "O", ")", "Cl", ".", "[C@@H]", "(", "Br", ")", "%12", "C", "C", "%12", "c", "1",
        "c",
        "c", "c", "c", "c", "1",
      ])
  }

  @Test(
    arguments: [
      "[13CH4]", "[nH]1cccc1", "[Pt+2]", "[NH2-]", "[O-][N+](=O)C", "[As]", "[se]1cccc1", "[C@TH1H](F)(Cl)Br",
      "[*]",
      "[CH3:1]C", "[Fe++]", "[OH30]", "F/C=C\\F", "C:C", "C$C", "C#N", "*C", "C1.C1", "CS1(=O)CC1",
      "[2H]O[2H]",
      "C%01CC1", "[NH3]->[Pt]", "[Pt]<-[NH3]", "C%(100)CC%(100)", "C%(12)CC%12", "C=1CCCCC=1",
      "CC(=O)(->[Fe])C", "C0CC0", "N[C@@H](CS)C(=O)O", "[Cl-].[Na+]",
    ])
  func tokensJoinBackToTheText(_ text: String) throws {
    #expect(try tokenizer.tokens(text).joined() == text)
  }

  @Test(
    arguments: [
      ("", SMILESError.Kind.empty, 1),
      ("CX", .unexpected("X"), 2),
      ("C C", .unexpected(" "), 2),
      ("CCé", .unexpected("é"), 3),
      ("CC[C@@H", .unclosedBracket, 3),
      ("CC]", .unopenedBracket, 3),
      ("C[]", .malformedBracket("[]"), 2),
      ("C[é]", .malformedBracket("[é]"), 2),
      ("C[C@@Hx]", .malformedBracket("[C@@Hx]"), 2),
      ("C[+]", .malformedBracket("[+]"), 2),
      ("C[C[N]]", .malformedBracket("[C[N]"), 2),
      ("CC(C(=O)O", .unclosedBranch, 3),
      ("CC(=O))O", .unopenedBranch, 7),
      ("C1CC2CC1", .unclosedRing("2"), 5),
      ("C%12CC", .unclosedRing("12"), 2),
      ("C%1", .malformedRing("%1"), 2),
      ("C%1x", .malformedRing("%1x"), 2),
      ("C%(CC", .malformedRing("%(C"), 2),
      ("C%()C", .malformedRing("%()"), 2),
      ("C%(123456)C", .malformedRing("%(1"), 2),
      ("C%(100)CC", .unclosedRing("100"), 2),
      ("C()C", .emptyBranch, 2),
      ("C11", .ringOfOneAtom("1"), 2),
      ("CC%12.C%12%13%13", .ringOfOneAtom("13"), 11),
      ("CC=", .danglingBond("="), 3),
      ("CC(=)C", .danglingBond("="), 4),
      ("CC-", .danglingBond("-"), 3),
      ("N->", .danglingBond("->"), 2),
      ("C=-C", .danglingBond("="), 2),
      ("C=.C", .danglingBond("="), 2),
      ("C>C", .unexpected(">"), 2),
      ("1CC1", .noAtomBefore("1"), 1),
      ("(C)C", .noAtomBefore("("), 1),
      ("=CC", .noAtomBefore("="), 1),
      ("C..C", .noAtomBefore("."), 3),
    ] as [(String, SMILESError.Kind, Int)])
  func faultsAreNamedWithTheirPlace(_ text: String, _ kind: SMILESError.Kind, _ position: Int) {
    #expect(throws: SMILESError(kind, position: position, text: text)) { try tokenizer.tokens(text) }
  }

  @Test func noBytesMakeItTrap() {
    var state: UInt64 = 1
    let alphabet = Array("CNOcn[]()%@H+-=#/\\.:*1290BrClé \0x")
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      if let tokens = try? tokenizer.tokens(text) { #expect(tokens.joined() == text) }
    }
  }

  @Test func errorsReadAsOneLine() {
    let error = SMILESError(.unclosedRing("2"), position: 5, text: "C1CC2CC1")
    #expect("\(error)" == "SMILES 'C1CC2CC1', position 5: ring 2 is never closed")
  }

  @Test func theLargestFragmentHasMostAtoms() throws {
    let tokenizer = SMILESTokenizer(salts: .largestFragment)
    #expect(try tokenizer.tokens("[Cl-].CCN.C").joined() == "CCN")
    #expect(try tokenizer.tokens("CO.CN").joined() == "CO")
    #expect(try tokenizer.tokens("CCO").joined() == "CCO")
    // A ring across the dot connects both sides.
    #expect(try tokenizer.tokens("C1.C1").joined() == "C1.C1")
  }

  @Test func drugsOfTheSharedDataSetsJoinBack() throws {
    guard let drugs = SharedData.path("drug_response/gdsc2/drug_smiles.csv"),
      let more = SharedData.path("drug_response/drugcell_auc/drug2ind.txt")
    else { return }
    let table = try Table(contentsOf: drugs)
    #expect(table.rowCount == 170)
    let smiles =
      try table.strings("CanonicalSMILES") + table.strings("IsomericSMILES")
      + Table(contentsOf: more, delimiter: .tab, hasHeader: false).strings("column2")
    #expect(smiles.count > 1000)
    for text in smiles { #expect(try tokenizer.tokens(text).joined() == text) }
  }
}
