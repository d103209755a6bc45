import LigaseFormats
import LigaseGenomics
import TestSupport
import Testing

/// The end of a record, for regions, indexes and sequences.
@Suite struct ReferenceSpanTests {
  /// REF, ALT, INFO, FORMAT and samples of a record at 100, and its last position.
  static let ends: [(String, String, String, String, Int)] = [
    ("A", "C", ".", "", 100), ("ACGT", "A", ".", "", 103), ("A", "C", "END=150", "", 150),
    ("ACGT", "A", "END=101", "", 103), ("A", "C", "END=100", "", 100),
    // END before POS is ignored.
    ("A", "<DEL>", "END=99", "", 100), ("A", "<DEL>", "END=99;SVLEN=10", "", 110),
    ("A", "C", "END=-5", "", 100),
    ("A", "C", "END=.", "", 100), ("A", "C", "END", "", 100), ("A", "C", "END=x", "", 100),
    ("A", "C", "BEND=150", "", 100), ("A", "C", "ENDS=150", "", 100),
    // SVLEN of alleles that span a part of the reference, of either sign.
    ("A", "<DEL>", "SVLEN=-50", "", 150), ("A", "<DEL>", "SVLEN=50", "", 150),
    ("A", "<DUP>", "SVLEN=50", "", 150),
    ("A", "<INV>", "SVLEN=50", "", 150), ("A", "<CNV>", "SVLEN=50", "", 150),
    ("A", "<CNV:TR>", "SVLEN=50", "", 150),
    ("A", "<DEL:ME:ALU>", "SVLEN=50", "", 150), ("A", "<DUP:TANDEM>", "IMPRECISE;SVLEN=50;X", "", 150),
    ("A", "<INS>", "SVLEN=50", "", 100), ("A", "<INS:ME>", "SVLEN=50", "", 100),
    ("A", "AT", "SVLEN=50", "", 100),
    ("A", "A[1:900[", "SVLEN=50", "", 100), ("A", ".T", "SVLEN=50", "", 100),
    ("A", "<CN0>", "SVLEN=50", "", 100),
    ("A", "<DELETED>", "SVLEN=50", "", 100), ("A", "<DEL", "SVLEN=50", "", 100),
    ("A", "*", "SVLEN=50", "", 100),
    ("A", "<DEL>", "SVLEN=.", "", 100), ("A", "<DEL>", "SVLEN=x", "", 100),
    ("ACG", "<DEL>", "SVLEN=1", "", 102),
    ("A", "<DEL>", "SVLEN=99999999999999999999", "", 100),
    // One value for each allele, before 4.4 one for all.
    ("A", "<INS>,<DEL>", "SVLEN=900,50", "", 150), ("A", "<DEL>,<DUP>", "SVLEN=20,50", "", 150),
    ("A", "<DEL>,<DUP>", "SVLEN=50,.", "", 150), ("A", "C,<DUP>", "SVLEN=.,50", "", 150),
    ("A", "<INS>,<DEL>", "SVLEN=50", "", 150), ("A", "<DEL>,C,<DUP>", "SVLEN=50,3", "", 150),
    // The larger of END and SVLEN; END where they differ by one.
    ("A", "<DEL>", "END=180;SVLEN=50", "", 180), ("A", "<DEL>", "SVLEN=50;END=120", "", 150),
    ("A", "<DEL>", "END=149;SVLEN=50", "", 149), ("A", "<DEL>", "END=151;SVLEN=-50", "", 151),
    ("A", "<DEL>,<DUP>", "END=149;SVLEN=50,70", "", 170), ("A", "<DEL>", "END=148;SVLEN=50", "", 150),
    // Blocks that agree with the reference.
    ("A", "<*>", ".", "GT:LEN 0/0:51 0/0:9", 150), ("A", "<NON_REF>", ".", "GT:LEN 0/0 0/0:51", 150),
    ("A", "C,<*>", ".", "LEN:GT 51:0/1 .:0/0", 150), ("A", "C", ".", "GT:LEN 0/0:51 0/0:9", 100),
    ("A", "<*>", "END=160", "GT:LEN 0/0:51 0/0:9", 160), ("A", "<*>", "SVLEN=50", "GT 0/0 0/0", 100),
    ("A", "<*>", ".", "GT:LEN 0/0:. 0/0:0", 100),
    ("A", "<*>,<DEL>", "SVLEN=.,70", "GT:LEN 0/0:51 0/0:1", 170),
    ("A", "<*>", "SVLEN=50", "", 100),
  ]

  @Test func lastPositions() throws {
    for (reference, alternate, info, samples, last) in ReferenceSpanTests.ends {
      let tail = samples.isEmpty ? "" : "\t" + samples.split(separator: " ").joined(separator: "\t")
      let record = try VCF.Record("1\t100\t.\t\(reference)\t\(alternate)\t.\t.\t\(info)\(tail)")
      #expect(record.referenceRange == 99..<last, "\(reference) \(alternate) \(info) \(samples)")
    }
    // A telomere is before the first base.
    #expect(try VCF.Record("1\t0\t.\tN\tC\t.\t.\t.").referenceRange == 0..<1)
    #expect(try VCF.Record("1\t0\t.\tN\t<DEL>\t.\t.\tSVLEN=5").referenceRange == 0..<5)
  }

  private func text(_ shift: Int = 0) -> String {
    var text = "##fileformat=VCFv4.5\n##contig=<ID=1,length=1000>\n"
    for (id, number, type) in [("END", "1", "Integer"), ("SVLEN", "A", "Integer")] {
      text += "##INFO=<ID=\(id),Number=\(number),Type=\(type),Description=\"d\">\n"
    }
    text += "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"d\">\n"
    text += "##FORMAT=<ID=LEN,Number=1,Type=Integer,Description=\"d\">\n"
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
    for (index, end) in ReferenceSpanTests.ends.enumerated() {
      let samples = end.3.isEmpty ? "GT 0/0 0/1" : end.3
      text +=
        "1\t100\tr\(index)\t\(end.0)\t\(end.1)\t.\t.\t\(end.2)\t"
        + samples.split(separator: " ").joined(separator: "\t") + "\n"
    }
    return text
  }

  /// Regions find the same records with an index of either format and without one, for genotypes too.
  @Test func regions() throws {
    let folder = TemporaryFolder()
    let path = folder.file("x.vcf.gz")
    let output = try OutputFile(path, compression: .bgzf)
    try output.write(text())
    try output.close()
    for format in [nil, VariantIndex.Format.tbi, .csi] {
      if let format {
        var warnings: [VCF.Warning] = []
        let index = try VariantIndex(indexing: path, format: format, warnings: &warnings)
        #expect(
          warnings == [
            .init(
              name: "end-before-position", line: 13, count: 3,
              message: "found END=99 before position 100, which was ignored")
          ])
        let file = try OutputFile("\(path).\(format.rawValue)", overwrite: true, compression: .bgzf)
        try index.write(to: file)
        try file.close()
      }
      for start in [101, 103, 104, 150, 151, 170, 175] {
        let expected = ReferenceSpanTests.ends.indices.filter { ReferenceSpanTests.ends[$0].4 >= start }
        let regions = RegionSet([Region(contig: "1", start: start, end: 300)])
        let reader = try VCF.RegionReader(contentsOf: path, regions: regions)
        #expect(reader.usesIndex == (format != nil))
        var found: [String] = []
        while let record = try reader.next() { found += record.ids }
        #expect(found == expected.map { "r\($0)" }, "\(start) \(String(describing: format))")
        #expect(reader.warnings.map(\.count) == [3] || reader.usesIndex)
        let matrix = try DosageMatrix(DosageStream(contentsOf: path, regions: regions))
        #expect(
          matrix.variants.compactMap(\.id).reduce(into: []) { if $0.last != $1 { $0.append($1) } } == found)
      }
    }
  }

  /// Not every writer of BCF uses SVLEN and LEN: the length in the record is used for bases only.
  @Test func binaryRecords() throws {
    let folder = TemporaryFolder()
    let path = folder.file("x.bcf")
    let header = BCFTests.header.replacing(
      "ID=AF,Number=A,Type=Float", with: "ID=SVLEN,Number=A,Type=Integer")
    func file(_ records: [[UInt8]]) -> [UInt8] {
      Array("BCF\u{2}\u{2}".utf8) + BCFTests.bytes(header.utf8.count + 1, 4) + Array(header.utf8) + [0]
        + records.flatMap { $0 }
    }
    let length: [UInt8] = [0x11, 2, 0x12] + BCFTests.bytes(-5000, 2)
    let genotypes: [[UInt8]] = [[0x11, 6, 0x21, 2, 5, 4, 4]]
    let output = try OutputFile(path, compression: .bgzf)
    try output.write(
      file([
        BCFTests.record(id: "deletion", alleles: ["A", "<DEL>"], info: [length], fields: genotypes),
        BCFTests.record(id: "insertion", alleles: ["A", "<INS>"], info: [length], fields: genotypes),
        BCFTests.record(id: "base", info: [length], fields: genotypes),
        BCFTests.record(position: 30_000, id: "far", info: [length], fields: genotypes),
      ]))
    try output.close()
    let index = try OutputFile(path + ".csi", compression: .bgzf)
    try VariantIndex(indexing: path).write(to: index)
    try index.close()
    let reader = try VCF.RegionReader(
      contentsOf: path, regions: RegionSet([Region(contig: "chr2", start: 5_100, end: 5_100)]))
    #expect(reader.usesIndex)
    var found: [String] = []
    while let record = try reader.next() { found += record.ids }
    #expect(found == ["deletion"])
  }
}
