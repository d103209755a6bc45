import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase parse expression`.
struct ParseExpression: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expression",
    abstract: "Convert an expression matrix to TSV with samples in rows.",
    discussion: """
      Example:  ligase parse expression counts.tsv.gz --orientation genes-in-rows --cpm --log1p > expression.tsv
                ligase parse expression filtered_feature_bc_matrix --cpm --log1p --top-variance 2000 > cells.tsv

      Formats: TSV, CSV (also with semicolons and decimal commas), GCT, GEO series matrix, and MatrixMarket (a file \
      with its names in the same folder, or a 10x Genomics folder). The first column names the rows. Transformations \
      are applied in this order: --cpm, --log1p, --genes, --top-variance. --sparse writes only non-zero values, as \
      gene, cell, value; from MatrixMarket without transformations it needs constant memory.
      """)

  @Argument(
    help: "Expression matrices; the samples of several files are joined. `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup(title: "Expression Options") var expression: ExpressionOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  @Flag(help: "Write only non-zero values, one per row: gene, cell, value.")
  var sparse = false

  @Option(
    help: ArgumentHelp(
      "Write the sample metadata of a GEO series matrix to FILE as TSV.", valueName: "file"))
  var metadata: String?

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if sparse { try shards.refuse("--sparse writes values, not samples") }
    if metadata != nil { try shards.refuse("--metadata is a second output") }
    if expression.reading.missing == .keep, expression.isTransforming || sparse {
      throw ValidationError(
        "--missing keep cannot be combined with --sparse, --cpm, --log1p, --genes or --top-variance")
    }
    if metadata != nil, files.count > 1 { throw ValidationError("--metadata needs a single input file") }
  }

  func run() throws {
    try output.refuseExisting()
    let paths = files.isEmpty ? ["-"] : files
    let file = paths[0]
    let matrix = try ExpressionFile(contentsOf: file, threads: threads.count)
    let streams =
      sparse && !expression.isTransforming && expression.reading.duplicateGenes == .error && paths.count == 1
    if streams && matrix.isMatrixMarket && metadata == nil {
      let target = try output.open(threads: threads.count)
      let count = try matrix.streamTriplets(expression.reading.readingOptions, to: target)
      report.detail("\(count.counted("value"))")
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
          "found no sample metadata; --metadata needs a GEO series matrix")
      }
      try metadata.writeTSV(to: table)
    }
    let transformed = try expression.transform(input, report)
    let part = try shards.part(of: files) { transformed.samples.count }
    let target = try output.open(threads: threads.count, part: part)
    switch transformed {
    case .sparse(let matrix) where sparse: try matrix.writeTriplets(to: target)
    case .dense(let matrix) where sparse: try matrix.writeTriplets(to: target)
    case let matrix:
      let dense = try matrix.dense()
      try dense.writeTSV(
        to: target, rows: part?.records ?? dense.samples.indices, threads: threads.count)
    }
    try table?.close()
    try target.close()
  }

  /// Joins the samples of the first matrix and of the other files.
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
        "\((found.missingCount - before).counted("missing value")) of genes that some files lack (--missing \(expression.reading.missing.rawValue))"
      )
    }
    return joined
  }
}
