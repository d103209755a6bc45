import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Values over time and the labels of their series.
struct SeriesSource: TaskSource {
  typealias Preset = SeriesTask
  static let abstract = "Learn classes, labels, values or forecasts from series of values over time."
  static let example = "labs.csv --labels outcome.tsv --label class"
  static let discussion = """
    The input is a long table: each row has the id of a series, a time (a number, or an ISO date) and values; rows may \
    be in any order, values may be missing, and series may have any length and spacing. Labels are a table that names \
    the series, or a column of the long table itself. --forecast learns a later value of a channel instead: examples are \
    beginnings of series, and a prediction is for the time after the last step of each series. \
    --step-label learns a class of each step. Where --architecture is not given, inner folds of the training series \
    choose it.
    """

  @Argument(help: "Long table of ids, times and values; `-` or nothing is standard input.")
  var input: String?
  @Option(help: ArgumentHelp("Table of series and labels.", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @Option(help: ArgumentHelp("Channel to forecast from the steps before.", valueName: "column"))
  var forecast: String?
  @Option(help: ArgumentHelp("Steps to forecast ahead (default: 1).", valueName: "n"))
  var horizon: Int?
  @Option(help: ArgumentHelp("Column of the long table with a class of each step.", valueName: "column"))
  var stepLabel: String?
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

  func validate() throws {
    if let horizon {
      if forecast == nil { throw ValidationError("--horizon needs --forecast") }
      if horizon < 1 { throw ValidationError("--horizon must be at least 1 (got \(horizon))") }
    }
    guard let own = forecast != nil ? "--forecast" : stepLabel != nil ? "--step-label" : nil else { return }
    for (option, isGiven) in [
      ("--step-label", forecast != nil && stepLabel != nil), ("--labels", labels != nil),
      ("--label", !targets.label.isEmpty), ("--time", targets.time != nil),
      ("--target", targets.target != nil),
      ("--na", forecast != nil && !targets.na.isEmpty),
    ]
    where isGiven { throw ValidationError("\(option) cannot be combined with \(own)") }
  }

  func requireInputs() throws {
    if labels == nil, targets.columns.isEmpty, forecast == nil, stepLabel == nil {
      throw ValidationError(
        "no labels; give --labels FILE, --label or --step-label with a COLUMN of the long table, or --forecast CHANNEL"
      )
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let report = context.report
    let table = try report.table(input)
    var options = SeriesReading.Options()
    (options.idColumn, options.timeColumn, options.skippedColumns) = (id, timeColumn, skipColumn)
    options.labelColumns = targets.columns + [stepLabel].compactMap { $0 } + context.excluded.sorted()
    options.keepsTimes = stepLabel != nil
    let reading = try SeriesReading(table, options)
    report.note(
      reading.columnNote + (reading.areColumnsGuessed ? " (--id and --time-column override this)" : ""))
    reading.notes.forEach { report.note($0) }
    try reading.requireSteps(path: table.path)
    if let stepLabel { return try classes(stepLabel, reading, table, report) }
    if let forecast { return try self.forecast(forecast, reading, table, report) }
    let found =
      if let labels {
        try LabelTable.read(
          try labelTable(labels, report), columns: targets.columns, samples: reading.ids, targets.reading)
      } else {
        try LabelTable.labelled(
          targets.columns.map { ($0, try reading.labels($0, of: table)) }, samples: reading.ids,
          targets.reading
        )
      }
    let ids = found.kept.map { reading.ids[$0] }
    let (target, observations, note) = try Labels.target(found.labels, targets.reading) { "'\(ids[$0])'" }
    (found.notes + [note]).forEach { report.note($0) }
    var data = TrainingData(
      task: Preset.name, unit: Preset.unit,
      examples: Examples(
        idColumn: reading.idColumn, ids: ids, records: reading.records.selecting(found.kept),
        modality: modality,
        target: target, observations: observations))
    data.columns = found.columns
    return data
  }

  private var modality: SeriesModality {
    var modality = SeriesModality()
    modality.zscore = zscore
    return modality
  }

  /// Series, and the class of each step.
  private func classes(
    _ column: String, _ reading: SeriesReading, _ table: Table, _ report: ReportOptions
  ) throws -> TrainingData {
    let labels = try reading.stepLabels(column, of: table, missing: targets.na)
    report.note(labels.note)
    return TrainingData(
      task: Preset.name, unit: Preset.unit,
      examples: Examples(
        idColumn: reading.idColumn, ids: labels.series.map { reading.ids[$0] },
        records: reading.records.selecting(labels.series), modality: modality,
        target: TargetDescription("steps", labels.names, columns: [column]),
        observations: Observations(steps: labels.steps)))
  }

  /// Beginnings of series, and the value of a channel after each.
  private func forecast(
    _ channel: String, _ reading: SeriesReading, _ table: Table, _ report: ReportOptions
  ) throws -> TrainingData {
    let forecast = try SeriesForecast(channel, horizon: horizon ?? 1, of: reading, path: table.path)
    report.note(forecast.note)
    var target = TargetDescription(Labels.Kind.values.rawValue, [forecast.name])
    target.forecastChannel = forecast.channel
    let keys = try reading.keys(forecast.series, lastRows: forecast.lastRows, of: table)
    return TrainingData(
      task: Preset.name, unit: "examples",
      examples: Examples(
        keys: keys,
        inputs: [
          ExampleInput(
            Preset.mainInput, modality, forecast.records, ids: forecast.series.map { reading.ids[$0] },
            keyColumn: reading.idColumn)
        ], target: target, observations: Observations(numbers: forecast.values, width: 1),
        groups: forecast.series))
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
    var examples = Examples.nominal(
      1000,
      SeriesRecords(channels: ["value"], series: [SeriesRecords.Series](repeating: series, count: 1000)),
      SeriesModality(), forecast == nil ? targets.target : .values, time: targets.time)
    if forecast != nil { examples.target.forecastChannel = 0 }
    if let stepLabel {
      examples.target = TargetDescription("steps", ["0", "1"], columns: [stepLabel])
      examples.observations = Observations(
        steps: .init(repeating: .init(repeating: 0, count: 50), count: 1000))
    }
    return examples
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
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
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
    options.keepsTimes = model.manifest.objective.base.isOfSteps
    let reading = try SeriesReading(table, options)
    try preparation.requireTimes(reading.records, path: table.path)
    ([reading.columnNote] + reading.notes).forEach { inputs.report.note($0) }
    preparation.report(on: reading).forEach { inputs.report.warn($0) }
    guard model.manifest.keyColumns.count > 1 else {
      return try body(model.examples(idColumn: key, ids: reading.ids, records: reading.records))
    }
    // A forecast is named by its series and the time of the last step that it reads.
    let input = model.manifest.inputs[0].name
    let read = try reading.keys(
      Array(reading.ids.indices), lastRows: reading.rows.map { $0.last! }, of: table)
    try body(
      model.examples(
        keys: KeyColumns(
          zip(model.manifest.keyColumns, read.columns).map { name, column in
            KeyColumn(name, column.codes.map { column.ids[Int($0)] })
          }),
        inputs: [
          ExampleInput(
            input, model.manifest.options.inputs[input]!.preparation.base, reading.records, ids: reading.ids,
            keyColumn: key)
        ]))
  }
}
