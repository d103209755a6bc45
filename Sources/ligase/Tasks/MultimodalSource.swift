import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// A table of examples with their labels, and several inputs that are joined to it.
struct MultimodalSource: TaskSource {
  typealias Preset = MultimodalTask
  static let abstract = "Learn from several inputs together: tables, expression, genotypes, sequences."
  static let example = """
    patients.tsv --label responder --input tumour:expression=expr.tsv --input clinic:table=clinical.csv
    """
  static let discussion = """
    The table has one row per example, with ids and labels; its other columns are no features unless it is an input, \
    too. Records are joined by the column that --input names after @, or by the column with the most matches.
    """

  @Argument(help: "Table with one row per example; `-` or nothing is standard input.")
  var input: String?
  @OptionGroup var targets: LabelOptions
  @Option(
    help: ArgumentHelp(
      "Column of ids (default: the first column of distinct names, or a first column such as patient).",
      valueName: "column"))
  var id: String?

  var files: [String?] { [input] }

  func requireInputs() throws {
    if targets.columns.isEmpty {
      throw ValidationError("no labels; give --label COLUMN, or --time and --event")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let read = try LabelledRows(context.report.table(input), id: id, labels: nil, targets, context)
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: read.examples)
    data.columns = try read.columns()
    return data
  }

  func nominalExamples() -> Examples {
    let columns = (1...10).map { ClinicalColumn("column\($0)", numbers: (0..<1000).map { Float($0 % 7) }) }
    return .nominal(
      1000, ClinicalRecords(columns: columns, count: 1000), ClinicalModality(), targets.target,
      time: targets.time)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.inputs]
  static let ownInputs = 0
  static let inputWords = "a table of examples, and --input for each input"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    let table = try inputs.report.table(file)
    try table.requireRows()
    let names = try table.columnNames.map { KeyColumn($0, try table.strings($0)) }
    let own = model.manifest.keyColumns.compactMap { name in names.first { $0.name == name } }
    let keys = own.isEmpty ? [KeyColumn("row", (1...table.rowCount).map { "\($0)" })] : own
    var examples = model.examples(keys: KeyColumns(keys), inputs: [])
    try inputs.further.add(to: &examples, names, model, inputs)
    try body(examples)
  }
}
