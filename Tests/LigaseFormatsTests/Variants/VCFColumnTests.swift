import LigaseFormats
import LigaseGenomics
import TestSupport
import Testing

/// Records and column lines whose columns do not agree.
@Suite struct VCFColumnTests {
  private let folder = TemporaryFolder()
  private let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

  /// Returns the error of each reader of variants for a file.
  private func failures(_ text: String) throws -> [String: String] {
    let plain = folder.write("##fileformat=VCFv4.2\n" + text, to: "x.vcf")
    let packed = folder.file("x.vcf.gz")
    let output = try OutputFile(packed, overwrite: true, compression: .bgzf)
    try output.write("##fileformat=VCFv4.2\n" + text)
    try output.close()
    func failure(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch let error as FormatError {
        return "\(error.line ?? 0) \(error.exitCode) \(error.message)"
      } catch { return "\(error)" }
    }
    return [
      "reader": failure {
        let reader = try VCF.Reader(contentsOf: plain)
        while try reader.next() != nil {}
      },
      "dosage": failure { _ = try DosageMatrix(contentsOf: plain) },
      "exchanged": failure { _ = try DosageMatrix(contentsOf: plain, withExchangedAlleles: true) },
      "statistics": failure { _ = try VariantStatistics(contentsOf: plain) },
      "index": failure { _ = try VariantIndex(indexing: packed) },
    ]
  }

  @Test func samplesThatTheHeaderHasNot() throws {
    let header = columns + "\tFORMAT\ta\tb\n1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\t1/1\n"
    for (fields, found) in [
      ("\tGT\t0/1", "1 sample"), ("\tGT\t0/1\t1/1\t0/0", "3 samples"), ("\tGT", "0 samples"),
      ("", "0 samples"),
      ("\tGT:X\t0/1:2\t1|1:3\t0", "3 samples"), ("\tX\t1", "1 sample"),
      ("\tX:GT\t1:0/1\t1:0/0\t1", "3 samples"),
      ("\tGT\t0/1\t1/1\t", "2 samples and a tab at the end of the line"),
      ("\tGT\t0/1\t", "1 sample and a tab at the end of the line"),
      ("\tGT\t.\t\t\t", "3 samples and a tab at the end of the line"),
    ] {
      let without = found.hasSuffix("line") ? " and no tab" : ""
      let found = try failures(header + "1\t2\t.\tA\tC\t.\t.\t.\(fields)\n").filter {
        $0.value != "4 65 found the fields of \(found), expected 2\(without) as in the header"
      }
      #expect(found.isEmpty, "\(fields)")
    }
    // Records without alternates, and those of other regions, are checked in the same way.
    #expect(try failures(header + "1\t2\t.\tA\t.\t.\t.\t.\tGT\t0/1\n")["dosage"]?.hasPrefix("4 65") == true)
    let regions = RegionSet([Region(contig: "1", start: 1, end: 1)])
    #expect(throws: FormatError.self) {
      try DosageMatrix(DosageStream(contentsOf: folder.file("x.vcf"), regions: regions))
    }
  }

  @Test func recordsWithoutSamples() throws {
    for (fields, found) in [
      ("\tGT\t0/1", "10 columns"), ("\t", "8 columns and a tab at the end of the line"),
    ] {
      let found = try failures("\(columns)\n1\t2\t.\tA\tC\t.\t.\t.\(fields)\n").filter {
        !$0.value.contains("found \(found), expected 8") && !$0.value.contains("found no samples")
      }
      #expect(found.isEmpty, "\(fields)")
    }
  }

  @Test func columnLines() throws {
    for end in ["\t", "\tFORMAT\ta\t", "\tFORMAT\ta\t\t", "\tFORMAT\t"] {
      let found = try failures("\(columns)\(end)\n1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n").filter {
        !$0.value.hasPrefix("2 65 found a tab at the end of the line #CHROM")
      }
      #expect(found.isEmpty, "\(end)")
    }
    #expect(
      try failures("\(columns)\tFORMAT\ta\t\tb\n")["reader"]
        == "2 65 found an empty field in the line #CHROM, expected the name of a sample")
    // FORMAT without samples occurs in files whose samples were all removed.
    #expect(try failures("\(columns)\tFORMAT\n1\t1\t.\tA\tC\t.\t.\t.\tGT\n")["reader"] == "")
  }

  /// Tabs at the end of other header lines have no effect, and are reported once.
  @Test func headerLines() throws {
    let text =
      "##fileformat=VCFv4.2\t\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">\t\t\n##contig=<ID=1>\n"
    let path = folder.write(text + columns + "\n1\t1\t.\tA\tC\t.\t.\tDP=3\n", to: "t.vcf")
    let reader = try VCF.Reader(contentsOf: path)
    #expect(reader.header.version == "VCFv4.2" && reader.header.info["DP"]?.type == .integer)
    #expect(
      reader.warnings == [
        .init(
          name: "header-tab", line: 1, count: 2,
          message: "found a tab at the end of a header line, which was ignored")
      ])
    #expect(!reader.header.bytes.contains(0x09) || reader.header.lines.allSatisfy { !$0.hasSuffix("\t") })
    #expect(try VariantStatistics(contentsOf: path).warnings == reader.warnings)
    var problems = ProblemList(limit: 9)
    try VCFCheck.run(contentsOf: path, into: &problems)
    #expect(problems.first.map { "\($0.line) \($0.name) \($0.severity)" } == ["1 header-tab warning"])
  }

  /// Records found by an index are read like those read from the start.
  @Test func recordsThroughAnIndex() throws {
    let path = folder.file("i.vcf.gz")
    func write(_ text: String) throws {
      let output = try OutputFile(path, overwrite: true, compression: .bgzf)
      try output.write("##fileformat=VCFv4.2\n##contig=<ID=1>\t\n" + columns + "\tFORMAT\ta\n" + text)
      try output.close()
    }
    try write("1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\n")
    let index = try OutputFile(path + ".tbi", compression: .bgzf)
    try VariantIndex(indexing: path).write(to: index)
    try index.close()
    let stream = try DosageStream(contentsOf: path, regions: RegionSet([Region(contig: "1")]))
    _ = try DosageMatrix(stream)
    #expect(stream.warnings.map { "\($0.name) \($0.line) \($0.count)" } == ["header-tab 2 1"])
    try write("1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\t\n")
    let reader = try VCF.RegionReader(contentsOf: path, regions: RegionSet([Region(contig: "1")]))
    #expect(reader.usesIndex)
    let error = #expect(throws: FormatError.self) { try reader.next() }
    #expect(
      error?.message
        == "found the fields of 1 sample and a tab at the end of the line at 1:5, expected 1 and no tab as in the header"
    )
    #expect(error?.line == nil)
  }
}
