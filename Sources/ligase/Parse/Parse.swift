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

      Quotes (RFC 4180), byte-order mark, CRLF and gzip are understood. Ragged rows, columns of one name, and values \
      that hold a tab or a line break are errors.
      """)

  @Argument(help: "The table; `-` or nothing is standard input.")
  var file: String?

  @Option(help: "Field delimiter: tab or comma (default: by suffix, else by the first line).")
  var delimiter: Delimiter?

  @Flag(help: "The first line is data; columns are called column1, column2, ….")
  var noHeader = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let stream = try TableStream(contentsOf: file, delimiter: delimiter, hasHeader: !noHeader)
    let target = try output.open()
    let rows = try stream.writeTSV(to: target)
    try target.close()
    report.detail("\(rows) rows, \(stream.columnNames.count) columns")
  }
}
