import ArgumentParser
import LigaseFormats

/// `ligase stats`.
struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Count what files hold, one row each.",
    discussion: """
      Example:  ligase stats genome.fa.gz reads.fq.gz > stats.tsv

      Columns: file, format, records, bases, min, mean, max and n50 (lengths), gc and n (per cent; empty where the \
      residues are no nucleotides), q20 and q30 (per cent of the bases of FASTQ with at least that quality).
      """)

  @Argument(help: "Files; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let target = try output.open()
    let table = try TSVWriter(
      target,
      columns: ["file", "format", "records", "bases", "min", "mean", "max", "n50", "gc", "n", "q20", "q30"])
    for file in files.isEmpty ? ["-"] : files {
      let statistics = try SequenceStatistics(contentsOf: file, threads: threads.count)
      let (lengths, residues) = (statistics.lengths, statistics.residues)
      try table.field(file)
      try table.field(statistics.format.rawValue)
      for number in [lengths.count, lengths.total, lengths.minimum] { table.field(number) }
      table.field(rounded(lengths.mean))
      for number in [lengths.maximum, lengths.n50] { table.field(number) }
      let isNucleic = statistics.isNucleic
      table.field(isNucleic ? rounded((residues.gcFraction ?? .nan) * 100) : .nan)
      table.field(isNucleic ? percentage(residues.n, of: lengths.total) : .nan)
      table.field(statistics.format == .fastq ? percentage(statistics.q20, of: lengths.total) : .nan)
      table.field(statistics.format == .fastq ? percentage(statistics.q30, of: lengths.total) : .nan)
      try table.endRow()
      try target.flush()
    }
    try target.close()
  }

  private func percentage(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? .nan : rounded(100 * Double(part) / Double(whole))
  }

  /// Two decimals are as many as anyone reads.
  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
