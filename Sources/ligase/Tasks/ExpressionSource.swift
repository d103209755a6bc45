import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseRuntime
import LigaseModels

/// Gene-expression profiles and the labels of their samples.
struct ExpressionSource: TaskSource {
  typealias Preset = ExpressionTask
  static let abstract = "Learn classes, labels or values from gene-expression profiles."
  static let example = "matrix.gct --labels classes.cls"
  static let discussion = """
    Labels are a CLS file, a table with sample names, a table of one column in the order of the samples, or a column \
    of the matrix itself. Genes are scaled by the mean and standard deviation over the training samples.
    """

  @Argument(help: "Expression matrix; `-` or nothing is standard input.")
  var input: String?
  @Option(help: ArgumentHelp("CLS file, or table of samples and labels.", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @Flag(
    inversion: .prefixedNo, help: "Scale genes to mean 0 and standard deviation 1 over the training samples.")
  var zscore = true
  @OptionGroup(title: "Expression") var expression: ExpressionOptions

  var files: [String?] { [input, labels, expression.genes] }

  func requireInputs() throws {
    if labels == nil, targets.columns.isEmpty {
      throw ValidationError("no labels; give --labels FILE, or --label COLUMN of the matrix")
    }
    if labels == nil, input ?? "-" == "-" {
      throw ValidationError("labels in a column of the matrix need a file, not standard input")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let (threads, report) = (context.threads, context.report)
    var options = expression
    if labels == nil { options.reading.skipColumn += targets.columns }
    var known: [String] = []
    var table: Table?
    if let labels, !LabelTable.isCLS(labels) {
      table = try report.table(labels)
      if table!.columnCount > 1 { known = try table!.strings(table!.columnNames[0]) }
    } else if labels == nil, let input {
      // Skipped rows are reported when the matrix is read.
      table = try Table(
        contentsOf: input, delimiter: expression.reading.delimiter, hasHeader: !expression.reading.noHeader)
    }
    let matrix = try options.read(input, knownSamples: known, choosesLater: true, threads: threads, report)
    let found =
      if labels == nil {
        try labels(inside: table!, of: matrix)
      } else if let table {
        try LabelTable.read(
          table, columns: targets.columns, samples: matrix.samples, targets.reading)
      } else {
        try LabelTable.read(
          labels!, columns: targets.columns, samples: matrix.samples, targets.reading)
      }
    return try data(matrix, found, report)
  }

  private func labels(inside table: Table, of matrix: ExpressionMatrix) throws -> LabelledSamples {
    guard table.rowCount == matrix.samples.count else {
      throw FormatError(
        .badData, path: table.path,
        "found \(matrix.samples.count.counted("sample")) in \(table.rowCount.counted("row")); --label needs a matrix with samples in rows"
      )
    }
    return try LabelTable.labelled(
      targets.columns.map { ($0, try table.strings($0)) }, samples: matrix.samples, targets.reading)
  }

  private func data(
    _ matrix: ExpressionMatrix, _ found: LabelledSamples, _ report: ReportOptions
  ) throws -> TrainingData {
    let ids = found.kept.map { matrix.samples[$0] }
    let (target, observations, note) = try Labels.target(found.labels, targets.reading) { "'\(ids[$0])'" }
    (found.notes + ["\(ids.count.counted("sample")), \(matrix.genes.count.counted("gene"))", note]).forEach {
      report.note($0)
    }
    var modality = ExpressionModality()
    (modality.zscore, modality.topVariance) = (zscore, expression.topVariance)
    (modality.countsPerMillion, modality.logTransformed) = (
      expression.countsPerMillion, expression.logTransform
    )
    var data = TrainingData(
      task: Preset.name, unit: Preset.unit,
      examples: Examples(
        idColumn: matrix.sampleColumn, ids: ids,
        records: FeatureTable(
          names: matrix.genes, values: found.kept.flatMap { matrix.values(ofSample: $0) }),
        modality: modality, target: target, observations: observations))
    data.columns = found.columns
    return data
  }

  func nominalExamples() -> Examples {
    let genes = (1...100).map { "gene\($0)" }
    return .nominal(
      1000, FeatureTable(names: genes, values: [Float](repeating: 0, count: 100_000)), ExpressionModality(),
      targets.target, time: targets.time)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.matrix, .leastFraction]
  static let inputWords = "an expression matrix"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    var isFirst = true
    try inputs.matrix.readTiles(
      file, knownGenes: model.genes, threads: inputs.threads.count, inputs.report
    ) { tile in
      let (aligned, alignment) = try model.align(tile, leastShare: inputs.leastFraction)
      if isFirst { alignment.report.forEach { inputs.report.warn($0) } }
      isFirst = false
      try body(
        model.examples(
          idColumn: model.manifest.keyColumns[0], ids: aligned.samples,
          records: FeatureTable(names: aligned.genes, values: aligned.values)))
    }
  }
}
