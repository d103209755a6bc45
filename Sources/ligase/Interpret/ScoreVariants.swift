import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase score-variants`.
struct ScoreVariants: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score-variants",
    abstract: "Score variants by what a sequence model says of either allele.",
    discussion: """
      Example:  ligase score-variants tf.safetensors --reference ref.fa variants.vcf.gz > scored.vcf

      Each record gets the INFO fields LIGASE_REF, LIGASE_ALT, LIGASE_DIFF and, for probabilities, LIGASE_LOGODDS, \
      declared in the header and one number an alternate allele. Where an allele is longer or shorter than the \
      reference, windows are aligned on both sides and averaged. Records stream in constant memory; the parts that \
      --shard makes, joined in order, are the same bytes as the whole.
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
  var output: [String] = []
  @Option(help: "What happens where REF is not what the reference has.")
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
  @Option(
    name: [.customShort("o"), .customLong("output-file")],
    help: ArgumentHelp("Write to FILE (`.gz` is BGZF).", valueName: "file"))
  var file: String?
  @Flag(help: "Replace the output if it exists.")
  var overwrite = false
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
    let scoring = try VariantScoring(
      Model(contentsOf: model),
      reference: IndexedFASTA(contentsOf: reference, threads: threads.count),
      outputs: output, width: width, mismatch: refMismatch, aliases: aliases.read(),
      scoresHaplotypes: haplotypes)
    var range = 0..<Int.max
    if let (part, count) = shard {
      let counter = try VCF.Reader(contentsOf: variants, threads: threads.count)
      var record = VCF.Record()
      var total = 0
      while try counter.next(into: &record) { total += 1 }
      range = VariantScoring.shard(part, of: count, records: total)
    }
    let reader = try VCF.Reader(contentsOf: variants, threads: threads.count)
    if haplotypes, reader.header.samples.isEmpty {
      throw FormatError(.badData, path: reader.path, "found no samples, expected genotypes for --haplotypes")
    }
    let compression = VCF.Writer.compression(named: file ?? "-")
    let target = try OutputFile(file, overwrite: overwrite, compression: compression)
    let writer = try VCF.Writer(
      target, header: scoring.header(reader.header), writesHeader: range.lowerBound == 0 && shard?.0 ?? 1 == 1
    )
    try scoring.run(path: reader.path, records: range) {
      try reader.next()
    } write: {
      try writer.write($0)
    }
    try writer.close()
    report.warn(reader.warnings, variants)
    report.note(scoring.summary.line)
  }
}

extension VariantScoring.ReferenceMismatch: ExpressibleByArgument {}
