import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// A clinical table whose rows are examples.
struct TableSource: TaskSource {
  typealias Preset = TableTask
  static let abstract = "Learn classes, labels, values or the time to an event from a clinical table."
  static let example = "clinical.csv --label diagnosis"
  static let discussion = """
    Columns are numbers, booleans, categories or ordered categories; kinds are detected, reported and set with \
    --column-type. Missing values are allowed. Dates and free text are refused. Labels are columns of the table, or of \
    --labels.
    """

  @Argument(help: "Table with one row per example; `-` or nothing is standard input.")
  var input: String?
  @Option(
    help: ArgumentHelp(
      "Table of ids and labels (default: the labels are columns of the table).", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @Option(
    help: ArgumentHelp(
      "Column of ids (default: the first column of distinct names, or a first column such as patient).",
      valueName: "column"))
  var id: String?

  var files: [String?] { [input, labels] }

  func requireInputs() throws {
    if labels == nil, targets.columns.isEmpty {
      throw ValidationError("no labels; give --label COLUMN, --time and --event, or --labels FILE")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let table = try context.report.table(input)
    let read = try LabelledRows(
      table, id: id, labels: labels.map { try context.report.table($0) }, targets, context)
    let excluded = context.excluded.union(read.labelColumns).union([read.idColumn].compactMap { $0 })
    let (records, notes) = try ClinicalRecords.read(table, excluding: excluded, kinds: context.kinds)
    context.report.note("\(notes[0]); --column-type overrides this")
    notes.dropFirst().forEach { context.report.note($0) }
    var examples = read.examples
    examples.inputs = [
      ExampleInput(
        ClinicalModality.name, ClinicalModality(), records.selecting(read.rows), ids: read.ids,
        keyColumn: read.keyName)
    ]
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: examples)
    data.columns = try read.columns()
    return data
  }

  func nominalExamples() -> Examples {
    let columns = (1...10).map { ClinicalColumn("column\($0)", numbers: (0..<1000).map { Float($0 % 7) }) }
    return .nominal(
      1000, ClinicalRecords(columns: columns, count: 1000), ClinicalModality(), targets.target,
      time: targets.time)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = []
  static let inputWords = "a table"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    guard let fitted = model.manifest.inputs[0].preparation.base as? ClinicalPreparation else { return }
    let table = try inputs.report.table(file), name = model.manifest.keyColumns[0]
    let (records, notes) = try ClinicalRecords.read(table, as: fitted)
    notes.forEach { inputs.report.warn($0) }
    let ids = table.hasColumn(name) ? try table.strings(name) : (1...table.rowCount).map { "\($0)" }
    try body(model.examples(idColumn: name, ids: ids, records: records))
  }
}

/// The rows of a table that have a label, as examples without inputs.
struct LabelledRows {
  /// The column of ids; nil where rows are numbered.
  let idColumn: String?
  /// The rows of the table.
  let rows: [Int]
  /// The id of each of them.
  let ids: [String]
  /// The examples, without inputs.
  let examples: Examples
  /// The columns of labels.
  let labelColumns: [String]
  private let table: Table
  /// The columns of the table of labels besides ids and labels.
  private let further: [KeyColumn]

  /// Reads ids and labels.
  ///
  /// - Parameter labels: the table of labels, where they do not stand in the table itself.
  init(_ table: Table, id: String?, labels: Table?, _ targets: LabelOptions, _ context: ReadingContext) throws
  {
    try table.requireRows()
    for name in labels == nil ? targets.columns : [] { _ = try table.index(ofColumn: name) }
    let found = try Self.idColumn(of: table, named: id, besides: targets.columns)
    let all = try found.map { try table.strings($0) } ?? (1...table.rowCount).map { "\($0)" }
    let labelled =
      if let labels {
        try LabelTable.read(labels, columns: targets.columns, samples: all, targets.reading)
      } else {
        try LabelTable.labelled(
          targets.columns.map { ($0, try table.strings($0)) }, samples: all, targets.reading)
      }
    let ids = labelled.kept.map { all[$0] }
    let (target, observations, note) = try Labels.target(labelled.labels, targets.reading) { "'\(ids[$0])'" }
    (labelled.notes + [
      "\(ids.count.counted("row")), ids: \(found.map { "column \($0)" } ?? "row numbers")", note,
    ])
    .forEach {
      context.report.note($0)
    }
    let column = KeyColumn(found ?? "row", ids)
    examples = Examples(
      keys: KeyColumns([column]), inputs: [], target: target, observations: observations,
      groups: column.codes.map { Int($0) })
    (idColumn, rows, self.ids, self.table) = (found, labelled.kept, ids, table)
    (labelColumns, further) = (labelled.labels.map(\.name), labelled.columns)
  }

  /// The name of the key column.
  var keyName: String { idColumn ?? "row" }

  /// The columns of the table, and of that of labels, besides ids and labels, for the rows that are examples.
  func columns() throws -> [KeyColumn] {
    try table.columnNames.filter { $0 != idColumn && !labelColumns.contains($0) }.map { name in
      let values = try table.strings(name)
      return KeyColumn(name, rows.map { values[$0] })
    } + further.filter { !table.hasColumn($0.name) }
  }

  /// The column of ids: the one that is named, else the first whose values all differ and are names: text, or numbers under a
  /// name such as `id` or `patient`; else the first column, if it has such a name: examples with the same id then stay together.
  static func idColumn(of table: Table, named: String?, besides others: [String]) throws -> String? {
    if let named {
      _ = try table.index(ofColumn: named)
      return named
    }
    let words = [
      "id", "patient", "sample", "subject", "case", "row", "name", "number", "no", "index", "key", "code",
    ]
    func isNamedAsID(_ name: String) -> Bool {
      let parts = name.lowercased().split { !$0.isLetter }.map(String.init)
      return name.isEmpty || parts.contains { words.contains($0) } || name.lowercased().hasSuffix("id")
    }
    let own = table.columnNames.filter { !others.contains($0) }
    let distinct = try own.first { name in
      guard Set(try table.strings(name)).count == table.rowCount else { return false }
      return try isNamedAsID(name) || !table.looksNumeric(name)
    }
    return distinct ?? own.first.flatMap { $0 == table.columnNames.first && isNamedAsID($0) ? $0 : nil }
  }
}
