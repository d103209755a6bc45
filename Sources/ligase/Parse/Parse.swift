import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// The commands that convert a file to strict TSV.
struct Parse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert tables, FASTA, FASTQ, VCF, BED, expression and image files.",
    discussion: """
      The output is strict TSV: UTF-8, one header row, no quoting, missing values empty. `parse image` describes images \
      in this form, and converts them with --output.
      """,
    subcommands: [
      ParseTable.self, ParseExpression.self, ParseFASTA.self, ParseFASTQ.self, ParseVCF.self, ParseBED.self,
      ParseImage.self,
    ])
}

/// `ligase parse table`.
struct ParseTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Convert a TSV or CSV table to strict TSV.",
    discussion: """
      Example:  ligase parse table response.csv.gz > response.tsv

      Reads quotes (RFC 4180), a byte-order mark, CRLF and gzip. Lines that begin with `#` above the header are \
      skipped. Decimal commas become points if the first rows are unambiguous. Rows of unequal length, duplicate \
      column names, and values that contain a tab or a line break are errors. Several files must have the same \
      columns.
      """)

  @Argument(help: "Tables, concatenated; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(help: "Field separator (default: detected automatically).")
  var delimiter: Delimiter?

  @Flag(help: "The first line is data, not a header; columns are named column1, column2, ….")
  var noHeader = false

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    var columns: [String]?
    var target: OutputFile?
    var rows = 0
    let part = try shards.part(of: files) {
      try files.reduce(0) {
        try $0 + TableStream(contentsOf: $1, delimiter: delimiter, hasHeader: !noHeader).countRows()
      }
    }
    var selection = RecordSelection(part?.records)
    for file in files.isEmpty ? ["-"] : files {
      let stream = try TableStream(contentsOf: file, delimiter: delimiter, hasHeader: !noHeader)
      if let columns, columns != stream.columnNames {
        throw FormatError(
          .badData, path: file,
          "found the columns \(FormatError.list(stream.columnNames)), expected \(FormatError.list(columns)) as in the "
            + "first file")
      }
      report.note(stream.notices, file)
      if !noHeader, stream.hasNumericHeader {
        report.warn(
          "\(ReportOptions.place(file)): the header contains numbers; use --no-header if the first line is data"
        )
      }
      let output = try target ?? output.open(threads: threads.count, part: part)
      stream.selection = selection
      rows += try stream.writeTSV(to: output, writesHeader: columns == nil)
      selection = stream.selection
      (columns, target) = (stream.columnNames, output)
    }
    try target?.close()
    report.detail("\(rows.counted("row")), \((columns?.count ?? 0).counted("column"))")
  }
}
