import LigaseDatasets
import Testing

@Suite struct LabelsTests {
  private func target(
    _ columns: [(String, [String])], _ kind: Labels.Kind? = nil, missing: [String]? = nil
  ) throws -> (target: TargetDescription, observations: Observations, note: String) {
    try Labels.target(columns.map { (name: $0.0, values: $0.1) }, Labels.Reading(kind, missing: missing)) {
      "row \($0 + 1)"
    }
  }

  private func refusal(_ columns: [(String, [String])], _ kind: Labels.Kind? = nil, missing: [String]? = nil)
    -> String
  {
    do {
      _ = try target(columns, kind, missing: missing)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func textNamesClassesInTheOrderOfTheirBytes() throws {
    let found = try target([("site", ["EI", "IE", "N", "EI", "B"])])
    #expect(
      found.target == TargetDescription("classes", ["B", "EI", "IE", "N"], columns: ["site"])
        && found.observations.numbers == [1, 2, 3, 1, 0])
    #expect(found.note == "site: 4 classes")
  }

  @Test func fewWholeNumbersAreClassesByValue() throws {
    let found = try target([("y", ["10", "9", "-1", "10"])])
    #expect(
      found.target == TargetDescription("classes", ["-1", "9", "10"], columns: ["y"])
        && found.observations.numbers == [2, 1, 0, 2])
    let twenty = try target([("y", (0..<40).map { "\($0 % 20)" })])
    #expect(twenty.target.names.count == 20 && twenty.target.objective == "classes")
    func objective(_ values: [String], _ kind: Labels.Kind? = nil) throws -> String {
      try target([("y", values)], kind).target.objective
    }
    #expect(try objective((0..<21).map { "\($0)" }) == "values" && objective(["1", "2.5"]) == "values")
    #expect(
      try objective(["1", "2"], .values) == "values" && objective(["1.5", "2", "2"], .classes) == "classes")
  }

  @Test func missingNumbersAreLeftOut() throws {
    let found = try target([("y", ["1.5", "", "NA", "-2e3"])])
    #expect(found.target == TargetDescription("values", ["y"], columns: ["y"]))
    let values = found.observations.numbers
    #expect(values[0] == 1.5 && values[1].isNaN && values[2].isNaN && values[3] == -2000)
  }

  @Test func severalColumns() throws {
    let yesNo = try target([("a", ["0", "1", ""]), ("b", ["1", "1", "0"])])
    #expect(
      yesNo.target == TargetDescription("labels", ["a", "b"], columns: ["a", "b"])
        && yesNo.note == "a, b: 2 labels, yes or no")
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
    // Columns of one name would give outputs that cannot be distinguished.
    #expect(
      refusal([("a", ["0", "1"]), ("a", ["0", "1"])]) == "found the column 'a' twice, expected each once")
  }

  @Test func setsOfLabels() throws {
    let found = try target([("go", ["b;a", "a ; c", "", "NA", "b;;"])], .labels)
    #expect(
      found.target == TargetDescription("labels", ["a", "b", "c"], columns: ["go"])
        && found.note == "go: any of 3 labels")
    #expect(found.observations.numbers == [1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    // Without this option they are classes.
    #expect(try target([("go", ["b;a", "a", "a"])]).target.names == ["a", "b;a"])
    #expect(refusal([("go", ["", "NA"])], .labels) == "found no label in go, expected one or more")
  }

  @Test func classesThatCannotBeLearned() {
    #expect(refusal([("y", ["a", "a"])]) == "found only the class 'a' in y, expected two or more")
    #expect(
      refusal([("y", ["a", "", "b"])]) == "found no class in y for row 2, expected one for every example")
    #expect(refusal([("y", ["a", "NA", "b"])]).contains("row 2"))
  }

  /// Numbers with some text are not classes: the text is missing by the rule for numbers, or an error.
  @Test func numbersWithSomeText() throws {
    let numbers = (0..<160).map { "\(Double($0) / 8 + 0.01)" }
    for text in ["nan", "N/A", "null", ".", "NaN", "-", "None", "<NA>", "", "NA"] {
      let found = try target([("y", numbers + [text])])
      #expect(found.target.objective == "values" && found.observations.numbers[160].isNaN, "\(text)")
      #expect(Labels.labelled([("y", numbers + [text])], Labels.Reading()).count == 160, "\(text)")
    }
    for text in [">5", "5%", "0x1A", "<0.1", "1,5", "high", "3 mg"] {
      #expect(
        refusal([("y", numbers + [text])])
          == "found '\(text)' in y for row 161, expected a number as in most rows")
      // With the options they are classes, or the text is missing.
      #expect(refusal([("y", numbers + ["7.01", text])], .classes) == "no error", "\(text)")
      #expect(refusal([("y", numbers + [text])], missing: [text]) == "no error", "\(text)")
    }
    for text in [" 0.5", "0.5 ", "\t0.5", "5e-1", "+0.5"] {
      #expect(try target([("y", numbers + [text])]).observations.numbers[160] == 0.5, "\(text)")
    }
  }

  @Test func wholeNumbersHaveOneSpelling() throws {
    let found = try target([("y", ["0.0", "1.0", "1", " 0", "1e0"])])
    #expect(found.target.names == ["0", "1"] && found.observations.numbers == [0, 1, 1, 0, 1])
    let two = try target([("a", ["0.0", "1.0"]), ("b", ["1", "0"])])
    #expect(two.target.objective == "labels" && two.observations.numbers == [0, 1, 1, 0])
    // Text is compared without white space around it, and hexadecimal digits are text.
    #expect(try target([("y", ["a", " a", "b ", "b"])]).target.names == ["a", "b"])
    #expect(try target([("y", ["0x1A", "0x1A", "0x2B"])]).target.names == ["0x1A", "0x2B"])
  }

  @Test func aClassMayBeCalledNA() throws {
    let values = ["NA", "EU", "NA", "EU", "?"]
    #expect(Labels.labelled([("y", values)], Labels.Reading()) == [1, 3, 4])
    #expect(Labels.labelled([("y", values)], Labels.Reading(missing: ["?"])) == [0, 1, 2, 3])
    #expect(try target([("y", Array(values[..<4]))], missing: ["?"]).target.names == ["EU", "NA"])
    let codes = try target([("y", ["-9", "1.5", "2.5"])], missing: ["-9"])
    #expect(codes.observations.numbers[0].isNaN && codes.observations.numbers[1] == 1.5)
  }

  @Test func asManyClassesAsExamples() {
    #expect(
      refusal([("y", ["a", "b", "c"])])
        == "found 3 classes in y for 3 examples, expected several examples of each class")
    #expect(refusal([("y", ["3", "1", "2"])], .classes).contains("3 classes"))
    #expect(refusal([("y", ["a", "b", "c", "a"])]) == "no error")
  }
}
