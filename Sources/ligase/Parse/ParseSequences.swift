import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase parse fasta`.
struct ParseFASTA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fasta",
    abstract: "Convert FASTA to a table: name, description, sequence.",
    discussion: """
      Example:  ligase parse fasta promoters.fa.gz | cut -f1,3 | head
      """)

  @Argument(help: "Files, concatenated; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    let part = try shards.part(of: files) {
      try SequenceReader.recordCount(of: files, threads: threads.count)
    }
    var selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    let table = try TSVWriter(target, columns: ["name", "description", "sequence"])
    var record = FASTA.Record(name: "", sequence: [])
    var count = 0
    for file in files.isEmpty ? ["-"] : files {
      let reader = try FASTA.Reader(contentsOf: file, threads: threads.count)
      while try selection.next({ try reader.next(into: &record) }) {
        try table.field(record.name)
        try table.plainField(record.description)
        try table.field(record.sequence)
        try table.endRow()
        count += 1
      }
    }
    try target.close()
    report.detail("\(count.counted("record"))")
  }
}

/// `ligase parse fastq`.
struct ParseFASTQ: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fastq",
    abstract: "Convert FASTQ to a table: name, description, sequence, quality.",
    discussion: """
      Example:  ligase parse fastq reads.fq.gz | awk -F'\\t' 'length($3) > 100'
      """)

  @Argument(help: "Files, concatenated; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    let part = try shards.part(of: files) {
      try SequenceReader.recordCount(of: files, threads: threads.count)
    }
    var selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    let table = try TSVWriter(target, columns: ["name", "description", "sequence", "quality"])
    var record = FASTQ.Record(name: "", sequence: [], qualities: [])
    var count = 0
    for file in files.isEmpty ? ["-"] : files {
      let reader = try FASTQ.Reader(contentsOf: file, threads: threads.count)
      while try selection.next({ try reader.next(into: &record) }) {
        try table.field(record.name)
        try table.plainField(record.description)
        try table.field(record.sequence)
        try table.field(record.qualities)
        try table.endRow()
        count += 1
      }
    }
    try target.close()
    report.detail("\(count.counted("read"))")
  }
}
