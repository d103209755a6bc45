import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase vcf split`.
struct VCFSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Split multiallelic records: one record for each alternate allele.",
    discussion: """
      Example:  ligase vcf split cohort.vcf.gz | ligase parse vcf --dosage --variants-in-rows > dosage.tsv

      INFO and FORMAT fields with Number=A, R or G are split with the alleles. In GT, the other alternate alleles \
      become 0, as in bcftools norm -m-.
      """)

  @Argument(help: "VCF or BCF; `-` or nothing is standard input.")
  var file: String?

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let (reader, part) = try regions.open(file, shards, threads: threads.count, report)
    let writer = try output.open(reader.header, threads: threads.count, part: part)
    var splitter = VariantSplitter(reader.header)
    while let record = try reader.next() {
      for part in splitter.split(record) { try writer.write(part) }
    }
    try writer.close()
    regions.sayWarnings(reader, file, report)
    VCFSplit.sayMalformed(splitter, report)
  }

  /// Warns of fields that could not be split; a verbose report also counts the split records.
  static func sayMalformed(_ splitter: VariantSplitter, _ report: ReportOptions) {
    if splitter.malformedFields > 0 {
      report.warn(
        "\(splitter.malformedFields.counted("field")) not split: the number of values differs from Number in the header"
      )
    }
    report.detail("split \(splitter.splitRecords.counted("record"))")
  }
}

/// `ligase vcf normalise`.
struct VCFNormalize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normalise",
    abstract: "Left-align and trim alleles against a reference.",
    discussion: """
      Example:  ligase vcf normalise calls.vcf.gz --reference genome.fa --split -o normal.vcf.gz

      Equal changes get equal positions and alleles, as in bcftools norm -f. Records that move are sorted again \
      within 1000 positions. Symbolic alleles, breakends and * are unchanged.
      """,
    aliases: ["normalize"])

  @Argument(help: "VCF or BCF; `-` or nothing is standard input.")
  var file: String?

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("Reference FASTA; an existing FILE.fai is used.", valueName: "fasta"))
  var reference: String

  @Flag(help: "Split multiallelic records first.")
  var split = false

  @Option(
    help: "If REF differs from the reference: stop (error), keep the record (warn) or skip it (exclude).")
  var refMismatch: MismatchRule = .error

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// The treatment of a record whose REF differs from the reference.
  enum MismatchRule: String, ExpressibleByArgument, CaseIterable {
    case error, warn, exclude
  }

  func run() throws {
    let reader = try regions.open(file, threads: threads.count, report)
    let genome = try IndexedFASTA(contentsOf: reference, threads: threads.count)
    let writer = try output.open(reader.header, threads: threads.count)
    var splitter = VariantSplitter(reader.header)
    var normalizer = VariantNormalizer(genome, aliases: try regions.aliases.read())
    var sorter = VariantSorter()
    var (changed, wrong) = (0, 0)
    while let record = try reader.next() {
      for var part in split ? splitter.split(record) : [record] {
        let outcome = try normalizer.normalize(&part)
        if outcome == .changed { changed += 1 }
        if outcome != .changed && outcome != .unchanged {
          wrong += 1
          if refMismatch == .error { throw failure(part, outcome, normalizer) }
          if refMismatch == .exclude { continue }
        }
        for ready in sorter.add(part) { try writer.write(ready) }
      }
    }
    for ready in sorter.finish() { try writer.write(ready) }
    try writer.close()
    regions.sayWarnings(reader, file, report)
    if !normalizer.mismatch.isEmpty {
      report.warn(normalizer.mismatch.words("records", missingFrom: reference))
    }
    if wrong > 0 {
      report.warn(
        "\(refMismatch == .warn ? "kept" : "skipped") \(wrong.counted("record")) whose REF differs from \(reference)"
      )
    }
    if split { VCFSplit.sayMalformed(splitter, report) }
    report.detail("changed \(changed.counted("record"))")
  }

  private func failure(
    _ record: VCF.Record, _ outcome: VariantNormalizer.Outcome, _ normalizer: VariantNormalizer
  ) -> FormatError {
    var message = "\(record.contig):\(record.position) is not in \(reference)"
    if case .mismatch(let found, let expected) = outcome {
      message =
        "found REF \(FormatError.quoted(found)) at \(record.contig):\(record.position), expected "
        + "\(FormatError.quoted(expected)) as in \(reference)"
    } else if !normalizer.mismatch.isEmpty {
      message = "found " + normalizer.mismatch.words("record", missingFrom: reference)
    }
    return FormatError(
      .badData, path: file ?? "-", line: record.line == 0 ? nil : record.line,
      message + " (--ref-mismatch warn or exclude continues)")
  }
}
