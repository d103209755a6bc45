import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct VariantScoringTests {
  private let folder = TemporaryFolder()
  private let model: Model
  private let genome: [UInt8]

  init() throws {
    let data = SimulatedExamples.sequences()
    var options = SimulatedExamples.options(.cnn, data)
    options.sequence.usesBothStrands = true
    model = try SimulatedExamples.trained(data, options).model
    var random = SeededGenerator(seed: 6)
    genome = (0..<600).map { _ in Array("ACGTacgt".utf8)[Int(random.next(upperBound: UInt64(8)))] }
    folder.write(">c1\n\(String(decoding: genome, as: UTF8.self))\n>c2\nACGT\n", to: "g.fa")
  }

  private func base(_ position: Int, _ count: Int = 1) -> String {
    String(decoding: genome[(position - 1)..<(position - 1 + count)], as: UTF8.self).uppercased()
  }

  private func other(_ position: Int) -> String { base(position) == "A" ? "C" : "A" }

  /// A VCF of records `position ref alt`.
  private func file(_ rows: [(Int, String, String)], contig: String = "c1") -> String {
    folder.write(
      "##fileformat=VCFv4.3\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n##contig=<ID=c1>\n"
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + rows.map { "\(contig)\t\($0.0)\t.\t\($0.1)\t\($0.2)\t.\t.\tDP=3\n" }.joined(), to: "v.vcf")
  }

  private func scoring(
    _ mismatch: VariantScoring.ReferenceMismatch = .fail, model: Model? = nil,
    outputs: [String] = [], width: Int? = nil
  ) throws -> VariantScoring {
    try VariantScoring(
      model ?? self.model, reference: IndexedFASTA(contentsOf: folder.file("g.fa")), outputs: outputs,
      width: width, mismatch: mismatch)
  }

  /// The written records, and the counts.
  private func run(
    _ path: String, _ scoring: VariantScoring, range: Range<Int> = 0..<Int.max
  ) throws -> (records: [VCF.Record], summary: VariantScoring.Summary) {
    let reader = try VCF.Reader(contentsOf: path)
    var records: [VCF.Record] = []
    try scoring.run(path: "v.vcf", records: range) {
      try reader.next()
    } write: {
      records.append($0)
    }
    return (records, scoring.summary)
  }

  private func numbers(_ record: VCF.Record, _ key: String) -> [Float?] {
    (record.info(key) ?? "").split(separator: ",").map { Float($0) }
  }

  private func predict(_ model: Model, _ windows: [[UInt8]]) -> [Float] {
    let outputs = model.predict(sequences: windows)
    return windows.indices.map { outputs[$0 * 2 + 1] }
  }

  private func isClose(_ a: Float?, _ b: Float) -> Bool {
    a.map { abs($0 - b) < 2e-5 * max(1, abs(b)) } ?? false
  }

  /// A haplotype's score is that of the window in the contig with all of its variants, with and without this
  /// one.
  @Test func haplotypesOfPhasedSamples() throws {
    var random = SeededGenerator(seed: 12)
    func below(_ n: Int) -> Int { Int(random.next(upperBound: UInt64(n))) }
    struct Row {
      var position: Int
      var reference, alternate: [UInt8]
      var genotypes: [String]
    }
    var rows: [Row] = []
    var at = 30
    while at < 560 {
      let reference = Array(base(at, 1 + below(3)).utf8)
      var alternate = (0..<1 + below(3)).map { _ in Array("ACGT".utf8)[below(4)] }
      if alternate == reference { alternate.append(UInt8(ascii: "T")) }
      let genotypes = (0..<3).map {
        $0 == 2 ? ["0/1", "1/1", "0", "1"][below(4)] : "\(below(2))|\(below(2))"
      }
      rows.append(Row(position: at, reference: reference, alternate: alternate, genotypes: genotypes))
      at += 4 + below(12)
    }
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let path = folder.write(
      "##fileformat=VCFv4.3\n##contig=<ID=c1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\n"
        + rows.map {
          "c1\t\($0.position)\t.\t\(text($0.reference))\t\(text($0.alternate))\t.\t.\t.\tGT\t"
            + $0.genotypes.joined(separator: "\t") + "\n"
        }.joined(), to: "h.vcf")
    func scoring() throws -> VariantScoring {
      try VariantScoring(
        model, reference: IndexedFASTA(contentsOf: folder.file("g.fa")), scoresHaplotypes: true)
    }
    let (records, summary) = try run(path, scoring())
    #expect(records.count == rows.count && summary.haplotypes > 200 && summary.unphased > 10)
    /// Returns the contig with the variants of a haplotype except one record, and the position of that one.
    func haplotype(_ sample: Int, _ number: Int, without own: Int) -> (text: [UInt8], start: Int) {
      var (found, position, start): ([UInt8], Int, Int) = ([], 0, 0)
      for (i, row) in rows.enumerated() {
        found += genome[position..<row.position - 1]
        position = row.position - 1
        if i == own { start = found.count }
        let genotype = VCF.Genotype(row.genotypes[sample])
        let isKnown = genotype.isPhased || Set(genotype.alleles).count == 1
        guard i != own, isKnown, number < genotype.alleles.count, genotype.alleles[number] == 1 else {
          continue
        }
        found += row.alternate
        position += row.reference.count
      }
      return (found + genome[position...], start)
    }
    var compared = 0
    for (i, record) in records.enumerated() {
      let values = record.samples.map { $0.split(separator: ":").map(String.init) }
      #expect(record.formatKeys == ["GT", "LIGASE_HAP", "LIGASE_HAPDIFF"])
      for sample in 0..<3 {
        let genotype = VCF.Genotype(rows[i].genotypes[sample])
        let hap = values[sample][1].split(separator: ",").map { Float($0) }
        let diff = values[sample][2].split(separator: ",").map { Float($0) }
        #expect(hap.count == genotype.alleles.count)
        for (number, allele) in genotype.alleles.enumerated() {
          guard genotype.isPhased || Set(genotype.alleles).count == 1 else {
            #expect(hap[number] == nil && diff[number] == nil)
            continue
          }
          let (contig, start) = haplotype(sample, number, without: i)
          let windows = AlleleWindows(
            start: start, referenceCount: rows[i].reference.count,
            alternate: allele == 1 ? rows[i].alternate : rows[i].reference, width: 16,
            contigLength: contig.count
          ) { Array(contig[$0]) }
          let outputs = predict(model, [windows.reference] + windows.alternates)
          let mean = outputs.dropFirst().reduce(0, +) / Float(outputs.count - 1)
          #expect(isClose(hap[number], mean), "\(i) \(sample) \(number)")
          #expect(abs(diff[number]! - (mean - outputs[0])) < 2e-5)
          compared += 1
        }
      }
    }
    #expect(compared == summary.haplotypes)
    // A shard uses neighbours in other shards.
    let part = try run(path, scoring(), range: 20..<30).records
    #expect(part.count == 10)
    for (one, whole) in zip(part, records[20..<30]) {
      for (x, y) in zip(one.samples, whole.samples) {
        let split = { (text: String) in text.split { ":,".contains($0) } }
        #expect(split(x).count == split(y).count && split(x)[0] == split(y)[0])
        for (p, q) in zip(split(x).dropFirst(), split(y).dropFirst()) {
          #expect(p == q || isClose(Float(p), Float(q)!))
        }
      }
    }
    let unsorted = folder.write(
      "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\n"
        + [100, 90].map { "c1\t\($0)\t.\t\(base($0))\t\(other($0))\t.\t.\t.\tGT\t0|1\n" }.joined(),
      to: "u.vcf")
    #expect(throws: FormatError.self) { try run(unsorted, scoring()) }
  }

  @Test func scoresAreThoseOfTheWindows() throws {
    let rows = [
      (100, base(100), other(100)), (200, base(200, 3), base(200)), (300, base(300), base(300) + "ACGTA"),
      (400, base(400, 2), "TT,\(base(400))"), (3, base(3), other(3)), (599, base(599), other(599)),
    ]
    let (records, summary) = try run(file(rows), scoring())
    #expect(
      summary.line
        == "6 records, scored 7 alternate alleles; every REF agrees; 2 windows beyond the ends of their contigs"
    )
    #expect(records.map(\.position) == rows.map(\.0))
    for (record, row) in zip(records, rows) {
      #expect(record.info("DP") == "3")
      for (i, alternate) in row.2.split(separator: ",").enumerated() {
        let windows = AlleleWindows(
          start: row.0 - 1, referenceCount: row.1.count, alternate: Array(alternate.utf8), width: 16,
          contigLength: 600
        ) { Array(genome[$0]) }
        let reference = predict(model, [windows.reference])[0]
        let alternates = predict(model, windows.alternates)
        let mean = alternates.reduce(0, +) / Float(alternates.count)
        #expect(
          isClose(numbers(record, "LIGASE_REF")[i], reference)
            && isClose(numbers(record, "LIGASE_ALT")[i], mean))
        #expect(isClose(numbers(record, "LIGASE_DIFF")[i], mean - reference))
        func odds(_ p: Float) -> Double { Double(p) / (1 - Double(p)) }
        let ratio = odds(mean) / odds(reference)
        let found = try #require(numbers(record, "LIGASE_LOGODDS")[i])
        // The logarithm by its inverse: e^x as a limit is close enough here.
        var power = 1.0
        for _ in 0..<(1 << 16) { power *= 1 + Double(found) / Double(1 << 16) }
        #expect(abs(power - ratio) < 1e-3 * ratio, "\(found) for \(ratio)")
      }
    }
  }

  /// Each strand alone, averaged directly.
  @Test func bothStrandsAreAveraged() throws {
    var single = model
    single.manifest.inputs[0].preparation = AnyPreparation(
      SequencePreparation(encoding: model.manifest.sequence!.encoding, usesBothStrands: false))
    let record = try run(file([(100, base(100), other(100))]), scoring()).records[0]
    let pair = Array("ACGT".utf8)
    func turned(_ window: [UInt8]) -> [UInt8] {
      window.reversed().map { pair[3 - pair.firstIndex(of: $0 & 0xDF)!] }
    }
    let window = Array(genome[91..<107])
    let mean = predict(single, [window, turned(window)]).reduce(0, +) / 2
    #expect(isClose(numbers(record, "LIGASE_REF")[0], mean))
    var changed = window
    changed[8] = Array(other(100).utf8)[0]
    #expect(
      isClose(numbers(record, "LIGASE_ALT")[0], predict(single, [changed, turned(changed)]).reduce(0, +) / 2))
  }

  @Test func headersDeclareTheFields() throws {
    let header = try VCF.Reader(contentsOf: file([])).header
    let found = try scoring(.flag).header(header)
    #expect(
      Set(found.info.keys) == [
        "DP", "LIGASE_REF", "LIGASE_ALT", "LIGASE_DIFF", "LIGASE_LOGODDS", "LIGASE_REF_MISMATCH",
      ])
    #expect(found.info["LIGASE_DIFF"]?.number == .perAlternate && found.info["LIGASE_DIFF"]?.type == .float)
    let both = try scoring(outputs: ["yes", "no"]).header(header)
    #expect(both.info["LIGASE_LOGODDS_no"] != nil && both.info["LIGASE_REF_yes"] != nil)
    let data = SimulatedExamples.values()
    let values = try SimulatedExamples.trained(data, SimulatedExamples.options(.cnn, data, epochs: 1)).model
    #expect(
      try Set(scoring(model: values).header(header).info.keys) == [
        "DP", "LIGASE_REF_g", "LIGASE_ALT_g", "LIGASE_DIFF_g", "LIGASE_REF_first", "LIGASE_ALT_first",
        "LIGASE_DIFF_first",
      ])
  }

  @Test func allelesThatAreNotBasesHaveNoScore() throws {
    let (records, summary) = try run(
      file([
        (100, base(100), "<DEL>,\(other(100))"), (101, base(101), "*"),
        (102, base(102), "\(base(102))[c1:300["), (103, base(103), "."),
      ]), scoring())
    #expect(summary.scored == 1 && summary.unscored == 3 && summary.records == 4 && records.count == 4)
    #expect(numbers(records[0], "LIGASE_DIFF").count == 2 && numbers(records[0], "LIGASE_DIFF")[0] == nil)
    #expect(
      records[0].info("LIGASE_REF")?.hasPrefix(".,") == true && numbers(records[0], "LIGASE_REF")[1] != nil)
    #expect(records[1...].allSatisfy { $0.info("LIGASE_DIFF") == nil })
  }

  @Test func referencesThatDisagree() throws {
    let path = file([
      (100, base(100), other(100)), (101, other(101), base(101)), (102, base(102), other(102)),
      (600, base(600) + "A", "A"),
    ])
    do {
      _ = try run(path, scoring())
      Issue.record("a REF that disagrees is scored")
    } catch let error as FormatError {
      #expect(
        error.kind == .badData && error.line == 6
          && error.message
            == "found REF \(other(101)) at c1:101, expected \(String(decoding: genome[100...100], as: UTF8.self)) of "
            + "\(folder.file("g.fa"))",
        "\(error)")
    }
    let skipped = try run(path, scoring(.skip))
    #expect(skipped.records.map(\.position) == [100, 102] && skipped.summary.mismatches == 2)
    #expect(
      skipped.summary.line
        == "4 records, scored 2 alternate alleles; 2 records whose REF differs from the reference")
    let flagged = try run(path, scoring(.flag))
    #expect(flagged.records.map(\.position) == [100, 101, 102, 600])
    #expect(flagged.records.map { $0.info("LIGASE_REF_MISMATCH") != nil } == [false, true, false, true])
    #expect(flagged.records.map { $0.info("LIGASE_DIFF") == nil } == [false, true, false, true])
    let whole = try run(file([(100, base(100), other(100)), (102, base(102), other(102))]), scoring())
    #expect(whole.records.map { $0.info("LIGASE_DIFF") } == skipped.records.map { $0.info("LIGASE_DIFF") })
  }

  /// A contig that the reference lacks is an error, skipped or flagged, like a REF that disagrees.
  @Test func contigsThatAreNotThere() throws {
    let one = file([(100, base(100), other(100))])
    let whole = try run(one, scoring()).records[0].info("LIGASE_DIFF")
    let path = folder.write(
      String(decoding: TemporaryFolder.contents(of: one)!, as: UTF8.self)
        + "c9\t1\t.\tA\tC,<DEL>\t.\t.\tDP=3\nchrc1\t100\t.\t\(base(100))\t\(other(100))\t.\t.\tDP=3\n",
      to: "contigs.vcf")
    let error = #expect(throws: FormatError.self) { try run(path, scoring()) }
    #expect(error?.line == 6 && error?.message.hasPrefix("found the contig 'c9', expected one of") == true)
    let skipping = try scoring(.skip)
    let skipped = try run(path, skipping)
    #expect(skipped.records.map(\.contig) == ["c1"] && skipped.records[0].info("LIGASE_DIFF") == whole)
    #expect(
      skipped.summary.line == "3 records, scored 1 alternate allele; every REF agrees; "
        + "2 records on contigs that the reference lacks")
    #expect(skipping.missingContigs.names == ["c9", "chrc1"] && skipping.missingContigs.isResolvable)
    let flagged = try run(path, scoring(.flag)).records
    #expect(flagged.map { $0.info("LIGASE_REF_MISMATCH") != nil } == [false, true, true])
    #expect(flagged.map { $0.info("LIGASE_DIFF") } == [whole, nil, nil])
    let renamed = try VariantScoring(
      model, reference: IndexedFASTA(contentsOf: folder.file("g.fa")), mismatch: .skip,
      aliases: .init(rule: .automatic))
    #expect(try run(path, renamed).records.map(\.contig) == ["c1", "chrc1"])
    // The same with haplotypes.
    let phased = folder.write(
      "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\n"
        + ["c1", "c9"].map { "\($0)\t100\t.\t\(base(100))\t\(other(100))\t.\t.\t.\tGT\t0|1\n" }.joined(),
      to: "p.vcf")
    for (mismatch, count) in [(VariantScoring.ReferenceMismatch.skip, 1), (.flag, 2)] {
      let scoring = try VariantScoring(
        model, reference: IndexedFASTA(contentsOf: folder.file("g.fa")), mismatch: mismatch,
        scoresHaplotypes: true)
      #expect(try run(phased, scoring).records.count == count && scoring.summary.haplotypes == 2)
    }
  }

  /// Names that give the same key get different ones, whichever outputs are chosen.
  @Test func keysDiffer() throws {
    let names = ["a b", "a_b", "a-b", "a_b_2", "MISMATCH", "é"]
    var data = SimulatedExamples.sequences()
    data.examples.target = TargetDescription("classes", names)
    data.examples.observations = Observations(
      numbers: (0..<60).map { Float($0 % names.count) }, width: 1)
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.linear, data, epochs: 1)).model
    let header = try VCF.Reader(contentsOf: file([])).header
    let all = try scoring(.flag, model: model).header(header)
    #expect(Set(model.outputNames) == Set(names))
    var described: [String: String] = [:]
    for (key, field) in all.info where key.hasPrefix("LIGASE_ALT_") {
      described[String(key.dropFirst("LIGASE_ALT_".count))] = field.description
    }
    #expect(described.count == names.count)
    #expect(described["a_b"] == "Probability of a_b with the alternate allele")
    #expect(described["a_b_2"] == "Probability of a_b_2 with the alternate allele")
    #expect(Set(described.keys).isSuperset(of: ["a_b", "a_b_2", "a_b_3", "a_b_4", "MISMATCH_2", "_"]))
    #expect(all.info["LIGASE_REF_MISMATCH"]?.type == .flag)
    for name in names {
      #expect(described.values.contains("Probability of \(name) with the alternate allele"))
    }
    let two = try scoring(model: model, outputs: ["a b", "a-b"]).header(header)
    for key in two.info.keys where key.hasPrefix("LIGASE_ALT") {
      #expect(two.info[key]?.description == all.info[key]?.description)
    }
    #expect(
      try scoring(model: model, outputs: ["a b", "a b"]).header(header).info["LIGASE_ALT"] != nil)
  }

  @Test func partsMakeTheWhole() throws {
    var rows: [(Int, String, String)] = (0..<300).map { (20 + $0, base(20 + $0), other(20 + $0)) }
    rows[5].1 = "<NO>"
    let path = file(rows)
    func lines(_ records: [VCF.Record]) -> [String] {
      records.map { record in
        "\(record.position) "
          + ["REF", "ALT", "DIFF", "LOGODDS"].map { key in record.info("LIGASE_\(key)") ?? "" }.joined(
            separator: " ")
      }
    }
    let whole = try run(path, scoring(.skip))
    for count in [1, 2, 3, 5] {
      var joined: [VCF.Record] = []
      for part in 1...count {
        let range = Shard("\(part)/\(count)")!.range(of: 300)
        joined += try run(path, scoring(.skip), range: range).records
      }
      #expect(lines(joined) == lines(whole.records) && joined.count == 299, "\(count) parts")
    }
  }

  @Test func modelsThatCannotScore() throws {
    func refusal(_ data: TrainingData, _ outputs: [String] = [], width: Int? = nil) throws -> String {
      do {
        let options = SimulatedExamples.options(.linear, data, epochs: 1)
        _ = try scoring(model: SimulatedExamples.trained(data, options).model, outputs: outputs, width: width)
        return "no error"
      } catch let error as TrainingError { return error.description }
    }
    #expect(
      try refusal(SimulatedExamples.expression())
        == "the model is an expression model; score-variants needs a DNA or RNA sequence model")
    #expect(
      try refusal(SimulatedExamples.sequences(alphabet: .protein)).hasPrefix(
        "the model is a sequence model of protein sequences;"))
    #expect(
      try refusal(SimulatedExamples.sequences(), ["maybe"])
        == "found no output 'maybe' of the model, expected no, yes")
    #expect(
      try refusal(SimulatedExamples.sequences(), width: 20)
        == "found a width of 20, expected 16: the model reads sequences of that length only")
    #expect(try refusal(SimulatedExamples.sequences(), width: 16) == "no error")
  }
}
