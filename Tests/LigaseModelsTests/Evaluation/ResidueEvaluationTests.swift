import LigaseModels
import TestSupport
import Testing

@Suite struct ResidueEvaluationTests {
  private let folder = TemporaryFolder()
  private static let truth = ">a\nHHHHHHCCCC\n>b\nEEEE-H\n>c\nHHH\n"

  private func judge(_ predictions: String, mask: String? = nil) throws -> ResidueEvaluation {
    try ResidueEvaluation(
      predictions: folder.write(predictions, to: "p"), truth: folder.write(Self.truth, to: "t.fa"),
      mask: mask.map { folder.write($0, to: "m.fa") }, resamples: 20, seed: 1)
  }

  private func refusal(_ predictions: String) -> String {
    do {
      _ = try judge(predictions)
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  private func value(_ evaluation: ResidueEvaluation, _ metric: String, _ model: String = "model") -> Double?
  {
    evaluation.scores.first { $0.metric == metric && $0.model == model && $0.group == "all" }?.value
  }

  @Test func sharesAndOverlap() throws {
    let found = try judge(">b\nEEEEHC\n>a\nHHCCHHCCCC\n")
    // 8 of 10 in a, 4 of 5 known ones in b; 8 of 15 are H.
    #expect(found.classCount == 3 && value(found, "q3") == 12.0 / 15)
    #expect(value(found, "q3", "majority") == 7.0 / 15)
    // a: 10 of 16; b: strands 4 of 4, the helix has no partner.
    let sov = try #require(value(found, "sov")), mean = try #require(value(found, "sov_mean"))
    #expect(abs(sov - 14.0 / 21) < 1e-12 && abs(mean - (0.625 + 0.8) / 2) < 1e-12)
    #expect(
      found.notes[0]
        == "2 sequences with predictions and labels, 15 residues with a label; 1 labelled sequence without predictions"
    )
    #expect(found.summary.contains { $0.contains("residues, n = 15") })
    let table = try judge(
      "id\tposition\tresidue\tprediction\n"
        + [("a", "HHCCHHCCCC"), ("b", "EEEEHC")].map { id, text in
          text.enumerated().map { "\(id)\t\($0 + 1)\tA\t\($1)\n" }.joined()
        }.joined())
    #expect(table.scores == found.scores)
  }

  @Test func masksAndFewerClasses() throws {
    let found = try judge(">a\nHHCCHHCCCC\n", mask: ">a\n1100111111\n>b\n000000\n>c\n000\n")
    #expect(found.classCount == 2 && value(found, "accuracy") == 1 && value(found, "q3") == nil)
  }

  @Test func whatDoesNotFitIsSaid() {
    #expect(refusal(">a\nHHH\n") == "p: found 3 predictions for 'a', which has 10 labels")
    #expect(
      refusal(">x\nHHH\n>y\nHH\n")
        == "no prediction has labels: the predictions are of x, y, the labels of a, b, c")
    #expect(refusal(">c\nHHH\n>c\nHHH\n") == "p:3: found 'c' a second time, expected each id once")
    #expect(refusal("id\tposition\tprediction\nc\t1\tH\nc\t3\tH\n").hasPrefix("p:3:"))
    #expect(
      refusal("id\tposition\tprediction\nc\t1\tHH\n").contains(
        "expected one letter for every position in order"))
  }
}
