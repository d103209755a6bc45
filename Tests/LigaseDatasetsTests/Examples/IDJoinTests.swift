import LigaseDatasets
import Testing

@Suite struct IDJoinTests {
  @Test func rowsFindTheirIDs() {
    let join = IDJoin(column: "line", values: ["b", "x", "a", "b", "y", "x", ""], ids: ["a", "b", "c", "d"])
    #expect(join.indices == [1, -1, 0, 1, -1, -1, -1])
    #expect(join.unknown == ["x", "y", ""] && join.unused == ["c", "d"] && join.matchedRows == 3)
    #expect(
      join.line(against: "expression")
        == "joined column line with expression: 3 of 7 rows matched; 3 not in expression (x, y, ); "
        + "2 of expression unused (c, d)")
  }

  @Test func nothingIsSaidOfWhatMatches() {
    let join = IDJoin(column: "line", values: ["a", "b"], ids: ["a", "b", "a"])
    #expect(join.indices == [0, 1])
    let whole = IDJoin(column: "line", values: ["a", "b"], ids: ["a", "b"])
    #expect(
      whole.line(against: "the drug table") == "joined column line with the drug table: 2 of 2 rows matched")
    let many = IDJoin(column: "k", values: ["1", "2", "3", "4", "0"], ids: ["0"])
    #expect(
      many.line(against: "ids") == "joined column k with ids: 1 of 5 rows matched; 4 not in ids (1, 2, 3, …)")
  }
}
