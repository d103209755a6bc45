import ArgumentParser
import LigaseFormats

/// `ligase vcf split`.
struct VCFSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Write each alternate allele as a record of its own.",
    discussion: """
      Example:  ligase vcf split cohort.vcf.gz | ligase parse vcf --dosage --variants-in-rows > dosage.tsv

      Fields of INFO and FORMAT with Number=A, R or G are split with the alleles; in GT the other alternate alleles \
      become 0, as in bcftools norm -m-.
      """)

  @Argument(help: "VCF; `-` or nothing is standard input.")
  var file: String?

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let reader = try regions.open(file, threads: threads.count, report)
    let writer = try output.open(reader.header, threads: threads.count)
    var splitter = VariantSplitter(reader.header)
    while let record = try reader.next() {
      for part in splitter.split(record) { try writer.write(part) }
    }
    try writer.close()
    regions.sayWarnings(reader, file, report)
    VCFSplit.sayMalformed(splitter, report)
  }

  /// Says how many fields could not be split, and in verbose reports how many records were.
  static func sayMalformed(_ splitter: VariantSplitter, _ report: ReportOptions) {
    if splitter.malformedFields > 0 {
      report.warn(
        "\(splitter.malformedFields) fields have not as many values as the header says: left as they are")
    }
    report.detail("\(splitter.splitRecords) records split")
  }
}

/// `ligase vcf normalise`.
struct VCFNormalize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normalise",
    abstract: "Left-align and trim alleles against a reference.",
    discussion: """
      Example:  ligase vcf normalise calls.vcf.gz --reference genome.fa --split -o normal.vcf.gz

      The same change gets the same position and alleles, as in bcftools norm -f. Records that move are sorted again \
      within 1000 positions. Symbolic alleles, breakends and * stay.
      """,
    aliases: ["normalize"])

  @Argument(help: "VCF; `-` or nothing is standard input.")
  var file: String?

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("The reference, FASTA; FILE.fai is used if it is there.", valueName: "fasta"))
  var reference: String

  @Flag(help: "Split alternate alleles into records of their own first.")
  var split = false

  @Option(help: "A REF that the reference has not: stop, keep the record and warn, or leave it out.")
  var refMismatch: MismatchRule = .error

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// What becomes of a record whose REF is wrong.
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
        "\(wrong) records whose REF is not in \(reference): \(refMismatch == .warn ? "kept as they are" : "left out")"
      )
    }
    if split { VCFSplit.sayMalformed(splitter, report) }
    report.detail("\(changed) records changed")
  }

  private func failure(
    _ record: VCF.Record, _ outcome: VariantNormalizer.Outcome, _ normalizer: VariantNormalizer
  ) -> FormatError {
    var message = "found \(record.contig):\(record.position), which \(reference) has not"
    if case .mismatch(let found, let expected) = outcome {
      message =
        "found REF \(FormatError.quoted(found)) at \(record.contig):\(record.position), expected "
        + "\(FormatError.quoted(expected)) as in \(reference)"
    } else if !normalizer.mismatch.isEmpty {
      message = "found " + normalizer.mismatch.words("record", missingFrom: reference)
    }
    return FormatError(
      .badData, path: file ?? "-", line: record.line == 0 ? nil : record.line,
      message + " (--ref-mismatch warn or exclude goes on)")
  }
}
