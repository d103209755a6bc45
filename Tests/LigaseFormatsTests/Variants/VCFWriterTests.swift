import LigaseFormats
import TestSupport
import Testing

@Suite struct VCFWriterTests {
  private let folder = TemporaryFolder()

  /// Reads `path` and writes it again.
  private func rewritten(_ path: String, to name: String, compression: Compression? = nil) throws -> String {
    let reader = try VCF.Reader(contentsOf: path)
    let writer = try VCF.Writer(
      to: folder.file(name), header: reader.header, overwrite: true, compression: compression)
    var record = VCF.Record()
    while try reader.next(into: &record) { try writer.write(record) }
    try writer.close()
    return folder.file(name)
  }

  private func content(_ path: String) throws -> [UInt8] { try ByteReader(contentsOf: path).readAll() }

  /// Every valid specimen is written with the bytes from which it was read, except for line ends.
  @Test func specimensComeBack() throws {
    guard let list = SharedData.path("conformance/vcf.tsv") else { return }
    let table = try Table(contentsOf: list)
    let columns = try ["file", "format", "expected"].map { try table.strings($0) }
    var count = 0
    for row in 0..<table.rowCount where columns[1][row] == "vcf" && columns[2][row] == "valid" {
      let path = String(list.dropLast("vcf.tsv".count)) + columns[0][row]
      var expected = try content(path).filter { $0 != 0x0D }
      if expected.last != 0x0A { expected.append(0x0A) }
      #expect(try content(rewritten(path, to: "x.vcf")) == expected, "\(columns[0][row])")
      count += 1
    }
    #expect(count == 63)
  }

  @Test func compressedFilesComeBack() throws {
    let names = [
      "freebayes_tiny/q.vcf.gz", "vg_1mb1kgp/z.vcf.gz",
      "vcflib_1kg/1kg-phaseIII-v5a.20130502.genotypes.chr22-16-16.5mb.vcf.gz",
    ]
    for name in names {
      guard let path = SharedData.path("variants/" + name) else { return }
      let written = try rewritten(path, to: "x.vcf.gz")
      #expect(try ByteReader(contentsOf: written).compression == .bgzf)
      #expect(try content(written) == content(path), "\(name)")
    }
    let text = folder.write(
      "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", to: "t.vcf")
    #expect(try ByteReader(contentsOf: rewritten(text, to: "g", compression: .gzip)).compression == .gzip)
  }

  private let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

  @Test func odditiesComeBack() throws {
    // Bytes that are not UTF-8, a line without key, FORMAT without samples.
    let odd: [UInt8] =
      Array("##fileformat=VCFv4.1\n##x=\"".utf8) + [0xE9] + Array("\"\n##\n\(columns)\tFORMAT\n".utf8)
      + Array("1\t1\t.\tA\tC\t.\t.\tX=".utf8) + [0xFF] + Array("\tGT\n".utf8)
    let path = folder.write(odd, to: "odd.vcf")
    #expect(try content(rewritten(path, to: "x.vcf")) == odd)
    // Only tabs at the end of header lines are removed.
    let lines =
      "##fileformat=VCFv4.2\t\n##a=b\t \t\t\n\(columns)\tFORMAT\ta\tb\n1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\t1\n"
    let written = try rewritten(folder.write(lines, to: "tabs.vcf"), to: "y.vcf")
    let trimmed = lines.replacing("VCFv4.2\t", with: "VCFv4.2").replacing("b\t \t\t\n", with: "b\t \n")
    #expect(String(decoding: try content(written), as: UTF8.self) == trimmed)
  }

  @Test func definitionsAreAdded() throws {
    let path = folder.write(
      "##fileformat=VCFv4.2\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"\">\n##note\n\(columns)\n",
      to: "h.vcf")
    let header = try VCF.Reader(contentsOf: path).header
      .adding(info: "SCORE", number: .perAlternate, type: .float, description: "a \"b\" \\")
      .adding(info: "DP", number: .any, type: .string, description: "depth")
      .adding(format: "GQ", number: .exactly(1), type: .integer, description: "quality")
      .adding(filter: "low", description: "quality below 5")
      .adding(contig: .init(id: "1", length: 7))
      .adding(line: "source", value: "test")
    let expected = """
      ##fileformat=VCFv4.2
      ##INFO=<ID=DP,Number=.,Type=String,Description="depth">
      ##INFO=<ID=SCORE,Number=A,Type=Float,Description="a \\"b\\" \\\\">
      ##note
      ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">
      ##FILTER=<ID=low,Description="quality below 5">
      ##contig=<ID=1,length=7>
      ##source=test
      \(columns)

      """
    #expect(String(decoding: header.bytes, as: UTF8.self) == expected)
    #expect(header.info["SCORE"]?.description == "a \"b\" \\" && header.info["DP"]?.type == .string)
    #expect(header.contigs == [.init(id: "1", length: 7)])
    let made = VCF.Header(version: "VCFv4.4", contigs: [.init(id: "X")], samples: ["a"])
    #expect(
      String(decoding: made.bytes, as: UTF8.self)
        == "##fileformat=VCFv4.4\n##contig=<ID=X>\n\(columns)\tFORMAT\ta\n")
  }

  private func fields(_ record: VCF.Record) throws -> String {
    let writer = try VCF.Writer(to: folder.file("r.vcf"), header: VCF.Header(samples: ["a"]), overwrite: true)
    try writer.write(record)
    try writer.close()
    return String(decoding: try content(folder.file("r.vcf")), as: UTF8.self).split(separator: "\n").last
      .map { String($0.dropFirst("1\t5\t".count)) } ?? ""
  }

  @Test func recordsAreEdited() throws {
    var record = try VCF.Record("1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1")
    record.setInfo("DP", to: .integers([3, nil]))
    record.setInfo("DB", to: .flag)
    record.setInfo("D", to: .strings(["a,b;c=%", nil, ""]))
    #expect(try fields(record) == ".\tA\tC\t.\t.\tDP=3,.;DB;D=a%2Cb%3Bc%3D%25,.,\tGT\t0/1")
    record.setInfo("DB", to: .floats([0.1, -1e-7, .infinity, .nan, nil, 5]))
    #expect(
      record.info("DB", definedBy: VCF.Header()) == .strings(["0.1", "-1e-07", "inf", "nan", nil, "5"]))
    record.removeInfo("D")
    record.removeInfo("absent")
    #expect(try fields(record) == ".\tA\tC\t.\t.\tDP=3,.;DB=0.1,-1e-07,inf,nan,.,5\tGT\t0/1")
    record.removeInfo("DP")
    record.setIDs(["x", "y"])
    record.setQuality(2.5)
    record.setFailedFilters([])
    #expect(try fields(record) == "x;y\tA\tC\t2.5\tPASS\tDB=0.1,-1e-07,inf,nan,.,5\tGT\t0/1")
    record.removeInfo("DB")
    record.setFailedFilters(["q", "s"])
    record.setQuality(nil)
    record.setIDs([])
    #expect(try fields(record) == ".\tA\tC\t.\tq;s\t.\tGT\t0/1" && record.samples == ["0/1"])
  }

  /// Fields that a sample omits before a new one are missing.
  @Test func fieldsOfSamples() throws {
    var record = try VCF.Record("1\t5\t.\tA\tC\t.\t.\tDP=1\tGT:DP\t0|1:3\t.")
    record.setFormat("X", to: [.floats([0.5, nil]), nil])
    #expect(record.formatKeys == ["GT", "DP", "X"] && record.samples == ["0|1:3:0.5,.", ".:.:."])
    record.setFormat("DP", to: [nil, .integers([7])])
    #expect(record.samples == ["0|1:.:0.5,.", ".:7:."])
    record.setInfo("DP", to: .integers([12]))
    #expect(record.info("DP") == "12" && record.genotypes == [VCF.Genotype("0|1"), VCF.Genotype(".")])
  }

  /// An Integer that is a decimal, and `NA` in a Float, are read without an error.
  @Test func typedValues() throws {
    let header = VCF.Header(samples: ["a", "b"])
      .adding(info: "I", number: .any, type: .integer, description: "")
      .adding(info: "F", number: .any, type: .float, description: "")
      .adding(info: "B", number: .exactly(0), type: .flag, description: "")
      .adding(format: "X", number: .any, type: .float, description: "")
    let record = try VCF.Record(
      "1\t5\t.\tA\tC\t.\t.\tI=1,-2.7,.,NA,99999999999;F=NA,1e-3,.,inf;B;S=a%3Ab,.;N=.\tGT:X\t0/1:NA,2\t1")
    #expect(record.info("I", definedBy: header) == .integers([1, -2, nil, nil, nil]))
    #expect(record.info("F", definedBy: header) == .floats([nil, 1e-3, nil, .infinity]))
    #expect(record.info("B", definedBy: header) == .flag)
    #expect(record.info("S", definedBy: header) == .strings(["a:b", nil]))
    #expect(record.info("N", definedBy: header) == nil && record.info("absent", definedBy: header) == nil)
    #expect(record.format("X", definedBy: header) == [.floats([nil, 2]), nil])
    #expect(record.format("GT", definedBy: header) == [.strings(["0/1"]), .strings(["1"])])
    #expect(record.format("Y", definedBy: header) == [nil, nil])
    #expect(VCF.Value("1,2", as: .integer).count == 2 && VCF.Value.flag.count == 0)
  }
}
