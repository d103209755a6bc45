import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct VCFTests {
  private let text = """
    ##fileformat=VCFv4.3
    ##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth, \\"total\\"">
    ##INFO=<ID=AF,Number=A,Type=Float,Description="">
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
    ##FILTER=<ID=q10,Description="Low">
    ##contig=<ID=1,length=249250621>
    ##contig=<ID=X>
    ##source=anything, at all
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc

    1\t100\trs1;x\tA\tG\t29.5\tPASS\tDP=14;AF=0.5;H2\tGT:DP\t0|1:1\t1/1:2\t.:3
    1\t200\t.\tC\tG,<DEL>\t.\tq10;s50\tDP=%3A%\tDP:GT\t1:1|2\t2:./1\t3:0/2/2
    X\t5\t.\tT\t.\t7\t.\t.\tGT\t0\t0/0\t0
    X\t9\t.\tT\tA\t7\t.\tAFX=1;AF=2\tGT\t1\t|0|1\t12/1

    """

  private func reader(_ text: String) throws -> VCF.Reader {
    let folder = TemporaryFolder()
    return try VCF.Reader(contentsOf: folder.write(text, to: "x.vcf"))
  }

  private func failure(_ text: String, dosage: Bool = false) -> String {
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "x.vcf")
    do {
      if dosage {
        _ = try DosageMatrix(contentsOf: path)
      } else {
        let reader = try VCF.Reader(contentsOf: path)
        while try reader.next() != nil {}
      }
      return "no error"
    } catch {
      return String("\(error)".dropFirst(folder.path.count + 1))
    }
  }

  @Test func header() throws {
    let header = try reader(text).header
    #expect(header.version == "VCFv4.3" && header.lines.count == 8)
    #expect(
      header.info["DP"]
        == .init(id: "DP", number: .exactly(1), type: .integer, description: "Depth, \"total\""))
    #expect(header.info["AF"]?.number == .perAlternate && header.info["AF"]?.type == .float)
    #expect(header.format["GT"]?.type == .string && header.filters == ["q10": "Low"])
    #expect(header.contigs == [.init(id: "1", length: 249_250_621), .init(id: "X")])
    #expect(header.samples == ["a", "b", "c"])
    #expect(
      [VCF.Number("G"), .init("R"), .init("."), .init("-1"), .init("2")] == [
        .perGenotype, .perAllele, .any, .any, .exactly(2),
      ])
  }

  @Test func records() throws {
    let reader = try reader(text)
    let first = try #require(try reader.next())
    #expect(first.contig == "1" && first.position == 100 && first.ids == ["rs1", "x"] && first.line == 11)
    #expect(first.reference == "A" && first.alternates == ["G"] && first.quality == 29.5)
    #expect(
      first.failedFilters == [] && first.info("DP") == "14" && first.info("H2") == ""
        && first.info("H") == nil)
    #expect(first.info.map(\.key) == ["DP", "AF", "H2"] && first.formatKeys == ["GT", "DP"])
    #expect(first.samples == ["0|1:1", "1/1:2", ".:3"])
    #expect(first.genotypes.map(\.alleles) == [[0, 1], [1, 1], [nil]])
    #expect(first.genotypes.map(\.isPhased) == [true, false, true])
    let second = try #require(try reader.next())
    #expect(second.ids == [] && second.alternates == ["G", "<DEL>"] && second.quality == nil)
    #expect(second.failedFilters == ["q10", "s50"] && second.info("DP") == ":%")
    #expect(second.genotypes.map(\.alleles) == [[1, 2], [nil, 1], [0, 2, 2]])
    let third = try #require(try reader.next())
    #expect(third.alternates == [] && third.failedFilters == nil && third.info.isEmpty)
    let fourth = try #require(try reader.next())
    #expect(
      fourth.info("AF") == "2" && fourth.genotypes[1].alleles == [0, 1]
        && fourth.genotypes[1].phases == [true, true])
    #expect(try reader.next() == nil)
    #expect(
      VCF.Genotype("/0|1").phases == [false, true] && VCF.Genotype("0/1|2").phases == [false, false, true])
  }

  @Test func dosages() throws {
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "x.vcf")
    for threads in [1, 3] {
      let matrix = try DosageMatrix(contentsOf: path, threads: threads)
      #expect(matrix.variants.map(\.key) == ["1:100:A:G", "1:200:C:G", "1:200:C:<DEL>", "X:9:T:A"])
      #expect(matrix.variants[0].id == "rs1" && matrix.samples == ["a", "b", "c"])
      #expect(matrix.values == [1, 1, 1, 1, 2, -1, -1, 1, -1, 0, 2, -1])
      #expect(matrix[0, 0] == 1 && matrix[2, 0] == nil)
      let output = try OutputFile(folder.file("d.tsv"), overwrite: true)
      try matrix.writeTSV(to: output)
      try output.close()
      let table = try Table(contentsOf: folder.file("d.tsv"))
      #expect(try table.strings("1:200:C:<DEL>") == ["1", "", "2"])
    }
  }

  /// Many sites, in chunks over threads, agree with the genotypes of the records read one by one.
  @Test func dosagesAgreeWithGenotypes() throws {
    var random = SeededGenerator(seed: 21)
    let forms = [
      "0|0", "0/1", "1|1", ".", "./.", "0", "1", "1|2", "2/2", "./1", "0/1/1", "10/1", "0|1:7", ".:.", "|1/0",
    ]
    let samples = (0..<60).map { "s\($0)" }
    var text =
      "##fileformat=VCFv4.4\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
      + samples.joined(separator: "\t") + "\n"
    for site in 0..<6_000 {
      let fields = samples.map { _ in forms[Int(random.next() % (site % 3 == 0 ? UInt64(forms.count) : 3))] }
      text +=
        "1\t\(site)\t.\tA\t\(site % 3 == 0 ? "C,G" : "C")\t.\t.\t.\tGT:X\t" + fields.joined(separator: "\t")
        + "\n"
    }
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "x.vcf")
    let matrices = try [1, 4].map { try DosageMatrix(contentsOf: path, threads: $0) }
    #expect(matrices[0].values == matrices[1].values && matrices[0].variants == matrices[1].variants)
    let reader = try VCF.Reader(contentsOf: path)
    var column = 0
    while let record = try reader.next() {
      let genotypes = record.genotypes
      for allele in 1...record.alternates.count {
        for (sample, genotype) in genotypes.enumerated() {
          let isKnown = genotype.alleles.allSatisfy { $0 != nil && $0! <= record.alternates.count }
          let expected = isKnown ? genotype.alleles.count { $0 == allele } : nil
          if matrices[0][sample, column] != expected { Issue.record("line \(record.line), sample \(sample)") }
        }
        column += 1
      }
    }
    #expect(column == 8_000)
  }

  @Test func badFiles() {
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    #expect(failure("") == "x.vcf: found an empty file, expected VCF")
    #expect(failure("##a\n") == "x.vcf:2: found the end of the file, expected the line #CHROM")
    #expect(failure("##a\nx\n") == "x.vcf:2: found 'x', expected a header line that begins with '#'")
    #expect(
      failure("#CHROM\tPOS\n").hasPrefix("x.vcf:1: found '#CHROM\\tPOS', expected the tab-separated columns"))
    #expect(
      failure(columns + "\tFORMAT\ta\ta\n") == "x.vcf:1: found sample 'a' twice, expected unique names")
    #expect(
      failure(columns + "\n1\t2\t3\n")
        == "x.vcf:2: found 3 fields, expected eight at least, separated by tabs")
    #expect(
      failure(columns + "\n", dosage: true)
        == "x.vcf: found no samples in the line #CHROM, expected genotypes")
    let site = columns + "\tFORMAT\ta\tb\n1\t1\t.\tA\tC\t.\t.\t.\tGT"
    #expect(
      failure(site + "\t0/1\n", dosage: true)
        == "x.vcf:2: found the fields of 1 sample, expected 2 as in the header")
    #expect(
      failure(site + "\t0/1\t0\t1\n", dosage: true)
        == "x.vcf:2: found the fields of 3 samples, expected 2 as in the header")
    #expect(
      failure(site + "\n", dosage: true)
        == "x.vcf:2: found the fields of 0 samples, expected 2 as in the header")
    #expect(
      failure(site + "\t0/1\t0\t\n", dosage: true)
        == "x.vcf:2: found the fields of 2 samples and a tab at the end of the line, expected 2 and no tab as in the header"
    )
    #expect(
      failure(site + "\t0/1\t1/C\n", dosage: true)
        == "x.vcf:2:11: found an invalid genotype, expected alleles separated by '/' or '|'")
    #expect(
      failure(site + "\t\t0/1\n", dosage: true)
        == "x.vcf:2:10: found an invalid genotype, expected alleles separated by '/' or '|'")
    #expect(failure(site + "\t0/1\t1/C\n") == "x.vcf:2:11: found '1/C', expected a genotype such as 0/1")
    #expect(failure(site + "\t0/1\t1/1:x\n").hasSuffix("expected as many values as FORMAT has keys"))
    #expect(
      failure(columns + "\na,b\t1\t.\tA\t.\t.\t.\t.\n").hasSuffix("'a,b', expected the name of a contig"))
  }

  /// Positions that are not numbers are read as in bcftools, and reported once.
  @Test func positionsThatAreNone() throws {
    let reader = try reader(
      "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + ["7", ".", "123abc", "-1"].map { "1\t\($0)\t.\tA\tC\t.\t.\t.\n" }.joined())
    var positions: [Int] = []
    while let record = try reader.next() { positions.append(record.position) }
    #expect(positions == [7, 0, 123, 0])
    #expect(
      reader.warnings == [
        .init(name: "position", line: 4, count: 3, message: "found position '.', read as 0")
      ])
  }

  /// Numbers of samples are read as in C; reading stops where bcftools stops.
  @Test func numbersOfSamples() throws {
    let folder = TemporaryFolder()
    func refusal(_ type: String, _ value: String) -> String? {
      let path = folder.write(
        "##fileformat=VCFv4.2\n##FORMAT=<ID=X,Number=.,Type=\(type),Description=\"x\">\n"
          + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
          + "1\t5\t.\tA\tC\t.\t.\t.\tGT:X:Y\t0/1:\(value):t\t0/1\n", to: "f")
      do {
        let reader = try VCF.Reader(contentsOf: path)
        while try reader.next() != nil {}
        return nil
      } catch {
        return "\(error)"
      }
    }
    for value in ["1", ".", "", "1,", ",1", "-3", "+3", "-", "99999999999"] {
      #expect(refusal("Integer", value) == nil, "\(value)")
    }
    for value in ["1.5", "NA", "1x", "0x10", " 1"] { #expect(refusal("Integer", value) != nil, "\(value)") }
    for value in ["1", ".", ".5", "5.", "nan", "-inf", "Infinity", "", "1,", "1e5", "1E-3", "0x10", "1e999"] {
      #expect(refusal("Float", value) == nil, "\(value)")
    }
    for value in ["NA", "1x", "1e", "1e+", "-", "nanx", "1 "] {
      #expect(refusal("Float", value) != nil, "\(value)")
    }
    #expect(refusal("String", "NA") == nil)
    #expect(
      refusal("Float", "NA")?.hasSuffix("found 'NA', expected numbers, as defined in the header") == true)
  }

  /// Lenient reading returns as many records as bcftools for every specimen, up to the point where bcftools
  /// stops.
  @Test func conformance() throws {
    guard let list = SharedData.path("conformance/vcf.tsv") else { return }
    let folder = String(list.dropLast("vcf.tsv".count))
    let table = try Table(contentsOf: list)
    let columns = try ["file", "format", "expected", "bcftools_records"].map { try table.strings($0) }
    var specimens = 0
    for row in 0..<table.rowCount where columns[1][row] == "vcf" {
      var count = 0
      var stops = false
      do {
        let reader = try VCF.Reader(contentsOf: folder + columns[0][row])
        while let record = try reader.next() {
          count += 1
          _ = (
            record.info, record.genotypes, record.alternates, record.quality, record.failedFilters, record.ids
          )
        }
      } catch {
        stops = true
      }
      _ = try? DosageMatrix(contentsOf: folder + columns[0][row])
      #expect("\(count)" == columns[3][row], "\(columns[0][row])")
      #expect(!stops || columns[2][row] == "invalid", "\(columns[0][row])")
      specimens += 1
    }
    #expect(specimens == 446)
  }
}
