import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Values over time and the labels of their series.
struct SeriesSource: TaskSource {
  typealias Preset = SeriesTask
  static let abstract = "Learn classes, labels or values from series of values over time."
  static let example = "labs.csv --labels outcome.tsv --label class"
  static let discussion = """
    The input is a long table: each row has the id of a series, a time (a number, or an ISO date) and values; rows may \
    be in any order, values may be missing, and series may have any length and spacing. Labels are a table that names \
    the series, or a column of the long table itself. Where --architecture is not given, inner folds of the training \
    series choose it.
    """

  @Argument(help: "Long table of ids, times and values; `-` or nothing is standard input.")
  var input: String?
  @Option(help: ArgumentHelp("Table of series and labels.", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @Option(help: ArgumentHelp("Column of ids (default: the first column).", valueName: "column"))
  var id: String?
  @Option(
    help: ArgumentHelp(
      "Column of times (default: one called time, date, day, hour, t or step, otherwise the second column).",
      valueName: "column"))
  var timeColumn: String?
  @Option(
    help: ArgumentHelp("Column that is not a channel, such as a note (repeatable).", valueName: "column"))
  var skipColumn: [String] = []
  @Flag(
    inversion: .prefixedNo,
    help: "Scale channels to mean 0 and standard deviation 1 over the training series.")
  var zscore = true

  var files: [String?] { [input, labels] }

  func requireInputs() throws {
    if labels == nil, targets.columns.isEmpty {
      throw ValidationError("no labels; give --labels FILE, or --label COLUMN of the long table")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let report = context.report
    let table = try report.table(input)
    var options = SeriesReading.Options()
    (options.idColumn, options.timeColumn, options.skippedColumns) = (id, timeColumn, skipColumn)
    options.labelColumns = targets.columns + context.excluded.sorted()
    let reading = try SeriesReading(table, options)
    report.note(
      reading.columnNote + (reading.areColumnsGuessed ? " (--id and --time-column override this)" : ""))
    reading.notes.forEach { report.note($0) }
    try reading.requireSteps(path: table.path)
    let (values, kept, notes) =
      if let labels {
        try LabelTable.read(
          try labelTable(labels, report), columns: targets.columns, samples: reading.ids, targets.reading)
      } else {
        try LabelTable.labelled(
          targets.columns.map { ($0, try reading.labels($0, of: table)) }, samples: reading.ids,
          targets.reading
        )
      }
    let ids = kept.map { reading.ids[$0] }
    let (target, observations, note) = try Labels.target(values, targets.reading) { "'\(ids[$0])'" }
    (notes + [note]).forEach { report.note($0) }
    var modality = SeriesModality()
    modality.zscore = zscore
    return TrainingData(
      task: Preset.name, unit: Preset.unit,
      examples: Examples(
        idColumn: reading.idColumn, ids: ids, records: reading.records.selecting(kept), modality: modality,
        target: target, observations: observations))
  }

  /// A table of labels that names the series.
  private func labelTable(_ path: String, _ report: ReportOptions) throws -> Table {
    let table = try report.table(path)
    guard table.columnCount > 1 else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found one column, expected the ids of the series beside their labels: rows of a long table have no order"
      )
    }
    return table
  }

  func nominalExamples() -> Examples {
    let series = SeriesRecords.Series(
      times: (0..<50).map { Double($0) }, values: [Float](repeating: 0, count: 50))
    return .nominal(
      1000,
      SeriesRecords(channels: ["value"], series: [SeriesRecords.Series](repeating: series, count: 1000)),
      SeriesModality(), targets.target, time: targets.time)
  }

  func adjust(_ options: inout ModelOptions) {
    guard !zscore, var modality = options.inputs[Preset.mainInput]?.preparation.base as? SeriesModality else {
      return
    }
    modality.zscore = false
    options.inputs[Preset.mainInput]!.preparation = AnyModality(modality)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.sequences]
  static let inputWords = "a long table of ids, times and values"

  static func read(
    _ file: String?, for model: Model, _ inputs: Predict, _ body: (Examples) throws -> Void
  ) throws {
    // Of the options of sequences, only the column of ids means anything here.
    if let option = inputs.sequences.sequence != nil
      ? "--sequence" : inputs.sequences.format != .tsv ? "--format" : nil
    {
      throw ValidationError("\(option) does not apply: \(model.spokenKind)")
    }
    guard let preparation = model.manifest.inputs[0].preparation.base as? SeriesPreparation else { return }
    let table = try inputs.report.table(file), key = model.manifest.keyColumns[0]
    var options = SeriesReading.Options()
    options.idColumn = inputs.sequences.id ?? (table.hasColumn(key) ? key : nil)
    options.timeColumn = table.hasColumn(preparation.timeColumn) ? preparation.timeColumn : nil
    options.labelColumns = model.manifest.labelColumns ?? []
    options.channels = preparation.channels
    let reading = try SeriesReading(table, options)
    try preparation.requireTimes(reading.records, path: table.path)
    ([reading.columnNote] + reading.notes).forEach { inputs.report.note($0) }
    preparation.report(on: reading).forEach { inputs.report.warn($0) }
    try body(model.examples(idColumn: key, ids: reading.ids, records: reading.records))
  }
}
