import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase parse bed`.
struct ParseBED: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bed",
    abstract: "Convert BED intervals to a table.",
    discussion: """
      Example:  ligase parse bed peaks.bed.gz | cut -f1-4 | head

      The columns are those of the first interval: chrom, start, end, name, score, strand, thick_start, thick_end, \
      item_rgb, block_count, block_sizes, block_starts, column13, …; narrowPeak, broadPeak and gappedPeak have their \
      own column names. Starts count from 0, ends are not included. Comments, `track` and `browser` lines are \
      skipped; `.` as name or strand becomes empty. Rows with fewer columns are padded, rows with more columns are \
      an error.
      """)

  @Argument(help: "BED files, concatenated; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    let part = try shards.part(of: files) {
      try files.reduce(0) { total, file in
        let counter = try BED.Reader(contentsOf: file, threads: threads.count)
        return total + (try RecordSelection.count { try counter.next() != nil })
      }
    }
    var selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    var table: TSVWriter?
    var columnCount = 0
    var (count, skipped) = (0, 0)
    for file in files.isEmpty ? ["-"] : files {
      let reader = try BED.Reader(contentsOf: file, threads: threads.count)
      var next = try reader.next()
      if table == nil {
        columnCount = max(3, reader.columnCount)
        let kind = BED.Kind(of: next, columnCount: columnCount, path: file, trackType: reader.trackType)
        let names = (0..<columnCount).map {
          $0 < kind.columnNames.count ? kind.columnNames[$0] : "column\($0 + 1)"
        }
        table = try TSVWriter(target, columns: names)
      }
      while let record = next, let table {
        if reader.columnCount > columnCount {
          throw FormatError(
            .badData, path: file, line: record.line,
            "found \(reader.columnCount) columns, expected \(columnCount) at most, as in the first interval")
        }
        if selection.takes() {
          try write(record, columnCount, to: table)
          count += 1
        }
        next = try reader.next()
      }
      skipped += reader.browserLineCount
    }
    try target.close()
    if skipped > 0 { report.note("skipped \(skipped.counted("`track` or `browser` line"))") }
    report.detail("\(count.counted("interval"))")
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
