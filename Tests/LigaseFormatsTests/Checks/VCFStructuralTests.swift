import LigaseFormats
import TestSupport
import Testing

/// Fields of 4.4 and 4.5 that depend on each other.
@Suite struct VCFStructuralTests {
  static let header: [String] =
    ["DEL", "DUP", "DUP:TANDEM", "INS", "INV", "CNV", "CNV:TR"].map { "##ALT=<ID=\($0),Description=\"d\">" }
    + [
      ("SVLEN", "A", "Integer"), ("SVCLAIM", "A", "String"), ("END", "1", "Integer"), ("CN", "A", "Float"),
      ("CICN", ".", "Float"), ("CIPOS", ".", "Integer"), ("CIEND", ".", "Integer"), ("CILEN", ".", "Integer"),
      ("MEINFO", ".", "String"), ("RN", "A", "Integer"), ("RUS", ".", "String"), ("RUL", ".", "Integer"),
      ("RUC", ".", "Float"), ("RB", ".", "Integer"), ("CIRUC", ".", "Float"), ("CIRB", ".", "Integer"),
      ("RUB", ".", "Integer"),
    ].map { "##INFO=<ID=\($0.0),Number=\($0.1),Type=\($0.2),Description=\"d\">" }
    + [
      ("GT", "1", "String"), ("CN", "1", "Float"), ("CICN", "2", "Float"), ("AD", "R", "Integer"),
      ("PS", "1", "Integer"), ("PSL", "P", "String"), ("PSO", "P", "Integer"), ("PSQ", "P", "Integer"),
    ].map { "##FORMAT=<ID=\($0.0),Number=\($0.1),Type=\($0.2),Description=\"d\">" } + ["##contig=<ID=1>"]

  static let local = [
    ("LAA", ".", "Integer"), ("LAD", "LR", "Integer"), ("LPL", "LG", "Integer"), ("LEC", "LA", "Integer"),
  ].map { "##FORMAT=<ID=\($0.0),Number=\($0.1),Type=\($0.2),Description=\"d\">" }

  private func problems(_ minor: Int, _ record: String) throws -> [String] {
    let text = VCFCheckTests.file(
      minor, VCFStructuralTests.header + (minor < 5 ? [] : VCFStructuralTests.local), samples: ["a"],
      ["1 100 . \(record)"])
    return try VCFCheckTests.problems(text).first.map { "\($0.severity) \($0.name)" }
  }

  @Test(arguments: [4, 5]) func whatAgrees(_ minor: Int) throws {
    var records = [
      "T <DEL> . . SVLEN=2;SVCLAIM=DJ GT 0/1", "T <DUP:TANDEM> . . SVLEN=-2;SVCLAIM=J GT 0/1",
      "T <INS> . . SVLEN=2 GT 0/1", "T <INS> . . SVLEN=2;SVCLAIM=DJ GT 0/1",
      "T <INV> . . SVLEN=2;SVCLAIM=J GT 0/1",
      "T <CNV> . . SVLEN=2;SVCLAIM=D GT 0/1", "T <CNV> . . SVLEN=2;SVCLAIM=. GT 0/1",
      "T T[1:5[ . . SVCLAIM=J GT 0/1",
      "T T[1:5[ . . . GT 0/1", "T C,<DEL> . . SVLEN=.,5;SVCLAIM=.,D GT 1/2",
      "T C,<DEL> . . SVLEN=.,5;SVCLAIM=,D GT 1/2",
      "T <CNV>,<CNV> . . SVLEN=30,30;CN=1,2;CICN=0,2,1.5,2.5 GT:CN:CICN 1/2:3:2,4",
      "T <DEL>,<INS> . . SVLEN=30,7;SVCLAIM=D,.;CIPOS=-5,5,0,0;CIEND=-5,5,.,.;CILEN=-2,2,0,0 GT 0/1",
      // Tandem repeats.
      "T <CNV:TR>,<CNV:TR> . . SVLEN=9,9;CN=3,0.9;RUS=CAG,CAG,CA,CAG;RN=1,3;RB=90,15,2,12 GT:PS:CN 1|2:100:3.9",
      "T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=65;CIRUC=-15,. GT ./.",
      "T <CNV:TR> . . SVLEN=9;RUL=100;RUC=3;RUB=100,105,110;RB=315;CIRB=.,7 GT ./.",
      "T <CNV:TR>,<CNV:TR> . . SVLEN=9,9;RN=2,1;RUS=CAG,,CA;RUL=.,7,.;RUC=2,.,3;CIRUC=-1,1,.,.,.,. GT ./.",
      "T C,<CNV:TR> . . SVLEN=.,9;RUS=nnR GT 0/2", "T C,<CNV:TR> . . SVLEN=.,9;RN=.,1;RUS=CAG GT 0/2",
      // Phase sets by allele.
      "A T,G . . . GT:PSL |1/2|0:x*10*1,.,y*5*1", "A T . . . GT:PSL 1|0:.,x", "A T . . . GT:PS:PSL 0|1:5:.",
      "A T . . . GT:PSL:PSO:PSQ /0/0|1:.,.,x:.,.,3:.,.,40", "A T . . . GT:PSL:PSQ 0|1:x,x:.,30",
      "A T . . . GT:PSL 1:x", "A T . . . GT:PSL .:.",
    ]
    if minor == 5 {
      records += [
        "G A,C,T,<*> . . . GT:LAA:LAD:LPL 2/4:2,4:20,30,10:90,80,0,100,110,120",
        "G A,T,<*> . . . GT:LAA:LAD:LPL 0/0::30:0",
        "G A,T,<*> . . . GT:LAA:LAD:LPL 0/0:.:30:0", "G A,T,<*> . . . GT:LAA:LEC:LPL 0/0:::0",
        "G A,T . . . LAA:LAD:LPL 2:1,2:1,2,3", "G A,T . . . GT:AD:LAA 0/0:1,2,3:1", "G A,T . . . GT:LAA 0/0:",
      ]
    }
    for record in records {
      let found = try problems(minor, record)
      #expect(found == [], "\(record)")
    }
  }

  @Test(arguments: [4, 5]) func whatDisagrees(_ minor: Int) throws {
    var records = [
      // Lengths and claims.
      ("T <DEL> . . SVCLAIM=D GT 0/1", "error structural-length"),
      ("T <INS> . . . GT 0/1", "error structural-length"),
      ("T <INS>,C . . SVLEN=.,5 GT 0/1", "error structural-length"),
      ("T <DEL> . . SVCLAIM=D;END=200 GT 0/1", "warning structural-length"),
      ("T <CNV>,<CNV> . . SVLEN=3,4 GT:CN 0/1:2", "error structural-length"),
      ("T <DEL> . . SVLEN=2 GT 0/1", "error claim"), ("T <DUP> . . SVLEN=2;SVCLAIM=. GT 0/1", "error claim"),
      ("T <DEL> . . SVLEN=3;SVCLAIM=X GT 0/1", "error claim"),
      ("T <DEL> . . SVLEN=3;SVCLAIM=JD GT 0/1", "error claim"),
      ("T <CNV> . . SVLEN=3;SVCLAIM=J GT 0/1", "error claim"),
      ("T <INV> . . SVLEN=3;SVCLAIM=D GT 0/1", "error claim"),
      ("T T[1:5[ . . SVCLAIM=DJ GT 0/1", "error claim"), ("T C . . SVCLAIM=yes GT 0/1", "error claim"),
      ("T C . . SVCLAIM=D GT 0/1", "warning claim-of-other"),
      // Intervals.
      ("T <CNV>,<CNV> . . SVLEN=3,3;CICN=0,2 GT 1/2", "error info-count"),
      ("T <CNV> . . SVLEN=3;CICN=2,0 GT 0/1", "error interval"),
      ("T <INS> . . SVLEN=3;CIPOS=1,5 GT 0/1", "error interval"),
      ("T <INS> . . SVLEN=3;CIEND=-5,-1 GT 0/1", "error interval"),
      ("T <INS> . . SVLEN=3;CILEN=5,-5 GT 0/1", "error interval"),
      ("T <INS> . . SVLEN=3;MEINFO=L1,1,2 GT 0/1", "error info-count"),
      ("A T . . . GT:CN:CICN 0/1:2:1", "error sample-count"),
      // Tandem repeats.
      ("T <CNV:TR> . . SVLEN=9 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUC=3 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RN=2;RUS=CAG,. GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG,CA GT ./.", "error info-count"),
      ("T <CNV:TR>,<CNV:TR> . . SVLEN=9,9;RN=1,2;RUS=CAG,CA GT ./.", "error info-count"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=1,2 GT ./.", "error info-count"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5;CIRUC=-1 GT ./.", "error info-count"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CXG GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUL=4 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUL=3 GT ./.", "warning unit-length"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;CIRUC=-1,1 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5;CIRB=-1,1 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5;CIRUC=1,2 GT ./.", "error interval"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5.5;RUB=1,2,3,4,5 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5;RUB=1,2,3,4 GT ./.", "error info-count"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUB=1,2,3,4 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=-5 GT ./.", "error tandem-repeat"),
      ("T <CNV:TR> . . SVLEN=9;RUS=CAG;RUC=5;RB=90 GT ./.", "warning repeat-length"),
      ("T C,<CNV:TR> . . SVLEN=.,9;RN=1,1;RUS=CAG,CA GT ./.", "warning repeats-of-other"),
      ("T C . . RUS=CAG GT ./.", "error info-count"),
      ("T <CNV:TR> . . SVLEN=9;RN=1,1;RUS=CAG GT ./.", "error info-count"),
      // Phase sets.
      ("A T . . . GT:PSL 0/1:x,y", "error phase-set"), ("A T . . . GT:PSL /0|1:x,y", "error phase-set"),
      ("A T . . . GT:PS:PSL 0|1:5:x,y", "error phase-set"),
      ("A T . . . GT:PSL:PSO 0|1:.,y:3,4", "error phase-set"),
      ("A T . . . GT:PSO 0|1:3,4", "error phase-set"),
      ("A T . . . GT:PSL:PSQ 0|1:.,y:3,4", "warning phase-quality"),
      ("A T . . . GT:PSL 0|1:y", "error sample-count"),
      ("A T . . . GT:PSL:PSQ 0|1:x,y:3", "error sample-count"),
    ]
    if minor == 5 {
      records += [
        ("G A,T,<*> . . . GT:LAA:LAD 0/0::30,1", "error sample-count"),
        ("G A,T . . . GT:LAA:LEC 0/0:.:5", "error sample-count"),
        ("G A,T . . . GT:AD:LAA:LAD 0/0:1,2,3:1:30,1", "error local-alleles"),
        ("G A,T . . . GT:LAA:LAD 0/0:1,1:1,2,3", "error local-alleles"),
        ("G A,T . . . GT:LAD 0/0:30", "error local-alleles"),
      ]
    }
    for (record, problem) in records {
      let found = try problems(minor, record)
      #expect(found == [problem], "\(record)")
    }
  }

  /// Fields without a definition, or with one that differs from the specification, are still counted by the
  /// alleles.
  @Test func countsWithoutDefinitions() throws {
    for definition in [[], [#"##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="d">"#]] {
      for (record, isRight) in [
        ("T <DEL>,<DUP> . . SVLEN=3,4;SVCLAIM=D,J", true),
        ("T <DEL>,<DUP> . . SVLEN=3,4;SVCLAIM=D,J,D", false),
        ("T <INS>,C . . SVLEN=3", false), ("T C . . SVLEN=3,4", false), ("T C . . SVCLAIM=.,.", false),
        ("T . . . SVLEN=3,4", true), ("T <CNV:TR> . . SVLEN=3;RUS=A,C", false),
        ("T <CNV:TR> . . SVLEN=3;RUS=A;RUL=x", false),
      ] {
        let text = VCFCheckTests.file(4, ["##contig=<ID=1>"] + definition, ["1 5 . \(record)"])
        let problems = try VCFCheckTests.problems(text)
        #expect(problems.errorCount == (isRight ? 0 : 1), "\(record): \(problems.first)")
      }
    }
  }

  /// Before 4.4 none of this is required.
  @Test func earlierVersions() throws {
    let text = VCFCheckTests.file(
      3, ["##contig=<ID=1>"], samples: ["a"],
      ["1 1 . T <CNV:TR> . . SVLEN=3;SVCLAIM=X;RUS=Q;CICN=3,2,1 GT:PSL 0/1:x"])
    #expect(try VCFCheckTests.problems(text).errorCount == 0)
  }

  /// Errors come first, regardless of earlier warnings.
  @Test func errorsBeforeWarnings() throws {
    let records =
      (1...30).map { "1 \($0) . A C . . W\($0)=1" } + ["1 40 . A R . . .", "1 41 . A C . . N=2147483648"]
    let text = VCFCheckTests.file(
      3, ["##contig=<ID=1>", #"##INFO=<ID=N,Number=1,Type=Integer,Description="d">"#], records)
    for (limit, expected) in [
      (1, ["alternate"]), (3, ["alternate", "info-type", "undefined-info"]), (0, []),
    ] {
      let folder = TemporaryFolder()
      var problems = ProblemList(limit: limit)
      try VCFCheck.run(contentsOf: folder.write(text, to: "x.vcf"), into: &problems)
      #expect(
        problems.first.map(\.name) == expected && problems.errorCount == 2 && problems.warningCount == 30)
    }
  }

  @Test func integersBeyondTheirRange() throws {
    for (value, isRight) in [
      ("2147483647", true), ("-2147483640", true), ("+5", true), ("2147483648", false),
      ("-2147483641", false),
      ("42949672950", false), ("99999999999999999999999", false), ("1e3", false),
    ] {
      let text = VCFCheckTests.file(
        2,
        ["##contig=<ID=1>"]
          + ["INFO", "FORMAT"].map { "##\($0)=<ID=N,Number=1,Type=Integer,Description=\"d\">" },
        samples: ["a"], ["1 1 . A C . . N=\(value) N \(value)"])
      let problems = try VCFCheckTests.problems(text)
      #expect(problems.first.map(\.name) == (isRight ? [] : ["info-type", "sample-type"]))
      let range =
        value == "1e3"
        ? "expected Integer"
        : "expected Integer from -2147483640 to 2147483647 (-2147483648 to -2147483641 are reserved)"
      #expect(
        problems.first.allSatisfy { $0.message == "found '\(value)' in 'N', \(range)" }, "\(problems.first)")
    }
  }
}
