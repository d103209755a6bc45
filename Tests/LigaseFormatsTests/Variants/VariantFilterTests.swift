import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct VariantFilterTests {
  private let folder = TemporaryFolder()
  private let text = """
    ##fileformat=VCFv4.2
    ##INFO=<ID=DP,Number=1,Type=Integer,Description="">
    ##INFO=<ID=AF,Number=A,Type=Float,Description="">
    ##INFO=<ID=S,Number=.,Type=String,Description="">
    ##INFO=<ID=DB,Number=0,Type=Flag,Description="">
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="">
    ##FORMAT=<ID=DP,Number=1,Type=Integer,Description="">
    ##FORMAT=<ID=AD,Number=R,Type=Integer,Description="">
    ##FORMAT=<ID=T,Number=1,Type=String,Description="">
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb
    1\t1\trs1\tA\tC\t10\tPASS\tDP=5;AF=0.1;S=x,y;DB\tGT:DP:AD:T\t0/1:3:1,2:u\t1/1:9:0,9:v
    1\t2\trs2;z\tA\tC,G\t.\tq10\tDP=.;AF=0.1,0.5\tGT:DP:AD:T\t0|2:.:1,2,3:.\t./.:4:.:u
    1\t3\t.\tAT\tA\t30\t.\tAF=.;S=.\tGT:DP\t./1:1\t0:2
    1\t4\t.\tA\t.\t0\tPASS\t.\tGT\t0/0\t0/0
    1\t5\t.\tA\t<DEL>\t5.5\tPASS\tDP=7;AF=.,0.2;S=xy\tGT:DP:T\t1:10:u\t.:20:w
    1\t6\t.\tAC\tGT\t50\tq10;s50\tDP=100;DB;S=y\tGT\t1/1\t1/1
    1\t7\t.\tA\tAT,C\t50\t.\tDP=0\tDP\t5\t6

    """

  private func records() throws -> (VCF.Header, [VCF.Record]) {
    let reader = try VCF.Reader(contentsOf: folder.write(text, to: "x.vcf"))
    var records: [VCF.Record] = []
    while let record = try reader.next() { records.append(record) }
    return (reader.header, records)
  }

  /// The positions that bcftools 1.16 keeps with `--include`, expression by expression, except where noted.
  static let kept: [(String, [Int])] = [
    ("QUAL>10", [3, 6, 7]), ("QUAL!=10", [2, 3, 4, 5, 6, 7]), ("QUAL=\".\"", [2]), ("10 < QUAL", [3, 6, 7]),
    ("QUAL/2>10", [3, 6, 7]), ("-QUAL < -10", [3, 6, 7]), ("QUAL % 3 = 0", [3, 4]),
    ("INFO/DP!=5", [2, 3, 4, 5, 6, 7]), ("INFO/DP=\".\"", [2, 3, 4]), ("INFO/DP!=\".\"", [1, 5, 6, 7]),
    ("AF=0.1", [1, 2]), ("AF!=0.1", [2, 3, 4, 5, 6, 7]), ("AF[0]=0.1", [1, 2]), ("AF[1]>0.1", [2, 5]),
    ("AF=\".\"", [3, 4, 5, 6, 7]), ("AF!=\".\"", [1, 2, 5]), ("AF>=0.1", [1, 2, 5]),
    ("S=\"x\"", [1]), ("S=\"x,y\"", [1, 6]), ("S!=\"x\"", [1, 2, 3, 4, 5, 6, 7]), ("S=\".\"", [2, 3, 4, 7]),
    ("S~\"x\"", [1, 5]), ("S~\"X/i\"", [1, 5]), ("S!~\"x\"", [1, 2, 3, 4, 6, 7]), ("S[1]=\"y\"", [1]),
    ("DB=1", [1, 6]), ("DB=0", [2, 3, 4, 5, 7]), ("DB!=1", [2, 3, 4, 5, 7]),
    ("ID=\"rs1\"", [1]), ("ID=\".\"", [3, 4, 5, 6, 7]), ("ID~\"rs\"", [1, 2]),
    ("CHROM=\"1\" && POS>5", [6, 7]),
    ("CHROM = 1 && POS>=6", [6, 7]),
    ("FILTER=\"PASS\"", [1, 4, 5]), ("FILTER=\".\"", [3, 7]), ("FILTER=\"q10\"", [2]),
    ("FILTER~\"q10\"", [2, 6]),
    ("FILTER=\"s50;q10\"", [6]), ("FILTER!=\"PASS\"", [2, 3, 6, 7]), ("FILTER!~\"q10\"", [1, 3, 4, 5, 7]),
    ("TYPE=\"snp\"", [1, 2]), ("TYPE~\"snp\"", [1, 2, 7]), ("TYPE=\"indel\"", [3]),
    ("TYPE!=\"snp\"", [3, 4, 5, 6, 7]),
    ("TYPE=\"ref\"", [4]), ("TYPE=\"mnp\"", [6]), ("TYPE=\"other\"", [5]), ("TYPE!~\"snp\"", [3, 4, 5, 6]),
    ("N_ALT>1", [2, 7]), ("N_ALT=0", [4]), ("REF=\"A\"", [1, 2, 4, 5, 7]), ("REF~\"^A.$\"", [3, 6]),
    ("ALT=\"C\"", [1, 2, 7]), ("ALT[0]=\"C\"", [1, 2]), ("ALT=\".\"", [4]), ("STRLEN(REF)>1", [3, 6]),
    ("ILEN<0", [3]), ("ABS(ILEN)=1", [3, 7]), ("N_SAMPLES=2", [1, 2, 3, 4, 5, 6, 7]),
    ("GT=\"het\"", [1, 2]), ("GT~\"het\"", [1, 2]), ("GT=\"alt\"", [1, 2, 5, 6]), ("GT=\"mis\"", [2, 3, 5]),
    ("GT=\"hom\"", [1, 4, 6]),
    ("GT=\"ref\"", [3, 4]), ("GT!=\"ref\"", [1, 2, 3, 5, 6, 7]), ("GT=\"R\"", [3]), ("GT=\"A\"", [5]),
    ("GT=\"hap\"", [3, 5]), ("GT=\"RA\"", [1, 2]), ("GT=\"AA\"", [1, 6]), ("GT=\"RR\"", [4]),
    ("GT=\"0|2\"", [2]),
    ("FMT/DP>5", [1, 5, 7]), ("FMT/DP=\".\"", [2, 4, 6]), ("FMT/DP[0]>3", [5, 7]),
    ("FMT/DP[1]>3", [1, 2, 5, 7]),
    ("FMT/AD[*:1]>5", [1]), ("AD[0:1-2]=3", [2]), ("AD[:1]>1", [1, 2]), ("AD[*:*]=3", [2]),
    ("FMT/DP>5 & FMT/AD[*:1]>5", [1]), ("FMT/DP<5 && FMT/DP>5", [1]), ("FMT/DP<5 & FMT/DP>5", []),
    ("FMT/DP<5 & QUAL>5", [1, 3]), ("QUAL>10 | FMT/DP>5", [1, 3, 5, 6, 7]), ("FMT/DP>INFO/DP", [1, 5, 7]),
    ("FMT/DP+INFO/DP=8", [1]), ("FMT/T=\"u\"", [1, 2, 5]), ("FMT/T=\".\"", [2, 3, 4, 6, 7]),
    ("MAX(FMT/DP)>5", [1, 5, 7]), ("AVG(FMT/DP)>3", [1, 2, 5, 7]), ("MEDIAN(FMT/DP)>3", [1, 2, 5, 7]),
    ("MIN(AF)=0.1", [1, 2]), ("SUM(FMT/DP)=30", [5]), ("COUNT(GT=\"het\")=1", [1, 2]),
    ("N_PASS(FMT/DP>2)=2", [1, 5, 7]), ("F_PASS(FMT/DP>2)>0.4", [1, 2, 5, 7]), ("F_MISSING>0", [2, 3, 5]),
    ("SMPL_MAX(FMT/AD)>2", [1, 2]),
    // bcftools has no `!`, and counts alleles on the fly for biallelic sites alone.
    ("!(QUAL>10)", [1, 2, 4, 5]), ("!DB=1 && !(QUAL>=5.5)", [2, 4]),
    ("(QUAL+1)*2 > 30 && (DB=1 || S=\"x\")", [6]),
  ]

  /// Genotypes of one sample, and values behind a missing field, as bcftools 1.16 has them, except where noted.
  static let keptOfSamples: [(String, [Int])] = [
    ("GT[0]=\"het\"", [1, 4]), ("GT[1]!=\"mis\"", [1, 2, 4, 5]), ("GT[0]=\"hom\"", [2, 3]),
    ("GT[1]=\"alt\"", [2]),
    ("GT[2]=\"ref\"", []), ("GT[0]=\"RR\"", [2]), ("GT[0]=\"RA\"", [1, 4]), ("GT[0]=\"AR\"", [1, 4]),
    ("GT[2]=\"AA\"", [1]), ("GT[1]=\"Aa\"", [2]), ("GT[1]=\"aA\"", [2]), ("GT[1]=\"hap\"", [4]),
    ("GT[1]=\"R\"", [4]), ("GT[2]=\"A\"", [3]), ("GT[0,2]=\"alt\"", [1, 3, 4]),
    ("GT[1-2]=\"alt\"", [1, 2, 3]),
    ("GT[1-]=\"mis\"", [2, 3, 4]), ("GT[*]=\"het\"", [1, 2, 4]), ("GT[0]!=\"het\"", [2, 3, 5]),
    ("GT[1]!=\"hom\"", [2, 3, 4, 5]), ("GT[0:0]=\"het\"", [1, 4]), ("FMT/GT[0]=\"het\"", [1, 4]),
    ("GT[0]=\"het\" & GT[1]=\"ref\"", []), ("GT[0]=\"het\" && GT[1]=\"ref\"", [1, 4]),
    ("GT[0]=\"het\" | GT[1]=\"mis\"", [1, 3, 4]), ("N_PASS(GT[0]=\"het\")>0", [1, 4]),
    ("GT[0]=\"mis\" || GT[2]=\"mis\"", [2, 4]), ("GT[0]=\"het\" || GT[0]=\"hom\"", [1, 2, 3, 4]),
    // bcftools stops at the text of one genotype.
    ("GT[0]=\"0/1\"", [1]), ("GT[0]=\"1|0\"", [4]), ("GT[0]~\"1\"", [1, 3, 4]),
    ("AD[0:1]=\".\"", [1, 3, 4, 5]), ("AD[0:0]=\".\"", [1, 4]), ("AD[1:1]=\".\"", [2, 3, 4, 5]),
    ("AD[2:2]=\".\"", [1, 2, 3, 4, 5]), ("AD[0:5]=\".\"", [1, 2, 3, 4, 5]), ("AD[1:1]!=\".\"", [1]),
    ("AD[0:1]!=\".\"", [2]), ("AD[*:1]=\".\"", [1, 2, 3, 4, 5]), ("AD[:1]=\".\"", [1, 2, 3, 4, 5]),
    ("AD[0:5]!=3", [1, 2, 3, 4, 5]), ("AD[0:5]=3", []), ("AD[0:1]<100", [2]), ("COUNT(AD[0:1])=1", [2]),
    ("FT[0:0]=\".\"", [1, 2, 4, 5]), ("FT[0:1]=\".\"", [1, 2, 3, 4, 5]), ("FT[2:1]=\".\"", [1, 2, 4, 5]),
    ("FT[1:1]=\".\"", [2, 3, 4, 5]), ("FT[2:1]=\"y\"", [3]), ("FT[0:5]!=\".\"", []),
    // bcftools does not see the dot of AF=. behind a subscript.
    ("AF[0]=\".\"", [1, 4, 5]), ("AF[1]=\".\"", [1, 2, 4, 5]), ("AF[0]!=\".\"", [2, 3]),
    ("S[0]=\".\"", [1, 4, 5]), ("S[1]=\".\"", [1, 3, 4, 5]), ("S[5]=\".\"", [1, 2, 3, 4, 5]),
    ("S[1]!=\".\"", [2]),
  ]

  @Test func samplesAndMissingValues() throws {
    let text = """
      ##fileformat=VCFv4.2
      ##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
      ##FORMAT=<ID=AD,Number=R,Type=Integer,Description="g">
      ##FORMAT=<ID=FT,Number=.,Type=String,Description="g">
      ##INFO=<ID=AF,Number=A,Type=Float,Description="g">
      ##INFO=<ID=S,Number=.,Type=String,Description="g">
      #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc
      1\t1\t.\tA\tC\t.\t.\tAF=.;S=.\tGT:AD:FT\t0/1:.:.\t0/0:1,2:x,y\t1/1:3,4:x
      1\t2\t.\tA\tC,G\t.\t.\tAF=0.1,.;S=a,b\tGT:AD:FT\t0/0:5,6,7:.\t1/2:.:.\t./.:.:.
      1\t3\t.\tA\tC\t.\t.\tAF=0.3;S=a\tGT:AD:FT\t1/1:5:x\t./.:1,.:y,.\t1:1,2:.,y
      1\t4\t.\tA\tC\t.\t.\t.\tGT\t1|0\t0\t.
      1\t5\t.\tA\t.\t.\t.\t.\tAD\t1\t2\t3

      """
    let path = folder.write(text, to: "s.vcf")
    let names = folder.write("c\na\n", to: "names.txt")
    let header = try VCF.Reader(contentsOf: path).header
    let listed = [
      ("GT[@\(names)]=\"het\"", [1, 4]), ("GT[@\(names)]=\"hom\"", [1, 2, 3]), ("AD[@\(names):1]>3", [1, 2]),
    ]
    for (expression, expected) in VariantFilterTests.keptOfSamples + listed {
      let filter = try VariantFilter(expression, header: header)
      let reader = try VCF.Reader(contentsOf: path)
      var kept: [Int] = []
      while let record = try reader.next() { if filter.passes(record) { kept.append(record.position) } }
      #expect(kept == expected, "\(expression)")
    }
    let other = folder.write("x\n", to: "other.txt")
    for (expression, message) in [
      ("GT[3]=\"het\"", "found sample 3 in GT[3], expected numbers from 0 to 2"),
      ("AD[0-7:1]=1", "found sample 7 in AD[0-7], expected numbers from 0 to 2"),
      ("GT[@\(other)]=\"het\"", "found no sample 'x' for GT[@\(other)]"),
    ] {
      let error = #expect(throws: VariantFilter.SyntaxError.self) {
        try VariantFilter(expression, header: header)
      }
      #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
  }

  @Test func positionsKept() throws {
    let (header, records) = try records()
    for (expression, expected) in VariantFilterTests.kept {
      let filter = try VariantFilter(expression, header: header)
      #expect(records.filter { filter.passes($0) }.map(\.position) == expected, "\(expression)")
    }
    let counts = try VariantFilter("AC[0]=3 || AN=4 && MAF=0", header: header)
    #expect(records.filter { counts.passes($0) }.map(\.position) == [1, 6])
  }

  @Test func samplesThatPass() throws {
    let (header, records) = try records()
    #expect(try VariantFilter("FMT/DP>5", header: header).samplesPassing(records[0]) == [false, true])
    #expect(try VariantFilter("QUAL>5", header: header).samplesPassing(records[0]) == [true, true])
    #expect(
      try VariantFilter("QUAL>5 | FMT/DP>5", header: header).samplesPassing(records[0]) == [false, true])
    #expect(
      try VariantFilter("QUAL>5 || FMT/DP>5", header: header).samplesPassing(records[0]) == [true, true])
  }

  @Test func lists() throws {
    let (header, records) = try records()
    let list = folder.write("rs1\nrs9\n", to: "ids")
    let filter = try VariantFilter("ID=@\(list)", header: header)
    #expect(records.filter { filter.passes($0) }.map(\.position) == [1])
    #expect(throws: FormatError.self) { try VariantFilter("ID=@\(folder.file("none"))", header: header) }
  }

  @Test func syntaxErrors() throws {
    let (header, _) = try records()
    let wrong = [
      ("", "found the end, expected a field"), ("QUAL", "expected a comparison"), ("QUAL>", "found the end"),
      ("DP>3", "expected INFO/DP or FMT/DP"), ("NO=1", "which the header does not define"),
      ("INFO/NO=1", "which the header does not define"),
      ("QUAL>\"x\"", "between operands that are not two numbers"),
      ("S>3", "between operands that are not two numbers"), ("(QUAL>3", "expected ')'"),
      ("QUAL>3)", "found ')'"),
      ("AD[1]>1", "expected AD[sample:value]"), ("AF[x]>1", "found the subscript"),
      ("S~\"(\"", "regular expression"),
      ("TYPE=\"x\"", "expected one of: ref, snp"), ("QUAL > 3 POS", "expected an operator"),
      ("S=\"x", "closing quote"),
      ("FOO(QUAL)>1", "found function"), ("1=1.x", "expected a number"), ("QUAL # 3", "found '#'"),
      ("\"a\"=\"a\"", "expected a field"), ("AF[0", "found '[' without ']'"),
      (String(repeating: "(", count: 5000), "more than 100"),
      (String(repeating: "-", count: 5000), "more than 100"),
    ]
    for (expression, message) in wrong {
      let error = #expect(throws: VariantFilter.SyntaxError.self, "\(expression)") {
        try VariantFilter(expression, header: header)
      }
      #expect(error?.description.contains(message) == true, "\(expression): \(error?.description ?? "")")
    }
  }

  /// Any bytes as an expression or as records give a result or an error.
  @Test func mutationsNeverTrap() throws {
    let (header, records) = try records()
    var random = SeededGenerator(seed: 9)
    let pieces = VariantFilterTests.kept.map(\.0)
    let marks = Array("()[]!&|=<>~\"',:-+*/%@.0129QAF \t")
    var understood = 0
    for _ in 0..<4000 {
      var expression = Array(pieces[Int(random.next() % UInt64(pieces.count))])
      for _ in 0..<Int(random.next() % 4) {
        let place = Int(random.next() % UInt64(expression.count + 1))
        if random.next() % 2 == 0 || place == expression.count {
          expression.insert(marks[Int(random.next() % UInt64(marks.count))], at: place)
        } else {
          expression.remove(at: place)
          if expression.isEmpty { expression = ["1"] }
        }
      }
      guard let filter = try? VariantFilter(String(expression), header: header) else { continue }
      understood += 1
      var line = Array(text.split(separator: "\n")[10 + Int(random.next() % 7)].utf8)
      for _ in 0..<Int(random.next() % 5) {
        line[Int(random.next() % UInt64(line.count))] = UInt8(random.next() % 128)
      }
      for record in records { _ = filter.passes(record) }
      if let record = try? VCF.Record(String(decoding: line, as: UTF8.self)) {
        _ = filter.samplesPassing(record)
      }
    }
    #expect(understood > 1000)
  }
}
