import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct VariantScoringTests {
  private let folder = TemporaryFolder()
  private let model: SupervisedModel
  private let genome: [UInt8]

  init() throws {
    let data = SimulatedExamples.sequences()
    var options = SimulatedExamples.options(.cnn, data)
    options.training.usesBothStrands = true
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
    _ mismatch: VariantScoring.ReferenceMismatch = .fail, model: SupervisedModel? = nil,
    outputs: [String] = [], width: Int? = nil
  ) throws -> VariantScoring {
    try VariantScoring(
      model ?? self.model, reference: IndexedFASTA(contentsOf: folder.file("g.fa")), outputs: outputs,
      width: width, mismatch: mismatch)
  }

  /// The records that come out, and what was counted.
  private func run(
    _ path: String, _ scoring: VariantScoring, range: Range<Int> = 0..<Int.max
  ) throws -> (records: [VCF.Record], summary: VariantScoring.Summary) {
    let reader = try VCF.Reader(contentsOf: path)
    var (records, number): ([VCF.Record], Int) = ([], -1)
    try scoring.run(path: "v.vcf") {
      while let record = try reader.next() {
        number += 1
        if range.contains(number) { return record }
      }
      return nil
    } write: {
      records.append($0)
    }
    return (records, scoring.summary)
  }

  private func numbers(_ record: VCF.Record, _ key: String) -> [Float?] {
    (record.info(key) ?? "").split(separator: ",").map { Float($0) }
  }

  private func predict(_ model: SupervisedModel, _ windows: [[UInt8]]) -> [Float] {
    let outputs = model.predict(model.manifest.features.encode(.sequences(windows)))
    return windows.indices.map { outputs[$0 * 2 + 1] }
  }

  private func isClose(_ a: Float?, _ b: Float) -> Bool {
    a.map { abs($0 - b) < 2e-5 * max(1, abs(b)) } ?? false
  }

  @Test func scoresAreThoseOfTheWindows() throws {
    let rows = [
      (100, base(100), other(100)), (200, base(200, 3), base(200)), (300, base(300), base(300) + "ACGTA"),
      (400, base(400, 2), "TT,\(base(400))"), (3, base(3), other(3)), (599, base(599), other(599)),
    ]
    let (records, summary) = try run(file(rows), scoring())
    #expect(
      summary.line
        == "6 records, 7 alternate alleles scored; every REF agrees; 2 windows reach beyond their contig")
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

  /// Either strand by itself, averaged by hand.
  @Test func bothStrandsAreAveraged() throws {
    var single = model
    single.manifest.options.training.usesBothStrands = false
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
            + "\(folder.file("g.fa")) (--ref-mismatch skip or flag goes on)",
        "\(error)")
    }
    let skipped = try run(path, scoring(.skip))
    #expect(skipped.records.map(\.position) == [100, 102] && skipped.summary.mismatches == 2)
    #expect(skipped.summary.line == "4 records, 2 alternate alleles scored; 2 records whose REF disagrees")
    let flagged = try run(path, scoring(.flag))
    #expect(flagged.records.map(\.position) == [100, 101, 102, 600])
    #expect(flagged.records.map { $0.info("LIGASE_REF_MISMATCH") != nil } == [false, true, false, true])
    #expect(flagged.records.map { $0.info("LIGASE_DIFF") == nil } == [false, true, false, true])
    let whole = try run(file([(100, base(100), other(100)), (102, base(102), other(102))]), scoring())
    #expect(whole.records.map { $0.info("LIGASE_DIFF") } == skipped.records.map { $0.info("LIGASE_DIFF") })
    do {
      _ = try run(file([(1, "A", "C")], contig: "c9"), scoring(.skip))
      Issue.record("an unknown contig is read")
    } catch {
      #expect(
        "\(error)".contains("found the contig 'c9', expected one of") && "\(error)".contains("c1, c2"),
        "\(error)")
    }
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
        let range = VariantScoring.shard(part, of: count, records: 300)
        joined += try run(path, scoring(.skip), range: range).records
      }
      #expect(lines(joined) == lines(whole.records) && joined.count == 299, "\(count) parts")
    }
    for total in [0, 1, 128, 129, 1000] {
      for count in [1, 3, 40] {
        let ranges = (1...count).map { VariantScoring.shard($0, of: count, records: total) }
        #expect(ranges[0].lowerBound == 0 && ranges.last!.upperBound >= total)
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      }
    }
  }

  @Test func modelsThatCannotScore() throws {
    func refusal(_ data: SupervisedData, _ outputs: [String] = [], width: Int? = nil) throws -> String {
      do {
        let options = SimulatedExamples.options(.linear, data, epochs: 1)
        _ = try scoring(model: SimulatedExamples.trained(data, options).model, outputs: outputs, width: width)
        return "no error"
      } catch let error as TrainingError { return error.description }
    }
    #expect(
      try refusal(SimulatedExamples.expression())
        == "found a model for expression, expected one of DNA or RNA sequences")
    #expect(
      try refusal(SimulatedExamples.sequences(alphabet: .protein)).hasPrefix("found a model for sequence"))
    #expect(
      try refusal(SimulatedExamples.sequences(), ["maybe"])
        == "found no output 'maybe' of the model, expected no, yes")
    #expect(
      try refusal(SimulatedExamples.sequences(), width: 20)
        == "found a width of 20, expected 16: the model reads sequences of that length only")
    #expect(try refusal(SimulatedExamples.sequences(), width: 16) == "no error")
  }
}
