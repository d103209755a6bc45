import ArgumentParser
import LigaseFormats

/// `ligase seq subseq`.
struct SeqSubseq: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subseq",
    abstract: "Cut regions out of an indexed FASTA file.",
    discussion: """
      Example:  ligase seq subseq genome.fa.gz --region chr1:1,000-2,000 --bed exons.bed > regions.fa

      Positions count from 1, as in `contig:start-end`; those of BED from 0. Intervals on the reverse strand are \
      reverse-complemented. Without FILE.fai the file is read through first; `ligase index` makes one.
      """)

  @Argument(help: "FASTA, plain or BGZF.")
  var file: String

  @Option(help: ArgumentHelp("A region, contig:start-end (repeatable).", valueName: "region"))
  var region: [String] = []

  @Option(help: ArgumentHelp("Cut the intervals of BED.", valueName: "file"))
  var bed: String?

  @Option(help: ArgumentHelp("Residues a line, 0 for one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var aliases: AliasOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if region.isEmpty && bed == nil { throw ValidationError("expected --region or --bed") }
    if lineWidth < 0 { throw ValidationError("found --line-width \(lineWidth), expected a number from 0 up") }
  }

  func run() throws {
    let genome = try IndexedFASTA(contentsOf: file, threads: threads.count)
    genome.aliases = try aliases.read()
    let target = try output.open(threads: threads.count)
    let writer = FASTA.Writer(target, lineWidth: lineWidth)
    for text in region {
      guard let region = Region(text, contigs: { genome.index[$0] != nil }) else {
        throw ValidationError(
          "found --region '\(text)', expected contig, contig:position or contig:start-end")
      }
      try writer.write(.init(name: region.description, sequence: try genome.sequence(of: region)))
    }
    if let bed {
      let intervals = try BED.Reader(contentsOf: bed)
      while let interval = try intervals.next() { try writer.write(genome.record(of: interval)) }
    }
    try target.close()
  }
}

/// `ligase seq window`.
struct SeqWindow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "window",
    abstract: "Cut windows of equal width: around the middles of BED intervals, or sliding.",
    discussion: """
      Example:  ligase seq window genome.fa --bed peaks.bed --width 200 > windows.fa

      A window that would reach beyond its contig is left out, and counted. Without --bed, windows slide over every \
      sequence by --step, and FILE may be standard input.
      """)

  @Argument(
    help: "FASTA; `-` or nothing is standard input, and several files are read in turn (without --bed).")
  var files: [String] = []

  @Option(help: ArgumentHelp("The width of a window.", valueName: "n"))
  var width: Int

  @Option(help: ArgumentHelp("Windows around the middles of the intervals of BED.", valueName: "file"))
  var bed: String?

  @Option(help: ArgumentHelp("From one sliding window to the next (default: the width).", valueName: "n"))
  var step: Int?

  @Option(help: ArgumentHelp("Residues a line, 0 for one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var aliases: AliasOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if width < 1 { throw ValidationError("found --width \(width), expected a number from 1 up") }
    if let step, step < 1 { throw ValidationError("found --step \(step), expected a number from 1 up") }
    if lineWidth < 0 { throw ValidationError("found --line-width \(lineWidth), expected a number from 0 up") }
    try FileArguments.refuseSharedInput(files)
    if bed != nil, files.count != 1 || files == ["-"] {
      throw ValidationError("expected one FASTA file beside --bed")
    }
  }

  func run() throws {
    let target = try output.open(threads: threads.count)
    let writer = FASTA.Writer(target, lineWidth: lineWidth)
    if let bed, let file = files.first {
      let genome = try IndexedFASTA(contentsOf: file, threads: threads.count)
      genome.aliases = try aliases.read()
      let intervals = try BED.Reader(contentsOf: bed)
      var left = 0
      while let interval = try intervals.next() {
        if let window = try genome.window(of: interval, width: width) {
          try writer.write(window)
        } else {
          left += 1
        }
      }
      if left > 0 { report.warn("left out \(left) windows that would reach beyond their contigs") }
    } else {
      for file in files.isEmpty ? ["-"] : files {
        let reader = try FASTA.Reader(contentsOf: file, threads: threads.count)
        while let record = try reader.next() {
          for window in record.windows(width: width, step: step ?? width) { try writer.write(window) }
        }
      }
    }
    try target.close()
  }
}
