import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase score-variants`.
struct ScoreVariants: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score-variants",
    abstract: "Predict the effect of variants with a sequence model (ALT against REF).",
    discussion: """
      Example:  ligase score-variants tf.safetensors --reference ref.fa variants.vcf.gz > scored.vcf

      Each record gets the INFO fields LIGASE_REF, LIGASE_ALT, LIGASE_DIFF and, for probabilities, LIGASE_LOGODDS, \
      declared in the header, with one number for each alternate allele. Insertions and deletions are scored in two \
      windows, aligned on the left and on the right, and the mean is reported. Records stream in constant memory. The \
      outputs of all shards, joined in order, are the output of the whole file.
      """)

  @Argument(help: "The model file, of `train sequence`.")
  var model: String
  @Argument(help: "VCF or BCF; `-` or nothing is standard input.")
  var variants: String?
  @Option(help: ArgumentHelp("The reference as FASTA, plain or BGZF.", valueName: "file"))
  var reference: String
  @Option(
    help: ArgumentHelp(
      "Length of the windows (default: of the training sequences, else 200).", valueName: "n"))
  var width: Int?
  @Option(
    help: ArgumentHelp(
      "Class, label or value to report; repeatable (default: the last of two classes, else all).",
      valueName: "name"))
  var outputName: [String] = []
  @Option(help: "What to do with a record whose REF or contig the reference does not have.")
  var refMismatch: VariantScoring.ReferenceMismatch = .fail
  @Option(
    help: ArgumentHelp("Score only the i-th of n parts; the first has the header.", valueName: "i/n"),
    transform: { text in
      let parts = text.split(separator: "/").compactMap { Int($0) }
      guard parts.count == 2, 1...100_000 ~= parts[1], 1...parts[1] ~= parts[0] else {
        throw ValidationError("found --shard '\(text)', expected i/n with i from 1 to n")
      }
      return (parts[0], parts[1])
    })
  var shard: (Int, Int)?
  @Flag(
    help: """
      Score the haplotypes of phased samples, too, each with its other variants put in: LIGASE_HAP and LIGASE_HAPDIFF \
      in FORMAT, a number a haplotype. Records must be sorted.
      """)
  var haplotypes = false
  @OptionGroup var aliases: AliasOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if shard != nil, variants ?? "-" == "-" {
      throw ValidationError("--shard needs a file: its records are counted first")
    }
    if let width, !(1...1_000_000 ~= width) {
      throw ValidationError("found --width \(width), expected 1 to 1000000")
    }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let loaded = try Model(contentsOf: model)
    if let name = output.output.output, loaded.outputNames.contains(name) {
      throw ValidationError(
        "'\(name)' is an output of the model, and --output is a file: --output-name \(name)")
    }
    let scoring = try VariantScoring(
      loaded, reference: IndexedFASTA(contentsOf: reference, threads: threads.count),
      outputs: outputName, width: width, mismatch: refMismatch, aliases: aliases.read(),
      scoresHaplotypes: haplotypes)
    let range = try records()
    let reader = try VCF.Reader(contentsOf: variants, threads: threads.count)
    if haplotypes, reader.header.samples.isEmpty {
      throw FormatError(.badData, path: reader.path, "found no samples, expected genotypes for --haplotypes")
    }
    let writer = try output.open(
      scoring.header(reader.header), threads: threads.count,
      writesHeader: range.lowerBound == 0 && shard?.0 ?? 1 == 1)
    var progress = Progress(report)
    try scoring.run(path: reader.path, records: range) {
      try reader.next()
    } write: {
      try writer.write($0)
      let count = scoring.summary.records
      progress.show("\(count) records", json: "{\"records\":\(count)}")
    }
    progress.clear()
    try writer.close()
    report.warn(reader.warnings, variants)
    if !scoring.missingContigs.isEmpty {
      report.warn(scoring.missingContigs.words("records", missingFrom: reference))
    }
    report.note(scoring.summary.line)
  }

  /// Returns the numbers of the records to score: all, or those of a shard.
  private func records() throws -> Range<Int> {
    guard let (part, count) = shard else { return 0..<Int.max }
    let counter = try VCF.Reader(contentsOf: variants, threads: threads.count)
    var record = VCF.Record()
    var total = 0
    while try counter.next(into: &record) { total += 1 }
    return VariantScoring.shard(part, of: count, records: total)
  }
}

extension VariantScoring.ReferenceMismatch: ExpressibleByArgument {}
