import ArgumentParser
import LigaseFormats

/// `ligase parse bed`.
struct ParseBED: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bed",
    abstract: "Write the intervals of BED as a table.",
    discussion: """
      Example:  ligase parse bed peaks.bed.gz | cut -f1-4 | head

      As many columns as the first interval has: chrom, start, end, name, score, strand, thick_start, thick_end, \
      item_rgb, block_count, block_sizes, block_starts, column13, …. Starts count from 0, ends are not included. \
      Comments, `track` and `browser` lines are left out; `.` as name or strand is empty. Fewer columns further on \
      are empty, more are an error.
      """)

  @Argument(help: "The file; `-` or nothing is standard input.")
  var file: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  private static let names = [
    "chrom", "start", "end", "name", "score", "strand", "thick_start", "thick_end", "item_rgb", "block_count",
    "block_sizes", "block_starts",
  ]

  func run() throws {
    let reader = try BED.Reader(contentsOf: file, threads: threads.count)
    let target = try output.open(threads: threads.count)
    let first = try reader.next()
    let columnCount = max(3, reader.columnCount)
    let names = (0..<columnCount).map {
      $0 < ParseBED.names.count ? ParseBED.names[$0] : "column\($0 + 1)"
    }
    let table = try TSVWriter(target, columns: names)
    var count = 0
    var next = first
    while let record = next {
      if reader.columnCount > columnCount {
        throw FormatError(
          .badData, path: file ?? "-", line: record.line,
          "found \(reader.columnCount) columns, expected \(columnCount) at most, as in the first interval")
      }
      try write(record, columnCount, to: table)
      count += 1
      next = try reader.next()
    }
    try target.close()
    report.detail("\(count) intervals")
  }

  private func write(_ record: BED.Record, _ columnCount: Int, to table: TSVWriter) throws {
    let strand = record.isReverse.map { $0 ? "-" : "+" } ?? ""
    let fields = [
      record.contig, "\(record.start)", "\(record.end)", record.name ?? "", record.score ?? "", strand,
    ]
    for column in 0..<columnCount {
      if column < 6 {
        try table.field(fields[column])
      } else {
        try table.field(column - 6 < record.rest.count ? record.rest[column - 6] : "")
      }
    }
    try table.endRow()
  }
}
