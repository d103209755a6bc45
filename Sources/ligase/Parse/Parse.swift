import ArgumentParser
import LigaseFormats

/// The commands that turn a file into strict TSV.
struct Parse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn a file of any known format into plain tab-separated text.",
    discussion: """
      The output is strict TSV: UTF-8, one header row, no quoting, missing values empty.
      """,
    subcommands: [
      ParseTable.self, ParseExpression.self, ParseFASTA.self, ParseFASTQ.self, ParseVCF.self, ParseBED.self,
    ])
}

/// `ligase parse table`.
struct ParseTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Read a TSV or CSV table and write it as strict TSV.",
    discussion: """
      Example:  ligase parse table response.csv.gz > response.tsv

      Quotes (RFC 4180), byte-order mark, CRLF and gzip are understood. Lines above the header that begin with `#` are \
      skipped, decimal commas become points where the first rows show them beyond doubt. Ragged rows, columns of one \
      name, and values that hold a tab or a line break are errors. Several files must have the same columns.
      """)

  @Argument(help: "Tables, read one after the other; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(help: "What separates fields (default: what fits the first rows).")
  var delimiter: Delimiter?

  @Flag(help: "The first line is data; columns are called column1, column2, ….")
  var noHeader = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    var columns: [String]?
    var target: OutputFile?
    var rows = 0
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
          "\(ReportOptions.place(file)): the header holds numbers; --no-header says that the first line is data"
        )
      }
      let output = try target ?? output.open()
      rows += try stream.writeTSV(to: output, writesHeader: columns == nil)
      (columns, target) = (stream.columnNames, output)
    }
    try target?.close()
    report.detail("\(rows) rows, \(columns?.count ?? 0) columns")
  }
}
