import LigaseDatasets
import Testing

@Suite struct LabelsTests {
  private func target(
    _ columns: [(String, [String])], _ kind: Labels.Kind? = nil
  ) throws -> (target: TargetDescription, observations: Observations, note: String) {
    try Labels.target(columns.map { (name: $0.0, values: $0.1) }, kind: kind) { "row \($0 + 1)" }
  }

  private func refusal(_ columns: [(String, [String])], _ kind: Labels.Kind? = nil) -> String {
    do {
      _ = try target(columns, kind)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func textNamesClassesInTheOrderOfTheirBytes() throws {
    let found = try target([("site", ["EI", "IE", "N", "EI", "B"])])
    #expect(
      found.target == TargetDescription("classes", ["B", "EI", "IE", "N"])
        && found.observations.numbers == [1, 2, 3, 1, 0])
    #expect(found.note == "site: 4 classes")
  }

  @Test func fewWholeNumbersAreClassesByValue() throws {
    let found = try target([("y", ["10", "9", "-1", "10"])])
    #expect(
      found.target == TargetDescription("classes", ["-1", "9", "10"])
        && found.observations.numbers == [2, 1, 0, 2])
    let twenty = try target([("y", (0..<20).map { "\($0)" })])
    #expect(twenty.target.names.count == 20 && twenty.target.objective == "classes")
    func objective(_ values: [String], _ kind: Labels.Kind? = nil) throws -> String {
      try target([("y", values)], kind).target.objective
    }
    #expect(try objective((0..<21).map { "\($0)" }) == "values" && objective(["1", "2.5"]) == "values")
    #expect(
      try objective(["1", "2"], .values) == "values" && objective(["1.5", "2"], .classes) == "classes")
  }

  @Test func missingNumbersAreLeftOut() throws {
    let found = try target([("y", ["1.5", "", "NA", "-2e3"])])
    #expect(found.target == TargetDescription("values", ["y"]))
    let values = found.observations.numbers
    #expect(values[0] == 1.5 && values[1].isNaN && values[2].isNaN && values[3] == -2000)
  }

  @Test func severalColumns() throws {
    let yesNo = try target([("a", ["0", "1", ""]), ("b", ["1", "1", "0"])])
    #expect(
      yesNo.target == TargetDescription("labels", ["a", "b"]) && yesNo.note == "a, b: 2 labels, yes or no")
    let values = yesNo.observations.numbers
    #expect(Array(values[..<4]) == [0, 1, 1, 1] && values[4].isNaN && values[5] == 0)
    let several = try target([("a", ["0", "2"]), ("b", ["1", "1.5"])])
    #expect(several.target.names == ["a", "b"] && several.observations.numbers == [0, 1, 2, 1.5])
    #expect(
      refusal([("a", ["x", "y"]), ("b", ["1", "2"])]) == "found 2 columns of classes, expected one (a, b)")
    #expect(
      refusal([("a", ["0", "2"]), ("b", ["1", "0"])], .labels) == "found '2' in a for row 2, expected 0 or 1")
    #expect(
      refusal([("a", ["0.5", "x"]), ("b", ["1", "0"])], .values)
        == "found 'x' in a for row 2, expected a number")
    #expect(refusal([("a", ["1", "inf"])], .values) == "found 'inf' in a for row 2, expected a number")
    // Columns of one name would make outputs that nobody can tell apart.
    #expect(
      refusal([("a", ["0", "1"]), ("a", ["0", "1"])]) == "found the column 'a' twice, expected each once")
  }

  @Test func setsOfLabels() throws {
    let found = try target([("go", ["b;a", "a ; c", "", "NA", "b;;"])], .labels)
    #expect(
      found.target == TargetDescription("labels", ["a", "b", "c"]) && found.note == "go: any of 3 labels")
    #expect(found.observations.numbers == [1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    // Without the word they are classes.
    #expect(try target([("go", ["b;a", "a"])]).target == TargetDescription("classes", ["a", "b;a"]))
    #expect(refusal([("go", ["", "NA"])], .labels) == "found no label in go, expected one or more")
  }

  @Test func classesThatCannotBeLearned() {
    #expect(refusal([("y", ["a", "a"])]) == "found only the class 'a' in y, expected two or more")
    #expect(
      refusal([("y", ["a", "", "b"])]) == "found no class in y for row 2, expected one for every example")
    #expect(refusal([("y", ["a", "NA", "b"])]).contains("row 2"))
  }
}
