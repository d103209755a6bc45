import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct VariantIndexTests {
  private let folder = TemporaryFolder()

  /// Sorted records on three contigs, some long, some with END.
  private func cohort(_ seed: UInt64, _ count: Int, span: Int = 3_000_000) throws -> (
    path: String, text: [String]
  ) {
    var random = SeededGenerator(seed: seed)
    var lines: [String] = []
    for contig in ["chr1", "2", "chrM:x"] {
      let positions = (0..<count).map { _ in 1 + Int(random.next() % UInt64(span)) }.sorted()
      for position in positions {
        let reference = String(repeating: "A", count: random.next() % 8 == 0 ? 40 : 1)
        let end = random.next() % 20 == 0 ? "END=\(position + Int(random.next() % 50_000))" : "."
        lines.append("\(contig)\t\(position)\t.\t\(reference)\tC\t.\t.\t\(end)")
      }
    }
    let header = VCF.Header(contigs: ["chr1", "2", "chrM:x"].map { .init(id: $0, length: span) })
    let writer = try VCF.Writer(to: folder.file("c.vcf.gz"), header: header, overwrite: true)
    for line in lines { try writer.write(VCF.Record(line)) }
    try writer.close()
    return (folder.file("c.vcf.gz"), lines)
  }

  private func write(_ index: VariantIndex, beside path: String) throws -> String {
    let name = "\(path).\(index.format.rawValue)"
    let output = try OutputFile(name, overwrite: true, compression: .bgzf)
    try index.write(to: output)
    try output.close()
    return name
  }

  private func lines(_ path: String, _ regions: [Region]?) throws -> [String] {
    let reader = try VCF.RegionReader(contentsOf: path, regions: regions.map { RegionSet($0) })
    var found: [String] = []
    while let record = try reader.next() {
      found.append(
        "\(record.contig) \(record.position) \(record.reference.count) \(record.info("END") ?? "")")
    }
    return found
  }

  @Test(arguments: [VariantIndex.Format.tbi, .csi]) func queriesAgreeWithReadingAll(
    _ format: VariantIndex.Format
  ) throws {
    let (path, text) = try cohort(7, 4000)
    let regions = [
      [Region(contig: "2", start: 2_999_000)], [Region(contig: "chrM:x")], [Region(contig: "no")],
    ]
    var random = SeededGenerator(seed: 3)
    let drawn = (0..<60).map { i in
      (0...i % 3).map { _ in
        let start = 1 + Int(random.next() % 3_000_000)
        let contig = ["chr1", "2", "chrM:x"][Int(random.next() % 3)]
        return Region(
          contig: contig, start: start, end: start + Int(random.next() % (i % 2 == 0 ? 100 : 200_000)))
      }
    }
    let expected = try (regions + drawn).map { try lines(path, $0) }
    #expect(expected.reduce(0) { $0 + $1.count } > 4000 && expected[2].isEmpty)
    let index = try VariantIndex(indexing: path, format: format)
    let name = try write(index, beside: path)
    #expect(try VariantIndex(contentsOf: name) == index)
    #expect(index.contigs == ["chr1", "2", "chrM:x"] && index.recordCount(of: "2") == 4000)
    for (i, region) in (regions + drawn).enumerated() {
      #expect(try lines(path, region) == expected[i], "\(region)")
    }
    #expect(try lines(path, nil).count == text.count)
  }

  /// BCF, whose index is CSI without names; as deep as the positions need, because the header has no length.
  @Test func binaryVariants() throws {
    var random = SeededGenerator(seed: 9)
    let positions = (0..<6_000).map { _ in Int(random.next() % 2_000_000_000) }.sorted()
    let records = positions.enumerated().map { i, position in
      BCFTests.record(position: position, id: "r\(i)", fields: [[0x11, 6, 0x21, 2, 5, 4, 4]])
    }
    let path = folder.file("x.bcf")
    let output = try OutputFile(path, compression: .bgzf)
    try output.write(BCFTests.file(records))
    try output.close()
    let index = try VariantIndex(indexing: path)
    #expect(index.format == .csi && index.contigs.filter { !$0.isEmpty } == ["chr2"])
    #expect(index.recordCount(of: "chr2") == 6_000)
    #expect(throws: FormatError.self) { try VariantIndex(indexing: path, format: .tbi) }
    _ = try write(index, beside: path)
    #expect(try VariantIndex(beside: path)?.contigs == ["chr2"])
    for i in 0..<40 {
      let start = Int(random.next() % 2_000_000_000)
      let region = Region(contig: "chr2", start: start, end: start + (i % 2 == 0 ? 20_000_000 : 500_000))
      let reader = try VCF.RegionReader(contentsOf: path, regions: RegionSet([region]))
      #expect(reader.usesIndex)
      var found: [Int] = []
      while let record = try reader.next() { found.append(record.position) }
      #expect(found == positions.map { $0 + 1 }.filter { $0 >= start && $0 <= region.end! })
    }
    // Dosages use the same index.
    let region = Region(contig: "chr2", start: positions[50] + 1, end: positions[60] + 1)
    let matrix = try DosageMatrix(DosageStream(contentsOf: path, regions: RegionSet([region])))
    #expect(matrix.variants.count == 11)
    let unsorted = try OutputFile(folder.file("u.bcf"), compression: .bgzf)
    try unsorted.write(BCFTests.file([records[1], records[0]]))
    try unsorted.close()
    #expect(throws: FormatError.self) { try VariantIndex(indexing: folder.file("u.bcf")) }
  }

  @Test func formatByLength() throws {
    let (path, _) = try cohort(1, 10)
    #expect(try VariantIndex(indexing: path).format == .tbi)
    for far in ["1\t600000000\t.\tA\tC\t.\t.\t.", "1\t5\t.\tA\t<DEL>\t.\t.\tEND=536870913"] {
      let writer = try VCF.Writer(to: folder.file("far.vcf.gz"), header: VCF.Header(), overwrite: true)
      try writer.write(VCF.Record(far))
      try writer.close()
      let index = try VariantIndex(indexing: folder.file("far.vcf.gz"))
      #expect(index.format == .csi)
      _ = try write(index, beside: folder.file("far.vcf.gz"))
      let region = Region(contig: "1", start: 536_870_913, end: 700_000_000)
      #expect(try lines(folder.file("far.vcf.gz"), [region]).count == 1)
      let error = #expect(throws: FormatError.self) {
        try VariantIndex(indexing: folder.file("far.vcf.gz"), format: .tbi)
      }
      #expect(error?.message.hasPrefix("found a position beyond 2^29") == true)
    }
  }

  private func failure(_ text: String, compression: Compression = .bgzf) throws -> String {
    let output = try OutputFile(folder.file("bad.vcf.gz"), overwrite: true, compression: compression)
    try output.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + text)
    try output.close()
    return #expect(throws: FormatError.self) { try VariantIndex(indexing: folder.file("bad.vcf.gz")) }?
      .message ?? ""
  }

  @Test func whatCannotBeIndexed() throws {
    let record = "\t.\tA\tC\t.\t.\t.\n"
    #expect(
      try failure("1\t5\(record)1\t4\(record)")
        == "found position 4 after 5, expected records sorted by position")
    #expect(
      try failure("1\t5\(record)2\t4\(record)1\t6\(record)").hasPrefix(
        "found contig '1' again after another one"))
    #expect(try failure("1\t5\(record)", compression: .gzip).hasPrefix("only BGZF files can be indexed"))
    #expect(try failure("1\t5\n") == "found 2 fields, expected eight at least, separated by tabs")
  }

  /// An index with changed bytes is read, or refused; reading with it may throw and never traps.
  @Test(arguments: [VariantIndex.Format.tbi, .csi])
  func damagedIndexesNeverTrap(_ format: VariantIndex.Format) throws {
    let (path, _) = try cohort(11, 300)
    var random = SeededGenerator(seed: 5)
    let name = try write(VariantIndex(indexing: path, format: format), beside: path)
    let bytes = try ByteReader(contentsOf: name, content: .binary).readAll()
    var refused = 0
    for round in 0..<1500 {
      var damaged = bytes
      for _ in 0...Int(random.next() % 4) {
        let place = Int(random.next() % UInt64(round % 2 == 0 ? min(120, damaged.count) : damaged.count))
        switch random.next() % 4 {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: damaged[place] = [0, 0x7F, 0x80, 0xFF][Int(random.next() % 4)]
        case 2 where damaged.count > 1: damaged.remove(at: place)
        default: damaged = Array(damaged.prefix(max(1, place)))
        }
      }
      folder.write(damaged, to: "c.vcf.gz.\(format.rawValue)")
      do { _ = try lines(path, [Region(contig: "2", start: 1_000_000, end: 1_500_000)]) } catch {
        refused += 1
      }
    }
    #expect(refused > 500 && refused < 1500)
  }

  @Test func aliasesAndMismatches() throws {
    let (path, _) = try cohort(2, 50)
    for isIndexed in [false, true] {
      if isIndexed { _ = try write(VariantIndex(indexing: path), beside: path) }
      func read(_ contigs: [String], _ aliases: ContigAliases) throws -> (
        count: Int, mismatch: ContigMismatch
      ) {
        let reader = try VCF.RegionReader(
          contentsOf: path, regions: RegionSet(contigs.map { Region(contig: $0) }), aliases: aliases)
        #expect(reader.usesIndex == isIndexed)
        var count = 0
        while try reader.next() != nil { count += 1 }
        return (count, reader.mismatch)
      }
      let plain = try read(["1", "2", "x"], .init())
      #expect(plain.count == 50 && plain.mismatch.names == ["1", "x"])
      #expect(
        plain.mismatch.message("regions", missingFrom: "c.vcf.gz")
          == "2 regions on contigs that c.vcf.gz lacks: 1 (1), x (1); 1 of them in c.vcf.gz under another name"
      )
      let automatic = try read(["1", "chr2"], .init(rule: .automatic))
      #expect(automatic.count == 100 && automatic.mismatch.isEmpty)
      #expect(try read(["mito"], .init(groups: [["mito", "chrM:x"]])).count == 50)
    }
    #expect(ContigAliases(rule: .automatic).aliases(of: "MT") == ["chrM", "M", "chrMT"])
    let list = folder.write("# names\nNC_1\t1\tchr1\n\n", to: "list")
    #expect(try ContigAliases(contentsOf: list).aliases(of: "chr1") == ["NC_1", "1"])
    let error = #expect(throws: FormatError.self) {
      try ContigAliases(contentsOf: folder.write("a\n", to: "bad"))
    }
    #expect(error?.message == "found 'a', expected two names of a contig, separated by a tab")
  }
}
