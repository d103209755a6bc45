import ArgumentParser
import LigaseFormats

/// `ligase seq kmers`.
struct SeqKMers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kmers",
    abstract: "Count k-mers in all sequences together or in each sequence.",
    discussion: """
      Example:  ligase seq kmers genome.fa -k 4 --canonical | sort -k2,2nr | head

      The output has the columns kmer and count; --each adds the column name and skips k-mers that do not occur.
      """)

  @Argument(help: "FASTA or FASTQ files; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(name: .customShort("k"), help: ArgumentHelp("Length of the k-mers, 1 to 12.", valueName: "n"))
  var k = 3

  @Flag(help: "Count a k-mer and its reverse complement as one.")
  var canonical = false

  @Flag(help: "Count each sequence separately.")
  var each = false

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if !each { try shards.refuse("the counts are of all sequences; --each counts each") }
    if !(1...12 ~= k) { throw ValidationError("-k must be from 1 to 12 (got \(k))") }
  }

  func run() throws {
    let part = try shards.part(of: files) {
      try SequenceReader.recordCount(of: files, threads: threads.count)
    }
    let reader = try SequenceReader(contentsOf: files, threads: threads.count)
    reader.selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    let table = try TSVWriter(target, columns: (each ? ["name"] : []) + ["kmer", "count"])
    var counts = KMerCounts(k: k, canonical: canonical)
    var record = SequenceRecord()
    while try reader.next(into: &record) {
      if each { counts = KMerCounts(k: k, canonical: canonical) }
      counts.add(record.sequence)
      if each { try write(counts, of: record.name, to: table) }
    }
    if !each { try write(counts, of: nil, to: table) }
    try target.close()
    report.detail("\((reader.selection.number - reader.selection.range.lowerBound).counted("sequence"))")
  }

  private func write(_ counts: KMerCounts, of name: String?, to table: TSVWriter) throws {
    for (word, count) in counts.counts.enumerated() where count > 0 || name == nil {
      if canonical && count == 0 { continue }
      if let name { try table.field(name) }
      try table.field(counts.word(word))
      table.field(count)
      try table.endRow()
    }
  }
}
