import LigaseDatasets
import Testing

@Suite struct LabelsTests {
  private func target(
    _ columns: [(String, [String])], _ kind: Labels.Kind? = nil
  ) throws -> (target: Target, observations: Observations, note: String) {
    try Labels.target(columns.map { (name: $0.0, values: $0.1) }, kind: kind) { "row \($0 + 1)" }
  }

  private func refusal(_ columns: [(String, [String])], _ kind: Labels.Kind? = nil) -> String {
    do {
      _ = try target(columns, kind)
      return "no error"
    } catch { return "\(error)" }
  }

  private func classes(_ observations: Observations) -> [Int32]? {
    if case .classes(let found) = observations { return found }
    return nil
  }

  private func numbers(_ observations: Observations) -> [Float]? {
    switch observations {
    case .labels(let found), .values(let found): return found
    default: return nil
    }
  }

  @Test func textNamesClassesInTheOrderOfTheirBytes() throws {
    let found = try target([("site", ["EI", "IE", "N", "EI", "B"])])
    #expect(
      found.target == .classes(["B", "EI", "IE", "N"]) && classes(found.observations) == [1, 2, 3, 1, 0])
    #expect(found.note == "site: 4 classes")
  }

  @Test func fewWholeNumbersAreClassesByValue() throws {
    let found = try target([("y", ["10", "9", "-1", "10"])])
    #expect(found.target == .classes(["-1", "9", "10"]) && classes(found.observations) == [2, 1, 0, 2])
    let twenty = try target([("y", (0..<20).map { "\($0)" })])
    #expect(twenty.target.count == 20)
    if case .values = try target([("y", (0..<21).map { "\($0)" })]).target {
    } else {
      Issue.record("21 numbers are classes")
    }
    if case .values = try target([("y", ["1", "2.5"])]).target {} else { Issue.record("2.5 is a class") }
    if case .values = try target([("y", ["1", "2"])], .values).target {
    } else {
      Issue.record("the kind is not heard")
    }
    if case .classes = try target([("y", ["1.5", "2"])], .classes).target {
    } else {
      Issue.record("the kind is not heard")
    }
  }

  @Test func missingNumbersAreLeftOut() throws {
    let found = try target([("y", ["1.5", "", "NA", "-2e3"])])
    #expect(found.target == .values([.init(name: "y", mean: 0, deviation: 1)]))
    let values = try #require(numbers(found.observations))
    #expect(values[0] == 1.5 && values[1].isNaN && values[2].isNaN && values[3] == -2000)
  }

  @Test func severalColumns() throws {
    let yesNo = try target([("a", ["0", "1", ""]), ("b", ["1", "1", "0"])])
    #expect(yesNo.target == .labels(["a", "b"]) && yesNo.note == "a, b: 2 labels, yes or no")
    let values = try #require(numbers(yesNo.observations))
    #expect(Array(values[..<4]) == [0, 1, 1, 1] && values[4].isNaN && values[5] == 0)
    let several = try target([("a", ["0", "2"]), ("b", ["1", "1.5"])])
    #expect(several.target.names == ["a", "b"] && numbers(several.observations) == [0, 1, 2, 1.5])
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
    #expect(found.target == .labels(["a", "b", "c"]) && found.note == "go: any of 3 labels")
    #expect(numbers(found.observations) == [1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    // Without the word they are classes.
    #expect(try target([("go", ["b;a", "a"])]).target == .classes(["a", "b;a"]))
    #expect(refusal([("go", ["", "NA"])], .labels) == "found no label in go, expected one or more")
  }

  @Test func classesThatCannotBeLearned() {
    #expect(refusal([("y", ["a", "a"])]) == "found only the class 'a' in y, expected two or more")
    #expect(
      refusal([("y", ["a", "", "b"])]) == "found no class in y for row 2, expected one for every example")
    #expect(refusal([("y", ["a", "NA", "b"])]).contains("row 2"))
  }

  @Test func targetsThatCannotBeUsed() {
    #expect(Target.classes(["a"]).problem == "found 1 classes, expected two or more")
    #expect(Target.classes(["a", "a"]).problem == "found two outputs of one name")
    #expect(Target.labels([]).problem == "found no label" && Target.labels(["a"]).problem == nil)
    #expect(Target.values([]).problem == "found no value to predict")
    for deviation in [0, -1, Float.infinity, .nan] {
      #expect(Target.values([.init(name: "y", mean: 0, deviation: deviation)]).problem != nil)
    }
    #expect(Target.values([.init(name: "y", mean: 0, deviation: 2)]).problem == nil)
  }
}
