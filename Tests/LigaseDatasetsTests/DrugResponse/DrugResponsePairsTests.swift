import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct DrugResponsePairsTests {
  private static let text =
    "tissue,line,drug,dose,y\nlung,a,X,1,0.5\nskin,b,Y,2,\nlung,a,Y,3,1.5\nskin,zz,X,4,2\nskin,b,ZZ,5,3\nlung,a,X,6,NA\n"

  private func table(_ text: String = text) throws -> Table {
    try Table(bytes: Array(text.utf8), path: "r.csv")
  }

  @Test func rowsAreJoinedByTheColumnsThatMatch() throws {
    let pairs = try DrugResponsePairs(table(), lineIDs: ["b", "a", "c"], drugIDs: ["Y", "X"], target: "y")
    #expect(pairs.cellColumn == "line" && pairs.drugColumn == "drug")
    #expect(
      pairs.rows == [0, 2] && pairs.lines == [1, 1] && pairs.drugs == [1, 0] && pairs.targets == [0.5, 1.5])
    #expect(
      pairs.report == [
        "joined line with expression: 5 of 6 rows matched; 1 not in expression (zz); 1 of expression unused (c)",
        "joined drug with the drug table: 5 of 6 rows matched; 1 not in the drug table (ZZ)",
        "2 rows have no y and are left out",
      ])
  }

  @Test func withoutATargetEveryJoinedRowCounts() throws {
    let pairs = try DrugResponsePairs(table(), lineIDs: ["a", "b"], drugIDs: ["X", "Y"])
    #expect(pairs.rows == [0, 1, 2, 5] && pairs.targets == nil)
    #expect(pairs.report.last == "1 rows repeat a pair of line and drug; each row counts")
    #expect(try pairs.keys(of: table()).names == ["tissue", "line", "drug"])
  }

  @Test func columnsCanBeNamed() throws {
    let text = "first,second,drug\na,b,X\nb,zz,X\n"
    let found = try DrugResponsePairs(table(text), lineIDs: ["a", "b"], drugIDs: ["X"])
    #expect(found.cellColumn == "first" && found.count == 2)
    let named = try DrugResponsePairs(table(text), lineIDs: ["a", "b"], drugIDs: ["X"], cellColumn: "second")
    #expect(named.cellColumn == "second" && named.rows == [0] && named.lines == [1])
    let error = #expect(throws: FormatError.self) {
      try DrugResponsePairs(table(text), lineIDs: ["a"], drugIDs: ["X"], cellColumn: "cell")
    }
    #expect(error?.description == "r.csv:1: found no column 'cell', expected one of: first, second, drug")
  }

  @Test func anEmptyJoinShowsBothSides() {
    let error = #expect(throws: JoinError.self) {
      try DrugResponsePairs(
        table("k,d\na1,X\na2,X\na3,X\na4,X\n"), lineIDs: ["b1", "b2", "b3", "b4"], drugIDs: ["X"],
        cellColumn: "k")
    }
    #expect(
      error?.description
        == "r.csv: no id of expression occurs; found k: a1, a2, a3; expected ids like b1, b2, b3")
    let apart = #expect(throws: JoinError.self) {
      try DrugResponsePairs(table("k,d\na,Z\nz,X\n"), lineIDs: ["a"], drugIDs: ["X"])
    }
    #expect(apart?.description.hasPrefix("r.csv: no row has a line of the expression matrix") == true)
    let piped = #expect(throws: JoinError.self) {
      try DrugResponsePairs(Table(bytes: Array("k,d\na,Z\n".utf8), path: "-"), lineIDs: ["b"], drugIDs: ["Z"])
    }
    #expect(piped?.description.hasPrefix("standard input: no id of expression occurs; ") == true)
    let unmeasured = #expect(throws: JoinError.self) {
      try DrugResponsePairs(table("k,d,y\na,X,NA\na,Y,\n"), lineIDs: ["a"], drugIDs: ["X", "Y"], target: "y")
    }
    #expect(unmeasured?.description.hasSuffix("and a number under 'y'") == true)
  }

  @Test func theTargetMustHoldNumbers() throws {
    let error = #expect(throws: FormatError.self) {
      try DrugResponsePairs(
        table("k,d,y\na,X,1\na,Y,high\n"), lineIDs: ["a"], drugIDs: ["X", "Y"], target: "y")
    }
    #expect(error?.description == "r.csv:3:3: found 'high' in column 'y', expected a number")
    #expect(try DrugResponsePairs.onlyNumericColumn(of: table("k,d,y\na,X,1\n")) == "y")
    let two = #expect(throws: JoinError.self) { try DrugResponsePairs.onlyNumericColumn(of: table()) }
    #expect(two?.description == "r.csv: cannot tell which column is predicted: dose, y hold numbers")
    let none = #expect(throws: JoinError.self) {
      try DrugResponsePairs.onlyNumericColumn(of: table("k,d\na,X\n"))
    }
    #expect(none?.description == "r.csv: cannot tell which column is predicted: no column holds numbers")
  }

  @Test func predictionsKeepTheKeyColumns() throws {
    let folder = TemporaryFolder(), table = try table()
    let pairs = try DrugResponsePairs(table, lineIDs: ["a", "b"], drugIDs: ["X", "Y"])
    let output = try OutputFile(folder.file("p.tsv"))
    try pairs.write([1, 2.5, -3, 0.1], of: table, lines: ["a", "b"], drugs: ["X", "Y"], to: output)
    try output.close()
    let text = String(decoding: TemporaryFolder.contents(of: folder.file("p.tsv"))!, as: UTF8.self)
    #expect(
      text
        == "tissue\tline\tdrug\tprediction\nlung\ta\tX\t1\nskin\tb\tY\t2.5\nlung\ta\tY\t-3\nlung\ta\tX\t0.1\n"
    )

    let every = DrugResponsePairs(everyPairOf: 2, drugs: 2, cellColumn: "line", drugColumn: "drug")
    #expect(every.lines == [0, 0, 1, 1] && every.drugs == [0, 1, 0, 1])
    let all = try OutputFile(folder.file("all.tsv"))
    try every.write([1, 2, 3, 4], of: nil, lines: ["a", "b"], drugs: ["X", "Y"], to: all)
    try all.close()
    let whole = String(decoding: TemporaryFolder.contents(of: folder.file("all.tsv"))!, as: UTF8.self)
    #expect(whole == "line\tdrug\tprediction\na\tX\t1\na\tY\t2\nb\tX\t3\nb\tY\t4\n")
  }
}
