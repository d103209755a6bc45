import ArgumentParser
import LigaseFormats

/// The commands on sequences.
struct Seq: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut, turn, translate, shuffle, choose and count sequences.",
    discussion: """
      Every command reads FASTA or FASTQ, plain or compressed, and writes what it read: FASTA stays FASTA.
      """,
    groupedSubcommands: [
      CommandGroup(name: "Regions:", subcommands: [SeqSubseq.self, SeqWindow.self, SeqNegatives.self]),
      CommandGroup(
        name: "Each sequence:",
        subcommands: [
          SeqReverseComplement.self, SeqTranslate.self, SeqShuffle.self, SeqRename.self, SeqWrap.self,
        ]),
      CommandGroup(
        name: "Choice and order:",
        subcommands: [
          SeqGrep.self, SeqFilter.self, SeqHead.self, SeqRange.self, SeqSample.self, SeqSort.self,
          SeqUnique.self,
        ]),
      CommandGroup(name: "Counts:", subcommands: [SeqKMers.self]),
    ])
}

/// What the commands on a stream of sequences share.
struct SequenceOptions: ParsableArguments {
  @Argument(help: "FASTA or FASTQ files, read one after the other; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(help: ArgumentHelp("Residues a line of FASTA, 0 for one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if lineWidth < 0 { throw ValidationError("found --line-width \(lineWidth), expected a number from 0 up") }
  }

  /// Opens the files.
  func open() throws -> SequenceReader { try SequenceReader(contentsOf: files, threads: threads.count) }

  /// Passes each record through `change`; those for which it says false are left out.
  func run(
    asFASTA: Bool = false,
    _ change: @escaping @Sendable (_ record: inout SequenceRecord, _ index: Int) -> Bool
  ) throws {
    let reader = try open()
    let target = try output.open(threads: threads.count)
    var pipeline = SequencePipeline()
    pipeline.threads = threads.count
    pipeline.lineWidth = lineWidth
    pipeline.writesFASTA = asFASTA
    try pipeline.run(reader, to: target, change)
    try target.close()
  }

  /// Every record, for the commands that need all of them at once.
  func readAll() throws -> (records: [SequenceRecord], format: SequenceStatistics.Format) {
    let reader = try open()
    var records: [SequenceRecord] = []
    while let record = try reader.next() { records.append(record) }
    return (records, reader.format)
  }

  /// Writes records as they come, up to an error.
  func write(
    _ records: some Sequence<Result<SequenceRecord, any Error>>, as format: SequenceStatistics.Format
  ) throws {
    let target = try output.open(threads: threads.count)
    var text: [UInt8] = []
    for record in records {
      text.removeAll(keepingCapacity: true)
      try record.get().append(to: &text, as: format, lineWidth: lineWidth)
      try target.write(text)
    }
    try target.close()
  }

  /// Writes records as they are.
  func write(_ records: some Sequence<SequenceRecord>, as format: SequenceStatistics.Format) throws {
    let target = try output.open(threads: threads.count)
    var text: [UInt8] = []
    for record in records {
      text.removeAll(keepingCapacity: true)
      record.append(to: &text, as: format, lineWidth: lineWidth)
      try target.write(text)
    }
    try target.close()
  }
}
