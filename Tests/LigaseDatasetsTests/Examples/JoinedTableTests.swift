import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct JoinedTableTests {
  private static let text =
    "tissue,line,drug,dose,y\nlung,a,X,1,0.5\nskin,b,Y,2,\nlung,a,Y,3,1.5\nskin,zz,X,4,2\nskin,b,ZZ,5,3\nlung,a,X,6,NA\n"

  private func table(_ text: String = text) throws -> Table {
    try Table(bytes: Array(text.utf8), path: "r.csv")
  }

  private func join(
    _ table: Table, _ lines: [String], _ drugs: [String], line: String? = nil, targets: [String] = []
  ) throws -> JoinedTable {
    try JoinedTable(
      table, to: [.init("expression", ids: lines, column: line), .init("the drug table", ids: drugs)],
      targets: targets)
  }

  @Test func rowsAreJoinedByTheColumnsThatMatch() throws {
    let pairs = try join(table(), ["b", "a", "c"], ["Y", "X"], targets: ["y"])
    #expect(pairs.columns == ["line", "drug"])
    #expect(pairs.rows == [0, 2] && pairs.indices == [[1, 1], [1, 0]] && pairs.values == [0.5, 1.5])
    #expect(
      pairs.report == [
        "joined column line with expression: 5 of 6 rows matched; 1 not in expression (zz); 1 of expression unused (c)",
        "joined column drug with the drug table: 5 of 6 rows matched; 1 not in the drug table (ZZ)",
        "skipped 2 rows without y",
      ])
  }

  /// A row is used if at least one of several numbers was measured.
  @Test func severalTargets() throws {
    let text = "line,drug,y,z\na,X,1,\na,Y,,2\nb,X,,NA\nb,Y,3,4\n"
    let pairs = try join(table(text), ["a", "b"], ["X", "Y"], targets: ["y", "z"])
    #expect(pairs.rows == [0, 1, 3] && pairs.values.count == 6)
    #expect(pairs.values[0] == 1 && pairs.values[1].isNaN && pairs.values[2].isNaN && pairs.values[3] == 2)
    #expect(pairs.values[4...] == [3, 4] && pairs.report.last == "skipped 1 row without y, z")
  }

  @Test func withoutATargetEveryJoinedRowCounts() throws {
    let pairs = try join(table(), ["a", "b"], ["X", "Y"])
    #expect(pairs.rows == [0, 1, 2, 5] && pairs.values == [])
    #expect(pairs.report.last == "1 row with a repeated combination of line and drug; all rows are used")
    #expect(try pairs.keys().names == ["tissue", "line", "drug"] && pairs.keys().rowCount == 4)
    #expect(try pairs.keys().columns[0][1] == "skin" && pairs.keys().columns[2][3] == "X")
  }

  @Test func columnsCanBeNamed() throws {
    let text = "first,second,drug\na,b,X\nb,zz,X\n"
    let found = try join(table(text), ["a", "b"], ["X"])
    #expect(found.columns[0] == "first" && found.rows.count == 2)
    let named = try join(table(text), ["a", "b"], ["X"], line: "second")
    #expect(named.columns[0] == "second" && named.rows == [0] && named.indices[0] == [1])
    let error = #expect(throws: FormatError.self) { try join(table(text), ["a"], ["X"], line: "cell") }
    #expect(error?.description == "r.csv:1: found no column 'cell', expected one of: first, second, drug")
  }

  /// One column cannot name the records of two inputs.
  @Test func eachSideHasAColumnOfItsOwn() throws {
    let found = try join(table("k,l\na,b\nb,a\n"), ["a", "b"], ["a", "b"])
    #expect(found.columns == ["k", "l"] && found.indices == [[0, 1], [1, 0]])
  }

  @Test func anEmptyJoinShowsBothSides() {
    let error = #expect(throws: JoinError.self) {
      try join(table("k,d\na1,X\na2,X\na3,X\na4,X\n"), ["b1", "b2", "b3", "b4"], ["X"], line: "k")
    }
    #expect(
      error?.description
        == "r.csv: no id matches expression; found k: a1, a2, a3; expected ids such as b1, b2, b3")
    let apart = #expect(throws: JoinError.self) { try join(table("k,d\na,Z\nz,X\n"), ["a"], ["X"]) }
    #expect(apart?.description == "r.csv: no row matches expression and the drug table")
    let piped = #expect(throws: JoinError.self) {
      try join(Table(bytes: Array("k,d\na,Z\n".utf8), path: "-"), ["b"], ["Z"])
    }
    #expect(piped?.description.hasPrefix("standard input: no id matches expression; ") == true)
    let unmeasured = #expect(throws: JoinError.self) {
      try join(table("k,d,y\na,X,NA\na,Y,\n"), ["a"], ["X", "Y"], targets: ["y"])
    }
    #expect(unmeasured?.description.hasSuffix("and a number under 'y'") == true)
  }

  @Test func theTargetMustHoldNumbers() throws {
    let error = #expect(throws: FormatError.self) {
      try join(table("k,d,y\na,X,1\na,Y,high\n"), ["a"], ["X", "Y"], targets: ["y"])
    }
    #expect(error?.description == "r.csv:3:3: found 'high' in column 'y', expected a number")
    #expect(try JoinedTable.onlyNumericColumn(of: table("k,d,y\na,X,1\n")) == "y")
    let two = #expect(throws: JoinError.self) { try JoinedTable.onlyNumericColumn(of: table()) }
    #expect(two?.description == "r.csv: cannot tell which column is the target: numeric columns are dose, y")
    let none = #expect(throws: JoinError.self) {
      try JoinedTable.onlyNumericColumn(of: table("k,d\na,X\n"))
    }
    #expect(none?.description == "r.csv: cannot tell which column is the target: no column is numeric")
  }

  @Test func namesThatMayBeRecords() throws {
    #expect(try JoinedTable.possibleIDs(of: table(), column: "line") == ["a", "b", "zz"])
    #expect(
      try Set(JoinedTable.possibleIDs(of: table(), column: nil))
        == ["lung", "skin", "a", "b", "zz", "X", "Y", "ZZ"])
  }
}
