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
      windows, aligned on the left and on the right, and the mean is reported. Records stream in constant memory.
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
  @Flag(
    help: """
      Score the haplotypes of phased samples, too, each with its other variants put in: LIGASE_HAP and LIGASE_HAPDIFF \
      in FORMAT, a number a haplotype. Records must be sorted.
      """)
  var haplotypes = false
  @OptionGroup var aliases: AliasOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
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
    let part = try shards.part(of: [variants]) {
      let counter = try VCF.Reader(contentsOf: variants, threads: threads.count)
      var record = VCF.Record()
      return try RecordSelection.count { try counter.next(into: &record) }
    }
    let reader = try VCF.Reader(contentsOf: variants, threads: threads.count)
    if haplotypes, reader.header.samples.isEmpty {
      throw FormatError(.badData, path: reader.path, "found no samples, expected genotypes for --haplotypes")
    }
    let writer = try output.open(
      scoring.header(reader.header), threads: threads.count, part: part)
    var progress = Progress(report)
    try scoring.run(path: reader.path, records: part?.records ?? 0..<Int.max) {
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
}

extension VariantScoring.ReferenceMismatch: ExpressibleByArgument {}
