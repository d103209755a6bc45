import ArgumentParser
import LigaseFormats

/// `ligase parse expression`.
struct ParseExpression: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expression",
    abstract: "Read an expression matrix and write it with samples in rows.",
    discussion: """
      Example:  ligase parse expression counts.tsv.gz --orientation genes-in-rows --cpm --log1p > expression.tsv

      The first column names the rows. Counts per million, log1p, the choice of genes and the most variable genes \
      are applied in this order.
      """)

  @Argument(help: "The matrix; `-` or nothing is standard input.")
  var file: String?

  @OptionGroup(title: "Expression Options") var expression: ExpressionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let target = try output.open()
    let matrix = try expression.read(file, threads: threads.count, report)
    try matrix.writeTSV(to: target, threads: threads.count)
    try target.close()
  }
}
