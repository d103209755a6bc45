import ArgumentParser
import LigaseFormats

/// The commands on sequences.
struct Seq: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Extract, reverse-complement, translate, shuffle, select and count sequences.",
    discussion: """
      Every command reads FASTA or FASTQ, plain or compressed. FASTA input gives FASTA output, FASTQ input FASTQ \
      output.
      """,
    groupedSubcommands: [
      CommandGroup(name: "Regions:", subcommands: [SeqSubseq.self, SeqWindow.self, SeqNegatives.self]),
      CommandGroup(
        name: "Each sequence:",
        subcommands: [
          SeqReverseComplement.self, SeqTranslate.self, SeqShuffle.self, SeqRename.self, SeqWrap.self,
        ]),
      CommandGroup(
        name: "Selection and order:",
        subcommands: [
          SeqGrep.self, SeqFilter.self, SeqHead.self, SeqRange.self, SeqSample.self, SeqSort.self,
          SeqUnique.self,
        ]),
      CommandGroup(name: "Counts:", subcommands: [SeqKMers.self]),
    ])
}

/// The common options of the commands on sequences.
struct SequenceOptions: ParsableArguments {
  @Argument(help: "FASTA or FASTQ files, concatenated; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(
    help: ArgumentHelp("Residues per line of FASTA; 0 writes each sequence on one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if lineWidth < 0 { throw ValidationError("--line-width must be at least 0 (got \(lineWidth))") }
  }

  /// Opens the files.
  func open() throws -> SequenceReader { try SequenceReader(contentsOf: files, threads: threads.count) }

  /// The part of the records to process; nil is all.
  private func part() throws -> ShardManifest? {
    try shards.part(of: files) {
      try SequenceReader.recordCount(of: files, threads: threads.count)
    }
  }

  /// Passes each record through `change`; records for which it returns false are skipped.
  func run(
    asFASTA: Bool = false,
    _ change: @escaping @Sendable (_ record: inout SequenceRecord, _ index: Int) -> Bool
  ) throws {
    let part = try part()
    let reader = try open()
    reader.selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    var pipeline = SequencePipeline()
    pipeline.threads = threads.count
    pipeline.lineWidth = lineWidth
    pipeline.writesFASTA = asFASTA
    try pipeline.run(reader, to: target, change)
    try target.close()
  }

  /// Reads all records, for the commands that need them at once.
  func readAll() throws -> (records: [SequenceRecord], format: SequenceStatistics.Format) {
    let reader = try open()
    var records: [SequenceRecord] = []
    while let record = try reader.next() { records.append(record) }
    return (records, reader.format)
  }

  /// Writes records in order, up to an error.
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

  /// Writes records.
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
