import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

/// Splitting and normalising variants, and applying them to a reference.
@Suite struct VariantAllelesTests {
  private let folder = TemporaryFolder()

  private let header: VCF.Header = {
    var header = VCF.Header(samples: ["a", "b", "c"])
    for (id, number) in [("A", VCF.Number.perAlternate), ("R", .perAllele), ("G", .perGenotype), ("V", .any)]
    {
      header = header.adding(info: id, number: number, type: .integer, description: "")
      header = header.adding(format: id, number: number, type: .string, description: "")
    }
    return header
  }()

  private func text(_ records: [VCF.Record]) throws -> [String] {
    let writer = try VCF.Writer(to: folder.file("t.vcf"), header: header, overwrite: true)
    for record in records { try writer.write(record) }
    try writer.close()
    let bytes = try ByteReader(contentsOf: folder.file("t.vcf")).readAll()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).filter {
      $0.first != "#"
    }
  }

  @Test func split() throws {
    var splitter = VariantSplitter(header)
    let record = try VCF.Record(
      "1\t10\trs1\tA\tC,G\t10\tPASS\tDP=5;A=1,2;R=1,2,3;G=1,2,3,4,5,6;DB;V=1,2,3\tGT:R:G:A\t0/1:1,2,3:a,b,c,d,e,f:.\t2|1|.:.:a,b,c:x,y\t|2:1,.,3"
    )
    #expect(
      try text(splitter.split(record)) == [
        "1\t10\trs1\tA\tC\t10\tPASS\tDP=5;A=1;R=1,2;G=1,2,3;DB;V=1,2,3\tGT:R:G:A\t0/1:1,2:a,b,c:.\t0|1|.:.:a,b:x\t|0:1,.",
        "1\t10\trs1\tA\tG\t10\tPASS\tDP=5;A=2;R=1,3;G=1,4,6;DB;V=1,2,3\tGT:R:G:A\t0/0:1,3:a,d,f:.\t1|0|.:.:a,c:y\t|1:1,3",
      ])
    #expect(splitter.malformedFields == 0 && splitter.splitRecords == 1)
    let wrong = try VCF.Record("1\t10\t.\tA\tC,*\t.\t.\tA=1\tA:GT\t1,2,3:1/2\t.\t.")
    #expect(
      try text(splitter.split(wrong)) == [
        "1\t10\t.\tA\tC\t.\t.\tA=1\tA:GT\t1,2,3:1/0\t.\t.",
        "1\t10\t.\tA\t*\t.\t.\tA=1\tA:GT\t1,2,3:0/1\t.\t.",
      ])
    #expect(splitter.malformedFields == 2)
    let one = try VCF.Record("1\t10\t.\tA\tC\t.\t.\t.")
    #expect(try text(splitter.split(one)) == ["1\t10\t.\tA\tC\t.\t.\t."])
  }

  /// The genotypes of `ploidy` alleles in the order of the specification, each as its text: `0/0/1`.
  private func genotypes(_ ploidy: Int, _ last: Int, _ tail: String = "") -> [String] {
    (0...last).flatMap { allele -> [String] in
      let text = "\(allele)" + (tail.isEmpty ? "" : "/" + tail)
      return ploidy == 1 ? [text] : genotypes(ploidy - 1, allele, text)
    }
  }

  /// Values for each genotype keep those of the reference and one allele, at any ploidy and of any number of alleles.
  @Test func genotypeValues() throws {
    for ploidy in 1...6 {
      for alternates in 2...5 {
        var splitter = VariantSplitter(header)
        let values = genotypes(ploidy, alternates)
        let genotype = (0..<ploidy).map { "\($0 % (alternates + 1))" }.joined(separator: "|")
        let letters = ["C", "G", "T", "<DEL>", "*"].prefix(alternates).joined(separator: ",")
        let list = values.joined(separator: ",")
        let record = try VCF.Record(
          "1\t9\t.\tA\t\(letters)\t.\t.\tG=\(list)\tGT:G\t\(genotype):\(list)\t.:.\t./.:\(list)")
        let parts = splitter.split(record)
        #expect(splitter.malformedFields == 0)
        for (index, part) in parts.enumerated() {
          let expected = values.filter {
            $0.allSatisfy { "0/".contains($0) || $0 == Character("\(index + 1)") }
          }
          #expect(part.info("G") == expected.joined(separator: ",") && expected.count == ploidy + 1)
          #expect(part.samples[0].hasSuffix(":" + expected.joined(separator: ",")))
          #expect(part.samples[1] == ".:." && part.samples[2] == "./.:" + expected.joined(separator: ","))
        }
      }
    }
    var splitter = VariantSplitter(header)
    let wrong = try VCF.Record("1\t9\t.\tA\tC,G\t.\t.\t.\tGT:G\t0/1:1,2,3,4\t.\t.")
    #expect(splitter.split(wrong).map { $0.samples[0] } == ["0/1:1,2,3,4", "0/0:1,2,3,4"])
    #expect(splitter.malformedFields == 1)
  }

  /// Fields of local alleles are split by LAA, which has the alleles of the new record.
  @Test func localAlleles() throws {
    var splitter = VariantSplitter(header)
    let record = try VCF.Record(
      "1\t9\t.\tG\tA,C,T,<*>\t.\t.\t.\tGT:LAA:LAD:LPL:LEC\t2/4:2,4:20,30,10:90,80,0,100,110,120:5,6\t0/0:.:30:0\t0/0::30:0:"
    )
    #expect(
      splitter.split(record).map { $0.samples } == [
        ["0/0:.:20:90:.", "0/0:.:30:0", "0/0:.:30:0:"],
        ["1/0:1:20,30:90,80,0:5", "0/0:.:30:0", "0/0:.:30:0:"],
        ["0/0:.:20:90:.", "0/0:.:30:0", "0/0:.:30:0:"],
        ["0/1:1:20,10:90,100,120:6", "0/0:.:30:0", "0/0:.:30:0:"],
      ])
    #expect(splitter.malformedFields == 0)
    let wrong = try VCF.Record("1\t9\t.\tG\tA,C\t.\t.\t.\tLAA:LAD:LPL\t1:1,2,3:1,2\t.\t.")
    _ = splitter.split(wrong)
    #expect(splitter.malformedFields == 1)
  }

  private func reference(_ sequence: String) throws -> IndexedFASTA {
    try IndexedFASTA(contentsOf: folder.write(">1\n\(sequence)\n", to: "r.fa"))
  }

  /// The results of bcftools norm -f for the same records, in its order.
  @Test func normalForms() throws {
    let genome = try reference("ACGTTTTTTACGCACACACAGGGNRTacgtACGT")
    let forms: [(Int, String, String, Int, String, String)] = [
      (9, "T", "TT", 3, "G", "GT"), (8, "TT", "T", 3, "GT", "G"), (3, "GT", "GTT,G", 3, "GT", "GTT,G"),
      (18, "ACA", "A", 12, "GCA", "G"), (4, "TTTTTT", "T", 3, "GTTTTT", "G"),
      (10, "ACG", "TCG", 10, "A", "T"),
      (10, "ACG", "ACT", 12, "G", "T"), (10, "ACG", ".", 10, "A", "."),
      (10, "ACG", "<DEL>,A", 10, "ACG", "<DEL>,A"),
      (10, "ACG", "*,A", 10, "ACG", "*,A"), (10, "ACG", "GCG,TCG", 10, "A", "G,T"),
      (1, "AC", "C", 1, "AC", "C"),
      (1, "A", "TA", 1, "A", "TA"), (24, "N", "A", 24, "N", "A"), (21, "GGG", "G", 20, "AGG", "A"),
      (30, "t", "tt", 29, "g", "gt"), (25, "A", "C", 25, "A", "C"), (10, "AC", "AC", 10, "AC", "AC"),
      (12, "G", "G[1:5[", 12, "G", "G[1:5["),
    ]
    var normalizer = VariantNormalizer(genome)
    for (position, reference, alternates, newPosition, newReference, newAlternates) in forms {
      var record = try VCF.Record("1\t\(position)\t.\t\(reference)\t\(alternates)\t.\t.\t.")
      let outcome = try normalizer.normalize(&record)
      let expected = "1\t\(newPosition)\t.\t\(newReference)\t\(newAlternates)\t.\t.\t."
      #expect(try text([record]) == [expected])
      #expect(record.position == newPosition)
      #expect(
        outcome
          == ((position, reference, alternates) == (newPosition, newReference, newAlternates)
            ? .unchanged : .changed))
    }
    var wrong = try VCF.Record("1\t2\t.\tGG\tA\t.\t.\t.")
    #expect(try normalizer.normalize(&wrong) == .mismatch(found: "GG", reference: "CG"))
    for outside in ["1\t33\t.\tGTA\tA\t.\t.\t.", "2\t3\t.\tG\tA\t.\t.\t.", "1\t0\t.\tG\tA\t.\t.\t."] {
      var record = try VCF.Record(outside)
      #expect(try normalizer.normalize(&record) == .outside)
    }
    #expect(normalizer.mismatch.names == ["2"])
    var aliased = VariantNormalizer(genome, aliases: .init(rule: .automatic))
    var record = try VCF.Record("chr1\t9\t.\tT\tTT\t.\t.\t.")
    #expect(try aliased.normalize(&record) == .changed && record.position == 3 && record.contig == "chr1")
  }

  /// All forms of a change have the same normal form, with the same sequence.
  @Test func normalFormIsUnique() throws {
    var random = SeededGenerator(seed: 12)
    let bases = Array("ACGT".utf8)
    let sequence = (0..<400).map { _ in bases[Int(random.next() % 2)] }
    let genome = try reference(String(decoding: sequence, as: UTF8.self))
    var normalizer = VariantNormalizer(genome)
    var moved = 0
    for _ in 0..<2000 {
      let start = 20 + Int(random.next() % 300)
      let deleted = Int(random.next() % 5)
      let inserted = (0..<Int(random.next() % 5)).map { _ in bases[Int(random.next() % 2)] }
      let (before, after) = (1 + Int(random.next() % 15), Int(random.next() % 15))
      let old = Array(sequence[start - before..<start + deleted + after])
      let new =
        Array(sequence[start - before..<start]) + inserted
        + sequence[start + deleted..<start + deleted + after]
      if old == new { continue }
      func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
      var record = try VCF.Record("1\t\(start - before + 1)\t.\t\(string(old))\t\(string(new))\t.\t.\t.")
      let changed = sequence[..<(start - before)] + new + sequence[(start + deleted + after)...]
      _ = try normalizer.normalize(&record)
      let (first, reference, alternate) = (
        record.position - 1, Array(record.reference.utf8), Array(record.alternates[0].utf8)
      )
      #expect(Array(sequence[first..<first + reference.count]) == reference)
      #expect(sequence[..<first] + alternate + sequence[(first + reference.count)...] == changed)
      // It is the leftmost one: nothing can be removed, and it cannot be shifted.
      #expect(reference.last != alternate.last || min(reference.count, alternate.count) == 1 && first == 0)
      #expect(reference.first != alternate.first || min(reference.count, alternate.count) == 1)
      if first != start - before { moved += 1 }
    }
    #expect(moved > 500)
  }

  @Test func sorting() throws {
    var sorter = VariantSorter(width: 10)
    var out: [String] = []
    for (contig, position) in [
      ("1", 5), ("1", 3), ("1", 14), ("1", 5), ("1", 30), ("1", 25), ("2", 1), ("2", 0),
    ] {
      let records = sorter.add(try VCF.Record("\(contig)\t\(position)\t.\tA\tC\t.\t.\t."))
      out += records.map { "\($0.contig):\($0.position)" }
    }
    out += sorter.finish().map { "\($0.contig):\($0.position)" }
    #expect(out == ["1:3", "1:5", "1:5", "1:14", "1:25", "1:30", "2:0", "2:1"])
  }

  private func consensus(
    _ choice: VariantConsensus.Choice, _ records: [String], genome: IndexedFASTA? = nil
  ) throws -> (String, VariantConsensus) {
    let genome = try genome ?? reference("ACGTTTTTTACGCACACACAGGGNRTacgtACGT")
    var consensus = VariantConsensus(choice)
    for record in records { try consensus.add(VCF.Record(record), path: "x.vcf") }
    let output = try OutputFile(folder.file("c.fa"), overwrite: true)
    _ = try consensus.write(genome, lineWidth: 0, to: output, vcfPath: "x.vcf")
    try output.close()
    let text = String(decoding: try ByteReader(contentsOf: folder.file("c.fa")).readAll(), as: UTF8.self)
    return (text.split(separator: "\n").last.map(String.init) ?? "", consensus)
  }

  /// The sequences that bcftools consensus gives, with mixed ploidy, half-calls and overlaps.
  @Test func haplotypes() throws {
    let records = [
      "1\t2\t.\tC\tG,T\t.\t.\t.\tGT\t0|1\t1/2", "1\t2\t.\tC\tA\t.\t.\t.\tGT\t1|1\t1/1",
      "1\t4\t.\tTTT\tT\t.\t.\t.\tGT\t1|0\t0/1", "1\t5\t.\tT\tG\t.\t.\t.\tGT\t1|1\t1/1",
      "1\t6\t.\tT\tTG\t.\t.\t.\tGT\t1|1\t1/1", "1\t6\t.\tT\tTC\t.\t.\t.\tGT\t1|1\t1/1",
      "1\t9\t.\tT\tC\t.\t.\t.\tGT\t1|1\t1/1", "1\t9\t.\tT\tTA\t.\t.\t.\tGT\t1|1\t1/1",
      "1\t13\t.\tC\t<DEL>\t.\t.\t.\tGT\t0|1\t1", "1\t15\t.\tC\tA\t.\t.\t.\tGT\t.|1\t1",
      "1\t27\t.\ta\tG\t.\t.\t.\tGT\t1|1\t1", "1\t28\t.\tC\tt\t.\t.\t.\tGT\t1|1\t1",
    ]
    let first = try consensus(.haplotype(1, sample: 0), records)
    #expect(first.0 == "AAGTGTTCAACGCACACACAGGGNRTgtgtACGT" && first.1.overlapCount == 2)
    let second = try consensus(.haplotype(2, sample: 0), records)
    #expect(second.0 == "AGGTGTGTTCAACGCAAACACAGGGNRTgtgtACGT" && second.1.symbolicCount == 1)
    #expect(try consensus(.haplotype(1, sample: 1), records).0 == "AGGTGTGTTCAACGCAAACACAGGGNRTgtgtACGT")
    #expect(try consensus(.haplotype(2, sample: 1), records).0 == "ATGTGTTCAACGCACACACAGGGNRTacgtACGT")
    #expect(try consensus(.ambiguous(sample: 0), records).0 == "ASGTGTTCAACGCAAACACAGGGNRTgtgtACGT")
    #expect(try consensus(.firstAlternates, records).0 == "AGGTGTTCAACGCAAACACAGGGNRTgtgtACGT")
  }

  @Test func symbolicDeletionsAndErrors() throws {
    let deletion = "1\t10\t.\tA\t<DEL>\t.\t.\tEND=23"
    #expect(
      try consensus(.firstAlternates, [deletion, "1\t23\t.\tG\tC\t.\t.\t."]).0 == "ACGTTTTTTANRTacgtACGT")
    #expect(try consensus(.firstAlternates, []).0 == "ACGTTTTTTACGCACACACAGGGNRTacgtACGT")
    for (records, message) in [
      (["1\t3\t.\tA\tC\t.\t.\t."], "found REF 'A' at 1:3, expected 'G'"),
      (["1\t34\t.\tTA\tC\t.\t.\t."], "beyond the end of '1', which has 34 residues"),
      (["1\t9\t.\tT\tC\t.\t.\t.", "1\t3\t.\tG\tC\t.\t.\t."], "found position 3 after 9"),
    ] {
      let error = #expect(throws: FormatError.self) { try consensus(.firstAlternates, records) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  /// Alleles that are not sequences are skipped and counted, however they are selected.
  @Test func allelesThatAreNoSequence() throws {
    let plain = "ACGTTTTTTACGCACACACAGGGNRTacgtACGT"
    for alternate in [
      "-", "-T", "+T", "CG/-G", "1", "*", "<INS>", "<DUP>", "T[1:5[", ".T", "T.", "C?", "A C", "X",
    ] {
      let record = "1\t4\t.\tT\t\(alternate)\t.\t.\tEND=6;SVLEN=2\tGT\t1/1\t0/1"
      for choice: VariantConsensus.Choice in [
        .firstAlternates, .haplotype(1, sample: 0), .haplotype(2, sample: 1), .ambiguous(sample: 1),
      ] {
        let (sequence, found) = try consensus(choice, [record])
        #expect(sequence == plain && found.symbolicCount == 1 && found.appliedCount == 0, "\(alternate)")
      }
    }
    // No alternate allele at all, and one in the genotype that ALT lacks.
    let none = "1\t4\t.\tT\t.\t.\t.\t.\tGT\t1/1\t0/0"
    #expect(try consensus(.firstAlternates, [none]).1.monomorphicCount == 1)
    #expect(try consensus(.haplotype(1, sample: 0), [none]).1.unknownCount == 1)
    #expect(try consensus(.haplotype(1, sample: 1), [none]).1.unknownCount == 0)
    #expect(try consensus(.ambiguous(sample: 0), [none]).1.unknownCount == 1)
    for base in ["n", "R", "ACGTN", "u"] {
      #expect(try consensus(.firstAlternates, ["1\t4\t.\tT\t\(base)\t.\t.\t."]).1.appliedCount == 1)
    }
  }

  /// Deletions extend as far as END or SVLEN of the allele state.
  @Test func lengthsOfDeletions() throws {
    for (alternates, info, expected) in [
      ("<DEL>", "SVLEN=-13", "ACGTTTTTTANRTacgtACGT"), ("<DEL:ME>", "SVLEN=13", "ACGTTTTTTANRTacgtACGT"),
      ("<DEL>", "END=23;SVLEN=12", "ACGTTTTTTANRTacgtACGT"),
      ("<DEL>", "END=20;SVLEN=13", "ACGTTTTTTANRTacgtACGT"),
      ("<DEL>,<DUP>", "SVLEN=13,20", "ACGTTTTTTANRTacgtACGT"), ("<DEL>,C", "END=23", "ACGTTTTTTANRTacgtACGT"),
    ] {
      let (sequence, found) = try consensus(.firstAlternates, ["1\t10\t.\tA\t\(alternates)\t.\t.\t\(info)"])
      #expect(sequence == expected && found.appliedCount == 1, "\(alternates) \(info)")
    }
    let (sequence, found) = try consensus(.firstAlternates, ["1\t10\t.\tA\t<DEL>\t.\t.\tEND=9"])
    #expect(sequence == "ACGTTTTTTACGCACACACAGGGNRTacgtACGT" && found.symbolicCount == 1)
    #expect(found.warnings.map(\.name) == ["end-before-position"])
  }

  /// Headers of the reference are unchanged, including spaces.
  @Test func headersStay() throws {
    let long = String(repeating: "long ", count: 2000)
    for text in [
      ">1 human  chromosome\t1 >x\nAC\nGT\n>2\nACGT\n> 3 third\nAC\n>4 \(long)\nA\n>5\n\n>6 last\nACGT\n",
      ">1 human  chromosome\t1 >x\r\nAC\r\nGT\r\n>2\r\nACGT\r\n",
    ] {
      for compression: Compression in [.none, .bgzf] {
        let path = folder.file("h.fa")
        let file = try OutputFile(path, overwrite: true, compression: compression)
        try file.write(text)
        try file.close()
        let genome = try IndexedFASTA(contentsOf: path)
        let output = try OutputFile(folder.file("c.fa"), overwrite: true)
        _ = try VariantConsensus(.firstAlternates).write(genome, lineWidth: 2, to: output, vcfPath: "x.vcf")
        try output.close()
        let written = String(
          decoding: try ByteReader(contentsOf: folder.file("c.fa")).readAll(), as: UTF8.self)
        let headers = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix(">") }
        #expect(written.split(separator: "\n").filter { $0.hasPrefix(">") } == headers)
      }
    }
  }

  /// Skipped samples.
  @Test func samples() throws {
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc"
    let path = folder.write(columns + "\n1\t1\t.\tA\tC,G\t.\t.\tAC=9\tGT:X\t0/1:1\t2\t./2:3\n", to: "s.vcf")
    let reader = try VCF.Reader(contentsOf: path)
    #expect(reader.header.samples == ["a", "b", "c"])
    var record = try #require(try reader.next())
    let chosen = try SampleSelection(["c", "a", "c"], of: reader.header, path: path)
    #expect(chosen.names == ["c", "a"])
    try chosen.apply(to: &record, path: path)
    record.updateAlleleCounts()
    #expect(record.samples == ["./2:3", "0/1:1"] && record.sampleCount == 2)
    #expect(record.info("AC") == "1,1" && record.info("AN") == "3")
    #expect(try SampleSelection(["a"], excluding: true, of: reader.header, path: path).names == ["b", "c"])
    let error = #expect(throws: FormatError.self) {
      try SampleSelection(["x"], of: reader.header, path: path)
    }
    #expect(error?.message == "found no sample 'x', expected some of: a, b, c")
    var short = try VCF.Record("1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1")
    #expect(throws: FormatError.self) { try chosen.apply(to: &short, path: path) }
  }
}
