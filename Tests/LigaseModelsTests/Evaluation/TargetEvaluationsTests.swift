import LigaseFormats
import LigaseModels
import TestSupport
import Testing

struct TargetEvaluationsTests {
  private func table(_ text: String) throws -> Table {
    try Table(bytes: Array(text.replacing(" ", with: "\t").utf8), path: "t.tsv")
  }

  private func judge(
    _ predictions: String, _ truth: String, _ change: (inout EvaluationOptions) -> Void = { _ in }
  ) throws -> TargetEvaluations {
    var options = EvaluationOptions()
    options.resamples = 0
    change(&options)
    return try TargetEvaluations(predictions: table(predictions), truth: table(truth), options: options)
  }

  private func value(_ judged: TargetEvaluations, _ group: String, _ metric: String) -> Double? {
    judged.scores.first { $0.group == group && $0.metric == metric }?.value
  }

  private func refusal(_ predictions: String, _ truth: String) -> String {
    do {
      _ = try judge(predictions, truth)
      return "no error"
    } catch { return "\(error)" }
  }

  private static let values = """
    id prediction:x prediction:y
    a 1 10
    b 2 20
    c 4 30

    """

  private static let labels = """
    id prediction probability:p probability:q
    a p 0.9 0.2
    b p;q 0.8 0.6
    c  0.1 0.3
    d q 0.4 0.7

    """

  @Test func valuesAreJudgedEachForItself() throws {
    let judged = try judge(Self.values, "id x y\na 1 10\nb 2 20\nc 3 NA\n")
    #expect(judged.evaluations.map(\.target) == ["x", "y"])
    #expect(isClose(value(judged, "x", "mae"), 1.0 / 3) && value(judged, "y", "mae") == 0)
    #expect(judged.scores.first { $0.group == "y" }?.n == 2)
    let one = try judge(Self.values, "id x y\na 1 10\nb 2 20\nc 3 25\n") { $0.target = "y" }
    #expect(one.evaluations.map(\.target) == ["y"] && isClose(value(one, "all", "mae"), 5.0 / 3))
    let some = try judge(Self.values, "id y\na 1\nb 2\n")
    #expect(
      some.evaluations.count == 1
        && some.notes.last == "not evaluated, because the truth lacks their columns: x")
    #expect(
      refusal(Self.values, "id z\na 1\nb 2\n")
        == "t.tsv:1: found no column 'x', expected one of: id, z")
  }

  @Test func labelsAreJudgedAsNoAndYes() throws {
    let columns = try judge(Self.labels, "id p q\na 1 0\nb 0 1\nc 0 0\nd 1 NA\n")
    // p: yes, yes, no, no against yes, no, no, yes; q: no, yes, no against the same.
    #expect(value(columns, "p", "accuracy") == 0.5 && value(columns, "q", "accuracy") == 1)
    #expect(
      value(columns, "p:yes", "predicted_as:no") == 1 && value(columns, "p:no", "predicted_as:yes") == 1)
    #expect(columns.scores.first { $0.group == "q" }?.n == 3)
    // Among the pairs of a yes and a no, 0.9 and 0.4 against 0.8 and 0.1, three are in order.
    #expect(value(columns, "p", "auroc") == 0.75)
    let sets = try judge(Self.labels, "id tags\na p\nb q\nc \nd p;q\n")
    #expect(sets.evaluations.map(\.target) == ["p", "q"])
    #expect(value(sets, "p", "accuracy") == 0.5 && value(sets, "q", "accuracy") == 1)
    #expect(sets.scores.first { $0.group == "q" }?.n == 4)
    let none = try judge(Self.labels, "id p q\na 1 0\nb 1 0\nc 1 0\nd 1 0\n")
    #expect(value(none, "p", "accuracy") == 0.5 && value(none, "p", "auroc") == nil)
    #expect(
      try judge(Self.labels, "id q\na 0\nb 1\n").notes.last?.hasSuffix("lacks their columns: p") == true)
    #expect(
      refusal(Self.labels, "id p q\na 1 2\nb 0 1\n")
        == "t.tsv:2:3: found '2' in column 'q', expected 0 or 1")
    #expect(
      refusal(Self.labels, "id tags\na r;s\nb r\n")
        == "t.tsv: found the labels r, s in column 'tags', expected some of the predictions': p, q")
  }

  @Test func classesStayOneTarget() throws {
    let text = "id prediction probability:p probability:q\na p 0.9 0.1\nb q 0.2 0.8\nc q 0.3 0.7\n"
    let judged = try judge(text, "id class\na p\nb q\nc p\n")
    #expect(judged.evaluations.count == 1 && isClose(value(judged, "all", "accuracy"), 2.0 / 3))
    #expect(try judged.json() == judged.evaluations[0].json())
    // A class may hold a semicolon.
    let odd = try judge(
      "id prediction probability:p;q probability:r\na p;q 1 0\nb r 0 1\n", "id class\na p;q\nb r\n")
    #expect(odd.evaluations.count == 1 && value(odd, "all", "accuracy") == 1)
    #expect(try judge(Self.values, "id x y\na 1 1\nb 2 2\n").json().contains("\"targets\""))
  }

  /// The repeats of a cross-validation are evaluated one by one, and their means on the same resamples.
  @Test func repeatsAndTheirMeans() throws {
    var predictions = "id\trepeat\tprediction\n", truth = "id\ty\n"
    for i in 0..<30 {
      truth += "e\(i)\t\(i * i % 11)\n"
      for name in ["1", "2"] { predictions += "e\(i)\t\(name)\t\(i * i % 11 + i % (name == "1" ? 3 : 5))\n" }
    }
    let judged = try judge(predictions, truth) { $0.resamples = 200 }
    let folder = TemporaryFolder(), output = try OutputFile(folder.file("scores.tsv"))
    try judged.write(to: output)
    try output.close()
    let table = try Table(contentsOf: folder.file("scores.tsv"))
    let names = try table.strings("repeat"), metrics = try table.strings("metric")
    let values = try table.strings("value")
    func value(_ name: String) -> Double {
      names.indices.first { names[$0] == name && metrics[$0] == "rmse" }.flatMap { Double(values[$0]) }
        ?? .nan
    }
    #expect(isClose(value("mean"), (value("1") + value("2")) / 2, 1e-12) && value("1") != value("2"))
    #expect(judged.summary.contains("mean of the repeats"))
    #expect(try judged.json().contains("\"means\""))
  }
}
