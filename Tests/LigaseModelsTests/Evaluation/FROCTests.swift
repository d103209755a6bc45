import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct FROCTests {
  private let folder = TemporaryFolder()

  private func compare(_ findings: String, _ truth: String) throws -> FindingComparison {
    try FindingComparison(
      findings: Table(contentsOf: folder.write(findings, to: "f.tsv")),
      truth: Table(contentsOf: folder.write(truth, to: "t.tsv")), bootstrap: Bootstrap(resamples: 20, seed: 1)
    )
  }

  private let truth = "scan\tx\ty\tdiameter_mm\na\t10\t10\t6\na\t30\t30\t4\nb\t5\t5\t2\nc\t\t\t\nd\t\t\t\n"

  /// Four scans, three lesions. Descending scores: hit (a), false (c), a second hit of the same lesion, hit (b), false (d).
  @Test func sensitivityAgainstFalseFindings() throws {
    let found = try compare(
      "scan\tx\ty\tscore\na\t12\t10\t0.9\nc\t0\t0\t0.8\na\t9\t9\t0.7\nb\t5\t6\t0.6\nd\t1\t1\t0.5\n", truth)
    let values = found.scores.map { $0.value ?? -1 }
    // Points: (0, 1/3), (1/4, 1/3), (1/4, 1/3), (1/4, 2/3), (1/2, 2/3); linear between them.
    #expect(values[0] == 1.0 / 3 && abs(values[1] - 2.0 / 3) < 1e-12)
    #expect(values[2...6].allSatisfy { abs($0 - 2.0 / 3) < 1e-12 })
    #expect(abs(values[7] - (1.0 / 3 + 6 * 2.0 / 3) / 7) < 1e-12 && found.scores[7].metric == "froc")
    #expect(found.scores[0].n == 3 && found.notes[0] == "3 lesions and 5 findings in 4 scans")
  }

  @Test func theRadiusIsTheLimit() throws {
    let rim = try compare("scan\tx\ty\tscore\na\t13\t10\t1\n", truth),
      out = try compare("scan\tx\ty\tscore\na\t13.01\t10\t1\n", truth)
    #expect(rim.scores[7].value == 1.0 / 3 && out.scores[7].value == 0)
    // Without findings nothing is found.
    #expect(try compare("scan\tx\ty\tscore\n", truth).scores[7].value == 0)
    // A third axis counts where both tables have it.
    let deep = try compare(
      "scan\tx\ty\tz\tscore\na\t10\t10\t9\t1\n", "scan\tx\ty\tz\tdiameter_mm\na\t10\t10\t0\t6\n")
    #expect(deep.scores[7].value == 0)
  }

  @Test func tablesThatAreRefused() throws {
    for (findings, lesions, words) in [
      ("scan\tx\ty\tscore\na\t1\tz\t1\n", truth, "found 'z' under y, expected a number"),
      ("scan\tx\ty\tscore\na\t1\t1\t\n", truth, "found '' under score"),
      ("scan\tx\ty\tscore\nq\t1\t1\t1\n", truth, "found no scan of the truth"),
      ("scan\tx\ty\tscore\n", "scan\tx\ty\tdiameter_mm\na\t1\t1\t0\n", "found a diameter of 0.0"),
      ("scan\tx\ty\tscore\n", "scan\tx\ty\tdiameter_mm\na\t\t\t\n", "found no lesion"),
      ("scan\tx\ty\n", truth, "score"),
    ] {
      do {
        _ = try compare(findings, lesions)
        Issue.record("accepts \(words)")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
  }
}
