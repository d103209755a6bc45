import LigaseFormats
import LigaseGenomics
import TestSupport

/// VCF with two samples, sorted, so that it can be indexed.
private let text =
  "##fileformat=VCFv4.2\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"x\">\n##contig=<ID=1,length=9>\n"
  + "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"x\">\n"
  + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
  + "1\t7\trs1\tA\tC,G\t5.5\tPASS\tDP=3;DB\tGT:DP\t0|1:3\t2/.:.\n1\t8\t.\tAT\t<DEL>\t.\t.\t.\tGT\t0|1\t1|1\n"

private let binary: [[UInt8]] = {
  let records = [
    BCFTests.record(
      info: [
        [0x11, 1, 0x11, 14], [0x11, 2] + BCFTests.floats([0x3F00_0000, 0x7F80_0001]), [0x11, 3, 0x00],
      ],
      fields: [[0x11, 6, 0x21, 2, 5, 4, 4], [0x11, 1, 0x11, 3, 4]]),
    BCFTests.record(
      position: 200, alleles: ["ACGTACGTACGTACGTACGT", "A", "<DEL>"], filters: [0x21, 5, 0],
      info: [[0x12] + BCFTests.bytes(300, 2) + BCFTests.text("long text of more than fifteen bytes")],
      fields: [[0x11, 6, 0x31, 0, 0x81, 0x81, 2, 4, 3]]),
  ]
  return [BCFTests.file(records), BCFTests.file([records[1]])]
}()

/// The index of a file of variants, not compressed.
private func index(of content: [UInt8], _ format: VariantIndex.Format) -> [UInt8] {
  let folder = TemporaryFolder()
  let path = folder.write(content, to: "x")
  guard let output = try? OutputFile(folder.file("index"), compression: Compression.none),
    (try? VariantIndex(indexing: path, format: format).write(to: output)) != nil, (try? output.close()) != nil
  else { return [] }
  return TemporaryFolder.contents(of: folder.file("index")) ?? []
}

private func readAll(_ path: String) throws {
  let reader = try VCF.Reader(contentsOf: path)
  while let record = try reader.next() {
    _ = (record.info, record.genotypes, record.alternates, record.quality, record.failedFilters, record.ids)
  }
  _ = reader.warnings
}

/// Structural alleles, repeats, phase sets and local alleles.
private let structural = [4, 5].map { minor in
  VCFCheckTests.file(
    minor, VCFStructuralTests.header + (minor < 5 ? [] : VCFStructuralTests.local), samples: ["a", "b"],
    [
      "1 5 . T <CNV:TR>,<CNV:TR> . . SVLEN=9,9;RN=1,2;RUS=CAG,,CA;RUL=.,7,.;RUC=65,2,1;RB=195,.,2;CIRUC=-15,.,.,.,0,1 GT:CN 1|2:3 ./.:.",
      "1 6 . T <CNV:TR> . . SVLEN=9;RUL=10;RUC=3;RUB=10,11,12;CIRB=. GT 0/1 0/1",
      "1 7 . T <DEL>,C . . SVLEN=4,.;SVCLAIM=DJ,;CIPOS=-5,5,0,0;CICN=0,1,1,2;END=11 GT:PSL:PSO:PSQ |0/1:x,.:3,.:40,. /0|2:.,y:.,1:.,.",
    ]
      + (minor < 5
        ? []
        : [
          "1 8 . G A,T,<*> . . . GT:LAA:LAD:LPL:LEC 0/0::30:0: 2/3:2,3:1,2,3:1,2,3,4,5,6:1,2",
          "1 9 . G A,T . . . LAA:AD:PSL 1:1,2,3:. .:.:.",
        ]))
}

/// The changes of each record by the commands.
private func change(_ path: String) throws {
  let reader = try VCF.Reader(contentsOf: path)
  var splitter = VariantSplitter(reader.header)
  let filters = ["GT[0]=\"het\" | GT[1]!=\"mis\"", "GT[1:0]=\"AR\"", "CIPOS[1-3]=\".\"", "PSO[0:0-5]>1"]
    .compactMap {
      try? VariantFilter($0, header: reader.header)
    }
  var consensus = [
    VariantConsensus(.firstAlternates), VariantConsensus(.haplotype(2, sample: 0)),
    VariantConsensus(.ambiguous(sample: 1)),
  ]
  while let record = try reader.next() {
    for part in splitter.split(record) {
      _ = (part.referenceRange, part.genotypes, part.infoCell("END", definedBy: reader.header))
    }
    for filter in filters { _ = filter.passes(record) }
    for i in consensus.indices { try? consensus[i].add(record, path: path) }
  }
}

private func readRegion(_ path: String, _ contig: String) throws {
  let reader = try VCF.RegionReader(
    contentsOf: path, regions: RegionSet([Region(contig: contig, start: 2, end: 300)]))
  while let record = try reader.next() { _ = (record.info, record.genotypes) }
}

extension FuzzTarget {
  static let variants: [FuzzTarget] = [
    FuzzTarget("vcf", [text]) { path, _ in try readAll(path) },
    FuzzTarget(
      "vcf-check",
      [text]
        + VCFCheckTests.records.map {
          VCFCheckTests.file($0.minor, VCFCheckTests.defined, samples: $0.samples, $0.record)
        } + VCFCheckTests.headers.map { VCFCheckTests.file($0.minor, [$0.line], []) },
      seedsAreGood: false
    ) { path, _ in try refusing(path) { try VCFCheck.run(contentsOf: path, into: &$0) } },
    FuzzTarget("vcf-structural", structural) { path, _ in
      try refusing(path) { try VCFCheck.run(contentsOf: path, into: &$0) }
    },
    FuzzTarget("vcf-changes", structural + [text]) { path, _ in try change(path) },
    FuzzTarget("vcf-region", structural + [text]) { path, _ in try readRegion(path, "1") },
    FuzzTarget("vcf-statistics", [text]) { path, threads in
      _ = try FileStatistics(contentsOf: path, threads: threads)
    },
    FuzzTarget("dosage", [text]) { path, threads in
      let matrix = try DosageMatrix(contentsOf: path, threads: threads)
      try matrix.writeTSV(to: OutputFile("/dev/null"))
    },
    FuzzTarget("bcf", bytes: binary) { path, _ in
      _ = try ByteReader(variants: path).readAll()
      _ = try? refusing(path) { _ = try FileCheck.run(contentsOf: path, into: &$0) }
      _ = try? DosageMatrix(contentsOf: path)
      _ = try? FileStatistics(contentsOf: path)
      try readAll(path)
    },
    FuzzTarget(
      "tbi", bytes: [index(of: blockedGzip(text), .tbi)],
      companions: ["fuzz.vcf.gz": blockedGzip(text)], suffix: ".vcf.gz.tbi"
    ) { path, _ in
      _ = try VariantIndex(contentsOf: path)
      try readRegion(String(path.dropLast(4)), "1")
    },
    FuzzTarget(
      "csi", bytes: [index(of: blockedGzip(text), .csi)],
      companions: ["fuzz.vcf.gz": blockedGzip(text)], suffix: ".vcf.gz.csi"
    ) { path, _ in
      _ = try VariantIndex(contentsOf: path)
      try readRegion(String(path.dropLast(4)), "1")
    },
    FuzzTarget(
      "bcf-index", bytes: [index(of: blockedGzip(binary[0]), .csi)],
      companions: ["fuzz.bcf": blockedGzip(binary[0])], suffix: ".bcf.csi"
    ) { path, _ in try readRegion(String(path.dropLast(4)), "chr2") },
  ]
}
