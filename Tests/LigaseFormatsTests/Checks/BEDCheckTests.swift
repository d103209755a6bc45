import LigaseFormats
import TestSupport
import Testing

@Suite struct BEDCheckTests {
  private func classes(_ text: String) throws -> [String] {
    let folder = TemporaryFolder()
    var problems = ProblemList(limit: 9)
    let format = try FileCheck.run(contentsOf: folder.write(text, to: "x.bed"), into: &problems)
    #expect(format == .bed)
    return problems.counts.map { "\($0.name) \($0.severity)" }
  }

  @Test func cleanFiles() throws {
    for text in [
      "chr1\t0\t10\n", "chr1\t0\t0\tname\n#comment\n\nchr2\t5\t10\t.\n", "c\t1\t2\tn\t1000\t+\n",
      "c\t1\t9\tn\t0\t.\t1\t9\t255,0,0\n", "c\t10\t100\tn\t0\t-\t10\t100\t0\t2\t10,20,\t0,70\n",
    ] {
      #expect(try classes(text) == [], "\(text)")
    }
  }

  @Test(arguments: [
    ("column-count error", "chr1\t5\n"), ("column-count error", "chr1\t0\t5\nchr1\t0\t5\tname\n"),
    ("coordinates error", "chr1\t9\t5\n"), ("coordinates error", "chr1\t-1\t5\n"),
    ("coordinates error", "chr1\t1\t5.5\n"),
    ("contig-name error", "\t1\t5\n"), ("name error", "c\t1\t5\t\n"), ("score error", "c\t1\t5\tn\t1001\n"),
    ("score error", "c\t1\t5\tn\tx\n"), ("strand error", "c\t1\t5\tn\t0\tx\n"),
    ("thick error", "c\t1\t5\tn\t0\t+\t0\t5\n"), ("thick error", "c\t1\t5\tn\t0\t+\t3\t2\n"),
    ("color error", "c\t1\t5\tn\t0\t+\t1\t5\t300,0,0\n"),
    ("blocks error", "c\t0\t9\tn\t0\t+\t0\t9\t0\t2\t3\t0,6\n"),
    ("blocks error", "c\t0\t9\tn\t0\t+\t0\t9\t0\t2\t3,3\t1,6\n"),
    ("blocks error", "c\t0\t9\tn\t0\t+\t0\t9\t0\t2\t3,3\t0,2\n"),
    ("blocks error", "c\t0\t9\tn\t0\t+\t0\t9\t0\t2\t3,3\t0,5\n"),
    ("blocks error", "c\t0\t9\tn\t0\t+\t0\t9\t0\t0\t\t\n"),
    ("browser-line warning", "track name=x\nc\t1\t2\n"), ("spaces warning", "c 1 2\n"),
    ("no-records warning", "#\n"),
    ("custom-columns warning", "c\t1\t5\tn\t0\t.\t1.5\t2\t3\t4\n"),
  ]) func problems(_ specimen: (name: String, text: String)) throws {
    #expect(try classes(specimen.text) == [specimen.name])
  }
}
