import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase seq negatives`.
struct SeqNegatives: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "negatives",
    abstract: "Draw background windows that match intervals in width and GC content.",
    discussion: """
      Example:  ligase seq negatives peaks.bed --reference genome.fa --seed 1 > negatives.fa

      Draws one window for each BED interval at a random position, without N and without overlap with the intervals \
      or those of --exclude. No window is drawn twice. The output is FASTA in the order of the intervals; headers \
      are contig:start-end, then the matched interval. --bed writes BED instead.
      """)

  @Argument(help: "BED intervals; `-` or nothing is standard input.")
  var file: String?

  @Option(help: ArgumentHelp("Genome as FASTA, plain or BGZF.", valueName: "file"))
  var reference: String

  @Option(help: ArgumentHelp("Number of windows for each interval.", valueName: "n"))
  var count = 1

  @Option(
    help: ArgumentHelp(
      "Maximum difference in GC fraction; if no drawn window is close enough, the closest one is used.",
      valueName: "x"))
  var tolerance = 0.02

  @Option(help: ArgumentHelp("BED of further regions to avoid (repeatable).", valueName: "file"))
  var exclude: [String] = []

  @Flag(help: "Write BED (contig, start, end, name of the matched interval).")
  var bed = false

  @Option(
    help: ArgumentHelp("Residues per line of FASTA; 0 writes each sequence on one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1 (got \(count))") }
    if !(0...1 ~= tolerance) { throw ValidationError("--tolerance must be from 0 to 1 (got \(tolerance))") }
    if lineWidth < 0 { throw ValidationError("--line-width must be at least 0 (got \(lineWidth))") }
  }

  func run() throws {
    let intervals = try BED.read(contentsOf: file)
    let avoided = try exclude.flatMap { try BED.read(contentsOf: $0) }
    let genome = try IndexedFASTA(contentsOf: reference, threads: threads.count)
    var background = BackgroundWindows(genome: genome, avoiding: intervals + avoided, seed: seed.seed)
    background.tolerance = tolerance
    let matches = try background.matches(of: intervals, count: count)
    let target = try output.open(threads: threads.count)
    let writer = FASTA.Writer(target, lineWidth: lineWidth)
    for match in matches {
      let (window, positive) = (match.interval, intervals[match.index])
      let name = positive.name ?? "\(positive.contig):\(positive.start + 1)-\(positive.end)"
      if bed {
        try target.write("\(window.contig)\t\(window.start)\t\(window.end)\t\(name)\n")
      } else {
        try writer.write(
          FASTA.Record(
            name: "\(window.contig):\(window.start + 1)-\(window.end)", description: name,
            sequence: match.sequence))
      }
    }
    try target.close()
    let far = matches.count { $0.distance > tolerance + 0.5 / Double(max(1, $0.sequence.count)) }
    if far > 0 {
      report.warn(
        "\(far.grouped) of \(matches.count.counted("window")) differ by more than \(tolerance) in GC content")
    }
    report.detail("\(matches.count.counted("window"))")
  }
}
