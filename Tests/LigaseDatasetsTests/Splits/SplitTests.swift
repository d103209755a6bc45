import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

/// A response of `cells` cell lines to `drugs` drugs in which some pairs are not measured, and one is
/// measured twice.
func keys(cells: Int = 20, drugs: Int = 9) -> KeyColumns {
  var lines: [String] = []
  var compounds: [String] = []
  for cell in 0..<cells {
    for drug in 0..<drugs where (cell * 7 + drug * 3) % 5 != 0 {
      lines.append("ACH-\(cell)")
      compounds.append("drug \(drug)")
    }
  }
  lines.append(lines[3])
  compounds.append(compounds[3])
  return KeyColumns([KeyColumn("cell", lines), KeyColumn("drug", compounds)])
}

private func folds(_ split: Split) -> [Int] {
  guard case .folds(let folds) = split.assignment else { return [] }
  return folds
}

struct SplitTests {
  @Test func randomFoldsAreOfEqualSizeAndKeepEqualRowsTogether() throws {
    let keys = keys()
    let split = try Split.folds(5, of: keys, seed: 3)
    let folds = folds(split)
    #expect(folds[3] == folds[keys.rowCount - 1])
    let sizes = (0..<5).map { fold in folds.count { $0 == fold } }
    #expect(sizes.max()! - sizes.min()! <= 1)
    #expect(try Split.folds(5, of: keys, seed: 3) == split)
    #expect(try Split.folds(5, of: keys, seed: 4) != split)
  }

  @Test(arguments: ["cell", "drug"]) func groupsStayWhole(_ name: String) throws {
    let keys = keys()
    let folds = folds(try .folds(4, of: keys, by: .group(name), seed: 0))
    let column = keys.column(name)!
    for id in column.ids.indices {
      let rows = column.codes.indices.filter { column.codes[$0] == id }
      #expect(Set(rows.map { folds[$0] }).count == 1)
    }
    let sizes = (0..<4).map { fold in folds.count { $0 == fold } }
    let largest = column.ids.indices.map { id in column.codes.count { $0 == id } }.max()!
    #expect(sizes.max()! - sizes.min()! <= largest)
    #expect(sizes.min()! > 0)
  }

  @Test func foldsDoNotDependOnTheOrderOfRows() throws {
    let keys = keys()
    let order = Array((0..<keys.rowCount).reversed())
    for unit in [Split.Unit.row, .group("cell")] {
      let straight = folds(try .folds(5, of: keys, by: unit, seed: 9))
      let reversed = folds(try .folds(5, of: keys.selecting(rows: order), by: unit, seed: 9))
      #expect(order.map { straight[$0] } == reversed)
    }
  }

  @Test func fractionsAreMetByRowsAndNearlyByGroups() throws {
    let keys = keys(cells: 100, drugs: 10)
    for unit in [Split.Unit.row, .group("cell")] {
      let split = try Split.fractions(train: 0.8, validation: 0.1, test: 0.1, of: keys, by: unit, seed: 1)
      guard case .parts(let parts) = split.assignment else { fatalError("no parts") }
      let count = Double(keys.rowCount)
      #expect(abs(Double(parts.count { $0 == .train }) / count - 0.8) < 0.02)
      #expect(abs(Double(parts.count { $0 == .validation }) / count - 0.1) < 0.02)
      #expect(split.columnName == "split")
    }
    // Five groups: each subset has at least one.
    let few = try Split.fractions(
      train: 0.8, validation: 0.1, test: 0.1, of: .init([KeyColumn("g", (0..<100).map { String($0 % 5) })]),
      by: .group("g"), seed: 0)
    guard case .parts(let parts) = few.assignment else { fatalError("no parts") }
    #expect(Set(parts).count == 3)
    #expect(throws: SplitError.badFractions([0.8, 0.1, 0.2])) {
      try Split.fractions(train: 0.8, validation: 0.1, test: 0.2, of: keys, seed: 0)
    }
    #expect(throws: SplitError.badFractions([-0.5, 0.5, 1])) {
      try Split.fractions(train: -0.5, validation: 0.5, test: 1, of: keys, seed: 0)
    }
  }

  @Test func unknownColumnsAndTooFewGroupsAreRefused() {
    let keys = keys(cells: 3)
    #expect(throws: SplitError.missingColumn("tissue", ["cell", "drug"])) {
      try Split.folds(2, of: keys, by: .group("tissue"), seed: 0)
    }
    #expect(throws: SplitError.tooFewGroups(groups: 3, needed: 5, of: "values of 'cell'")) {
      try Split.folds(5, of: keys, by: .group("cell"), seed: 0)
    }
  }

  @Test func tablesAreReadWithTheLineOfABadValue() throws {
    let good = try Split(Table(bytes: Array("cell,site,fold\na,x,0\nb,y,1\n".utf8)))
    #expect(good.keys.names == ["cell", "site"])
    #expect(folds(good) == [0, 1])
    let parts = try Split(Table(bytes: Array("cell\tsplit\na\ttrain\nb\tvalidation\nc\ttest\n".utf8)))
    #expect(parts.assignment == .parts([.train, .validation, .test]))
    for (text, place) in [
      ("cell,fold\na,0\nb,-1\n", "table:3:2: found '-1'"), ("cell,fold\na,0\nb,x\n", "table:3:2: found 'x'"),
      ("cell,split\na,train\nb,holdout\n", "table:3:2: found 'holdout'"), ("cell,fold\n", "table:2"),
      ("cell,part\na,train\n", "table:1: found the columns cell, part"),
      ("fold\n0\n", "table:1: found the columns fold"),
    ] {
      let error = #expect(throws: FormatError.self) { try Split(Table(bytes: Array(text.utf8))) }
      #expect("\(error!)".hasPrefix(place))
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = TemporaryFolder()
    let split = try Split.folds(3, of: keys(), by: .group("drug"), seed: 5)
    let output = try OutputFile(folder.file("split.tsv"))
    try split.write(to: output)
    try output.close()
    #expect(try Split(Table(contentsOf: folder.file("split.tsv"))) == split)
  }
}
