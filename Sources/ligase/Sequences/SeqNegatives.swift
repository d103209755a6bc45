import ArgumentParser
import LigaseFormats

/// `ligase seq negatives`.
struct SeqNegatives: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "negatives",
    abstract: "Draw windows of the genome that match intervals in width and GC content.",
    discussion: """
      Example:  ligase seq negatives peaks.bed --reference genome.fa --seed 1 > negatives.fa

      One window for each interval of BED, at a random place, without N, overlapping neither the intervals nor those \
      of --exclude; no window is taken twice. FASTA goes out, in the order of the intervals, called \
      contig:start-end, followed by the interval that they match; --bed writes BED instead.
      """)

  @Argument(help: "The intervals, BED; `-` or nothing is standard input.")
  var file: String?

  @Option(help: ArgumentHelp("The genome: FASTA, plain or BGZF.", valueName: "file"))
  var reference: String

  @Option(help: ArgumentHelp("Windows for each interval.", valueName: "n"))
  var count = 1

  @Option(
    help: ArgumentHelp(
      "Draw more while GC fractions lie further apart, then take the nearest.", valueName: "x"))
  var tolerance = 0.02

  @Option(help: ArgumentHelp("Overlap no interval of this BED either (repeatable).", valueName: "file"))
  var exclude: [String] = []

  @Flag(help: "Write BED: contig, start, end, name of the interval.")
  var bed = false

  @Option(help: ArgumentHelp("Residues a line of FASTA, 0 for one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if count < 1 { throw ValidationError("found --count \(count), expected a number from 1 up") }
    if !(0...1 ~= tolerance) { throw ValidationError("found --tolerance \(tolerance), expected 0 to 1") }
    if lineWidth < 0 { throw ValidationError("found --line-width \(lineWidth), expected a number from 0 up") }
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
      report.warn("\(far) of \(matches.count) windows differ by more than \(tolerance) in GC content")
    }
    report.detail("\(matches.count) windows")
  }
}
