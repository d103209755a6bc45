import LigaseFormats
import TestSupport
import Testing

/// One specimen for each class of problems: a small file that has it.
@Suite struct VCFCheckTests {
  static let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

  /// A file of version 4.`minor` with these header lines and records; a space represents a tab in records.
  static func file(_ minor: Int = 3, _ header: [String] = [], samples: [String] = [], _ records: [String])
    -> String
  {
    let tail = samples.isEmpty ? "" : "\tFORMAT\t" + samples.joined(separator: "\t")
    let lines = records.map {
      $0.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "\t")
    }
    return (["##fileformat=VCFv4.\(minor)"] + header + [columns + tail] + lines).joined(separator: "\n")
      + "\n"
  }

  static func problems(_ text: String, all: Bool = false) throws -> ProblemList {
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "x.vcf")
    var problems = ProblemList(limit: 100) { all ? .error : $1 }
    try VCFCheck.run(contentsOf: path, into: &problems)
    return problems
  }

  @Test(arguments: 2...5) func clean(_ minor: Int) throws {
    let more =
      minor < 4
      ? []
      : [
        #"##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length">"#,
        #"##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="Claim">"#,
      ]
    let text = VCFCheckTests.file(
      minor, VCFCheckTests.defined + more, samples: ["a", "b"],
      [
        "1 1 rs1;x A G,T 29.5 PASS DP=3;AF=0.5,1e-3;R=1,2,.;F GT:DP:PL 0|1:3:1,2,3,4,5,6 2:.:1,2,3",
        "1 5 . AC A 3e2 q10 . GT ./. .",
        "1 5 . A <DEL> . . \(minor < 4 ? "" : "SVLEN=4;SVCLAIM=D;")END=9 GT:DP 0/1 1/1:2",
        "1 7 . A *,G[2:5[,]2:7]T . . . GT 0/3 0", "1 8 . A A<ctg>,.[1:7[,.A,C[<ctg>:5[ . . . GT 0/4 0",
        "2 0 . N . Inf . . . . .", "2 9 . a g . . AF=. GT 0|1 1",
      ])
    let problems = try VCFCheckTests.problems(text, all: true)
    #expect(problems.first.isEmpty, "\(problems.first)")
    #expect(problems.recordCount == 7)
  }

  @Test func recordClasses() throws {
    for specimen in VCFCheckTests.records {
      let text = VCFCheckTests.file(
        specimen.minor, VCFCheckTests.defined, samples: specimen.samples, specimen.record)
      let problems = try VCFCheckTests.problems(text)
      let found = problems.counts.contains { $0.name == specimen.name && $0.severity == specimen.severity }
      #expect(found, "\(specimen): \(problems.first)")
      let last = specimen.record.count + VCFCheckTests.defined.count + 2
      #expect(problems.first.first?.line == last, "\(specimen): \(problems.first)")
      // Only this class is found.
      #expect(
        problems.counts.allSatisfy { $0.name == specimen.name || $0.severity == .warning },
        "\(specimen): \(problems.counts)")
    }
  }

  @Test func headerClasses() throws {
    for specimen in VCFCheckTests.headers {
      let defined = VCFCheckTests.defined.filter { specimen.minor > 1 || !$0.contains("Number=R") }
      let text = VCFCheckTests.file(specimen.minor, defined + [specimen.line, "##last=1"], [])
      let problems = try VCFCheckTests.problems(text)
      #expect(problems.counts.map(\.name) == [specimen.name], "\(specimen): \(problems.first)")
      #expect(problems.counts.first?.severity == specimen.severity, "\(specimen)")
      #expect(problems.first.first?.line == defined.count + 2, "\(specimen)")
    }
  }

  @Test func wholeFileClasses() throws {
    let columns = VCFCheckTests.columns
    for (name, text) in [
      ("fileformat", columns + "\n"), ("fileformat", "##fileformat=VCF v4.2\n\(columns)\n"),
      ("fileformat", "##fileformat=VCFv3.3\n\(columns)\n"), ("no-column-line", "##fileformat=VCFv4.2\n"),
      ("no-column-line", "##fileformat=VCFv4.2\n1\t1\t.\tA\tC\t.\t.\t.\n"),
      ("column-line", "##fileformat=VCFv4.2\n\(columns)\tFORMAT\n"),
      ("column-line", "##fileformat=VCFv4.2\n\(columns.replacing("POS", with: "POSITION"))\n"),
      ("sample-name", "##fileformat=VCFv4.2\n\(columns)\tFORMAT\ta\t\n"),
      ("duplicate-sample", "##fileformat=VCFv4.2\n\(columns)\tFORMAT\ta\ta\n"),
      ("blank-line-at-end", "##fileformat=VCFv4.2\n\(columns)\n\n"),
      ("no-newline-at-end", "##fileformat=VCFv4.2\n\(columns)"),
      ("not-utf8", "##fileformat=VCFv4.3\n##a=\u{FFFD}\n\(columns)\n"),
    ] {
      var bytes = Array(text.utf8)
      if let index = bytes.firstIndex(of: 0xEF) { bytes.replaceSubrange(index..<(index + 3), with: [0xFF]) }
      let folder = TemporaryFolder()
      var problems = ProblemList(limit: 9)
      try VCFCheck.run(contentsOf: folder.write(bytes, to: "x.vcf"), into: &problems)
      #expect(problems.counts.contains { $0.name == name }, "\(name): \(problems.first)")
    }
  }

  /// Every specimen that is invalid according to its authors is refused, and every valid one accepted.
  @Test func conformance() throws {
    guard let list = SharedData.path("conformance/vcf.tsv") else { return }
    let folder = String(list.dropLast("vcf.tsv".count))
    let table = try Table(contentsOf: list)
    let columns = try ["file", "expected"].map { try table.strings($0) }
    var counts = ["valid": 0, "invalid": 0]
    for row in 0..<table.rowCount {
      var problems = ProblemList(limit: 1)
      try VCFCheck.run(contentsOf: folder + columns[0][row], into: &problems)
      let verdict = problems.errorCount == 0 ? "valid" : "invalid"
      #expect(verdict == columns[1][row], "\(columns[0][row]): \(problems.first)")
      counts[verdict]! += 1
    }
    #expect(counts == ["valid": 65, "invalid": 383])
  }
}
