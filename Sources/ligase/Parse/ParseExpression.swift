import ArgumentParser
import LigaseFormats

/// `ligase parse expression`.
struct ParseExpression: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expression",
    abstract: "Read an expression matrix and write it with samples in rows.",
    discussion: """
      Example:  ligase parse expression counts.tsv.gz --orientation genes-in-rows --cpm --log1p > expression.tsv
                ligase parse expression filtered_feature_bc_matrix --cpm --log1p --top-variance 2000 > cells.tsv

      TSV, CSV (also with semicolons and decimal commas), GCT, a GEO series matrix, or MatrixMarket with the names beside it (a file or a folder of 10x \
      Genomics). The first column names the rows. Counts per million, log1p, the choice of genes and the most \
      variable genes are applied in this order. --sparse writes only the values that are not zero, as gene, cell, \
      value; from MatrixMarket and without transformations in constant memory.
      """)

  @Argument(help: "Matrices, whose samples are joined; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup(title: "Expression Options") var expression: ExpressionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  @Flag(help: "Write the values that are not zero, one row each: gene, cell, value.")
  var sparse = false

  @Option(
    help: ArgumentHelp(
      "Write what a GEO series matrix says of its samples to FILE, as TSV.", valueName: "file"))
  var metadata: String?

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if expression.reading.missing == .keep, expression.isTransforming || sparse {
      throw ValidationError(
        "--missing keep excludes --sparse and whatever computes: --cpm, --log1p, --top-variance, --genes")
    }
    if metadata != nil, files.count > 1 { throw ValidationError("--metadata takes one file") }
  }

  func run() throws {
    let target = try output.open(threads: threads.count)
    let paths = files.isEmpty ? ["-"] : files
    let file = paths[0]
    let matrix = try ExpressionFile(contentsOf: file, threads: threads.count)
    let streams =
      sparse && !expression.isTransforming && expression.reading.duplicateGenes == .error && paths.count == 1
    if streams && matrix.isMatrixMarket && metadata == nil {
      let count = try matrix.streamTriplets(expression.reading.readingOptions, to: target)
      report.detail("\(count) values")
      return try target.close()
    }
    let table = try metadata.map { try OutputFile($0, overwrite: output.overwrite) }
    var (input, found) = try expression.reading.readInput(
      matrix, keepsSampleMetadata: table != nil,
      keepsMissingInSeries: !expression.isTransforming && !sparse && paths.count == 1,
      threads: threads.count, report)
    if paths.count > 1 { input = try join(input, paths, &found) }
    if let table {
      guard let metadata = found.sampleMetadata else {
        throw FormatError(
          .badData, path: file,
          "found no lines about samples, expected a GEO series matrix (--metadata)")
      }
      try metadata.writeTSV(to: table)
    }
    switch try expression.transform(input, report) {
    case .sparse(let matrix) where sparse: try matrix.writeTriplets(to: target)
    case .dense(let matrix) where sparse: try matrix.writeTriplets(to: target)
    case let matrix: try matrix.dense().writeTSV(to: target, threads: threads.count)
    }
    try table?.close()
    try target.close()
  }

  /// The samples of the first matrix and of the other files.
  private func join(
    _ first: ExpressionInput, _ paths: [String], _ found: inout ExpressionMatrix.Reading
  ) throws -> ExpressionInput {
    var inputs = [first]
    for path in paths.dropFirst() {
      let file = try ExpressionFile(contentsOf: path, threads: threads.count)
      inputs.append(try expression.reading.readInput(file, threads: threads.count, report).input)
    }
    let before = found.missingCount
    let joined = try ExpressionInput.joined(
      inputs, paths: paths, options: expression.reading.readingOptions, reading: &found)
    if found.missingCount > before {
      report.note(
        "\(found.missingCount - before) values of genes that not all files have (\(expression.reading.missing.rawValue))"
      )
    }
    return joined
  }
}
