import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase seq subseq`.
struct SeqSubseq: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subseq",
    abstract: "Extract regions from a FASTA file.",
    discussion: """
      Example:  ligase seq subseq genome.fa.gz --region chr1:1,000-2,000 --bed exons.bed > regions.fa

      Positions of contig:start-end count from 1, positions of BED from 0. Intervals on the reverse strand are \
      reverse-complemented. `ligase index` writes FILE.fai; without it, the whole file is read first.
      """)

  @Argument(help: "FASTA file, plain or BGZF.")
  var file: String

  @Option(help: ArgumentHelp("Region contig:start-end (repeatable).", valueName: "region"))
  var region: [String] = []

  @Option(help: ArgumentHelp("BED file of regions.", valueName: "file"))
  var bed: String?

  @Option(
    help: ArgumentHelp("Residues per line of FASTA; 0 writes each sequence on one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var aliases: AliasOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if region.isEmpty && bed == nil { throw ValidationError("give --region or --bed") }
    if lineWidth < 0 { throw ValidationError("--line-width must be at least 0 (got \(lineWidth))") }
  }

  func run() throws {
    let genome = try IndexedFASTA(contentsOf: file, threads: threads.count)
    genome.aliases = try aliases.read()
    let target = try output.open(threads: threads.count)
    let writer = FASTA.Writer(target, lineWidth: lineWidth)
    for text in region {
      guard let region = Region(text, contigs: { genome.index[$0] != nil }) else {
        throw ValidationError(
          "--region must be contig, contig:position or contig:start-end (got '\(text)')")
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
    abstract: "Extract windows of equal width: centred on BED intervals, or sliding.",
    discussion: """
      Example:  ligase seq window genome.fa --bed peaks.bed --width 200 > windows.fa

      Windows beyond the ends of their contig are skipped and counted. Without --bed, windows slide over every \
      sequence by --step, and the input may be standard input.
      """)

  @Argument(
    help: "FASTA; without --bed also several files, or standard input (`-` or nothing).")
  var files: [String] = []

  @Option(help: ArgumentHelp("Width of the windows.", valueName: "n"))
  var width: Int

  @Option(help: ArgumentHelp("BED intervals on which the windows are centred.", valueName: "file"))
  var bed: String?

  @Option(help: ArgumentHelp("Step between sliding windows (default: the width).", valueName: "n"))
  var step: Int?

  @Option(
    help: ArgumentHelp("Residues per line of FASTA; 0 writes each sequence on one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var aliases: AliasOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if width < 1 { throw ValidationError("--width must be at least 1 (got \(width))") }
    if let step, step < 1 { throw ValidationError("--step must be at least 1 (got \(step))") }
    if lineWidth < 0 { throw ValidationError("--line-width must be at least 0 (got \(lineWidth))") }
    try FileArguments.refuseSharedInput(files)
    if bed != nil, files.count != 1 || files == ["-"] {
      throw ValidationError("--bed needs exactly one FASTA file")
    }
  }

  func run() throws {
    let part = try shards.part(of: bed.map { [$0] } ?? files) {
      if let bed {
        let counter = try BED.Reader(contentsOf: bed)
        return try RecordSelection.count { try counter.next() != nil }
      }
      return try SequenceReader.recordCount(of: files, threads: threads.count)
    }
    var selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    let writer = FASTA.Writer(target, lineWidth: lineWidth)
    if let bed, let file = files.first {
      let genome = try IndexedFASTA(contentsOf: file, threads: threads.count)
      genome.aliases = try aliases.read()
      let intervals = try BED.Reader(contentsOf: bed)
      var left = 0
      while let interval = try intervals.next() {
        guard selection.takes() else { continue }
        if let window = try genome.window(of: interval, width: width) {
          try writer.write(window)
        } else {
          left += 1
        }
      }
      if left > 0 { report.warn("skipped \(left.counted("window")) beyond the ends of their contigs") }
    } else {
      for file in files.isEmpty ? ["-"] : files {
        let reader = try FASTA.Reader(contentsOf: file, threads: threads.count)
        while let record = try reader.next() {
          guard selection.takes() else { continue }
          for window in record.windows(width: width, step: step ?? width) { try writer.write(window) }
        }
      }
    }
    try target.close()
  }
}
