import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

struct ResolvedSplitTests {
  private func table(_ text: String) throws -> Split { try Split(Table(bytes: Array(text.utf8))) }

  private func ids(_ keys: KeyColumns, _ name: String, _ rows: [Int]) -> Set<String> {
    Set(rows.map { keys.column(name)![$0] })
  }

  @Test func aFoldOverOneColumnIsBlindForItInAllParts() throws {
    let keys = keys(cells: 40)
    let split = try Split.folds(5, of: keys, by: .group("cell"), seed: 2)
    let resolved = try split.resolved(for: keys, fold: 1, seed: 7)
    #expect(resolved.train.count + resolved.validation.count + resolved.test.count == keys.rowCount)
    #expect(resolved.validationSource.contains("drawn by cell"))
    let train = ids(keys, "cell", resolved.train), validation = ids(keys, "cell", resolved.validation)
    let test = ids(keys, "cell", resolved.test)
    #expect(
      train.isDisjoint(with: test) && train.isDisjoint(with: validation) && test.isDisjoint(with: validation))
    let share = Double(resolved.validation.count) / Double(resolved.train.count + resolved.validation.count)
    #expect(abs(share - 0.1) < 0.04)
    #expect(resolved.proof.disjointColumns == ["cell"])
    #expect(resolved.proof.isDisjoint)
    let again = try split.resolved(for: keys, fold: 1, seed: 7)
    #expect(again.validation == resolved.validation)
    #expect(try split.resolved(for: keys, fold: 1, seed: 8).validation != resolved.validation)
  }

  @Test func aFileWithOneKeyColumnAndOthersIsJoinedOverWhatBothHave() throws {
    let keys = keys(cells: 4, drugs: 5)
    let split = try table("cell,site,fold\nACH-0,x,0\nACH-1,x,1\nACH-2,y,2\nACH-9,y,2\n")
    let resolved = try split.resolved(for: keys, fold: 2, seed: 0)
    #expect(resolved.joinedBy == ["cell"])
    #expect(ids(keys, "cell", resolved.test) == ["ACH-2"])
    #expect(ids(keys, "cell", resolved.unmatched) == ["ACH-3"])
    #expect(
      resolved.lines(keys: keys)[1].hasPrefix("skipped 4 rows in no subset of the split: ACH-3, drug"))
  }

  @Test func randomFoldsDrawValidationRowByRow() throws {
    let keys = keys()
    let resolved = try Split.folds(5, of: keys, seed: 0).resolved(for: keys, seed: 0)
    #expect(resolved.validationSource.contains("row by row"))
    #expect(resolved.proof.isDisjoint)
    let share = Double(resolved.validation.count) / Double(resolved.train.count + resolved.validation.count)
    #expect(abs(share - 0.1) < 0.01)
  }

  @Test func givenPartsAreTakenAsTheyAre() throws {
    let keys = KeyColumns([KeyColumn("cell", ["a", "b", "c", "a"])])
    let resolved = try table("cell,split\na,train\nb,val\nc,test\n").resolved(for: keys, seed: 0)
    #expect(resolved.train == [0, 3] && resolved.validation == [1] && resolved.test == [2])
    #expect(resolved.validationSource == "given" && resolved.fold == nil)
    // Without given validation rows they are drawn, whole ids together.
    let drawn = try table("cell,split\na,train\nb,train\nc,test\n").resolved(for: keys, seed: 0)
    #expect(drawn.validation == [1] || drawn.validation == [0, 3])
    let none = try table("cell,split\na,train\nb,train\nc,test\n")
      .resolved(for: keys, validationFraction: 0, seed: 0)
    #expect(none.validation.isEmpty && none.train == [0, 1, 3])
  }

  @Test func whatCannotBeJoinedIsRefused() throws {
    let keys = KeyColumns([KeyColumn("cell", ["a", "b"])])
    #expect(throws: SplitError.emptyJoin(.init(names: ["cell"], left: ["a", "b"], right: ["x", "y", "z"]))) {
      try table("cell,fold\nx,0\ny,1\nz,0\nw,1\n").resolved(for: keys, seed: 0)
    }
    #expect(throws: SplitError.noSharedColumns(["cell"], ["line"])) {
      try table("line,fold\na,0\n").resolved(for: keys, seed: 0)
    }
    #expect(throws: SplitError.missingFold(5, [0, 1])) {
      try table("cell,fold\na,0\nb,1\n").resolved(for: keys, fold: 5, seed: 0)
    }
    #expect(throws: SplitError.contradiction(ids: "a", "0", "1")) {
      try table("cell,drug,fold\na,x,0\na,y,1\n").resolved(for: keys, seed: 0)
    }
    #expect(throws: SplitError.emptyPart("train")) {
      try table("cell,split\na,test\nb,val\n").resolved(for: keys, seed: 0)
    }
  }

  @Test func theProofCountsWhatPartsShare() {
    let keys = KeyColumns([
      KeyColumn("cell", ["a", "a", "b", "c"]), KeyColumn("drug", ["x", "y", "x", "x"]),
    ])
    let proof = SplitProof(keys: keys, parts: [("train", [0, 2]), ("test", [1, 3])])
    #expect(proof.parts.map(\.distinct) == [[2, 1], [2, 2]])
    #expect(proof.overlaps.map(\.shared.ids) == [[1, 1]])
    #expect(
      proof.lines == [
        "subset  rows  cell  drug", "train      2     2     1", "test       2     2     2",
        "overlap between train and test: 0 rows, 1 cell, 1 drug",
      ])
    #expect(!SplitProof(keys: keys, parts: [("train", [0]), ("test", [0])]).isDisjoint)
    let four = SplitProof(keys: keys, parts: (0..<4).map { ("\($0)", [$0]) })
    #expect(four.lines.last == "overlap between folds: 0 rows, 1 cell, 1 drug")
    #expect(four.overlaps.isEmpty && four.isDisjoint && four.disjointColumns.isEmpty)
    let many = SplitProof(keys: keys, parts: (0..<40).map { ("\($0)", [0]) })
    #expect(many.lines.count == 23 && many.lines[21] == "… 40 folds in all" && !many.isDisjoint)
  }

  @Test func theSplitsOfTheSharedDataHold() throws {
    guard let response = SharedData.path("drug_response/gdsc2/response_82833.csv"),
      let pairs = SharedData.path("drug_response/gdsc2/splits/pair_split.csv"),
      let cells = SharedData.path("drug_response/gdsc2/splits/cell_folds.csv"),
      let drugs = SharedData.path("drug_response/gdsc2/splits/drug_folds.csv")
    else { return }
    let keys = try Table(contentsOf: response).keys(["DepMap_ID", "drug_name"])
    let pair = try Split(Table(contentsOf: pairs)).resolved(for: keys, seed: 0)
    #expect([pair.train.count, pair.validation.count, pair.test.count] == [66_393, 8_210, 8_230])
    let cell = try Split(Table(contentsOf: cells)).resolved(for: keys, fold: 3, seed: 0)
    #expect(cell.proof.disjointColumns == ["DepMap_ID"] && cell.unmatched.isEmpty)
    let drug = try Split(Table(contentsOf: drugs)).resolved(for: keys, fold: 3, seed: 0)
    #expect(drug.proof.disjointColumns == ["drug_name"] && drug.unmatched.isEmpty)
  }
}
