import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare predictions with measured values and with baselines, with bootstrap intervals.",
    discussion: """
      Example:  ligase evaluate predictions.tsv --truth response.tsv --split split.tsv --fold 2 --expression \
      expression.tsv > scores.tsv

      Predictions have key columns and `prediction`: a number, or a label with `probability:CLASS` columns. Several \
      targets or labels are evaluated one by one. Predictions and truth are joined on the columns that both have. \
      Baselines are fitted on the training rows of --split; without --split, on the measured rows that have no \
      prediction. A FASTA truth holds a label for every residue, or labels of whole sequences in its headers \
      (--label-pattern). A truth with columns x, y and diameter_mm holds lesions, and predictions are places with a \
      score. A folder of predictions holds label volumes, ID.nii.gz for each case, and the truth is a table of cases \
      with a column `labels` of paths. The output has the columns model, group, metric, value, low, high (the ends of the 95 % \
      interval) and n.
      """)

  @Argument(help: "Table of predictions, or folder of label volumes; `-` or nothing is standard input.")
  var predictions: String?
  @Option(
    help: ArgumentHelp("Table of measured values or of cases, or FASTA with labels.", valueName: "file"))
  var truth: String
  @Option(
    help: ArgumentHelp(
      "Residues only: FASTA of 0 and 1; only residues with 1 are evaluated.", valueName: "file"))
  var mask: String?
  @Option(
    help: ArgumentHelp(
      "Regular expression for the headers of a FASTA truth; its first group is the label.", valueName: "regex"
    ))
  var labelPattern: String?
  @Option(
    help: ArgumentHelp(
      "Column of the truth with the time to an event; needs --event.", valueName: "column"))
  var time: String?
  @Option(
    help: ArgumentHelp(
      "Column of the truth that tells whether the event was observed, or COLUMN=VALUE.", valueName: "column"))
  var event: String?
  @OptionGroup(title: "Columns") var columns: EvaluationColumnOptions
  @OptionGroup(title: "Rows and baselines") var rows: EvaluationRowOptions
  @OptionGroup(title: "Label volumes") var segmentations: SegmentationOptions
  @Option(help: "Evaluate numbers or classes (default: detected automatically).")
  var task: EvaluationOptions.Task?
  @Option(
    help: ArgumentHelp(
      "Positive class for binary metrics (default: the last class).", valueName: "class"))
  var positive: String?
  @Option(
    help: ArgumentHelp("All classes of the target; needed if the truth lacks some.", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var classes: [String] = []
  @Option(
    help: ArgumentHelp(
      "Text that marks a missing value in the truth, instead of NA (repeatable); empty fields are always missing.",
      valueName: "text"))
  var na: [String] = []
  @Option(help: ArgumentHelp("Bootstrap resamples for each interval; 0: no intervals.", valueName: "n"))
  var resamples = 1000
  @Option(
    help: ArgumentHelp("Resample all rows with the same value of this column together.", valueName: "column"))
  var resampleBy: String?
  @Flag(help: "Write JSON instead of a table.")
  var json = false
  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if (time == nil) != (event == nil) {
      throw ValidationError(time == nil ? "--event needs --time" : "--time needs --event")
    }
    if task == .survival, time == nil { throw ValidationError("--task survival needs --time and --event") }
    if time != nil,
      columns.target != nil || task ?? .survival != .survival || positive != nil || rows.expression != nil
    {
      throw ValidationError(
        "--target, --task, --positive and --expression cannot be combined with --time and --event")
    }
    if positive != nil, task == .regression {
      throw ValidationError("--positive has no effect on numbers: --task regression")
    }
    try refuseOptionsWithoutEffect()
    try FileArguments.refuseSharedInput(
      [predictions ?? "-", truth, rows.split, rows.expression, rows.series], of: "inputs")
    if !(0...1_000_000 ~= resamples) {
      throw ValidationError("--resamples must be from 0 to 1000000 (got \(resamples))")
    }
  }

  func run() throws {
    try output.refuseExisting()
    Compute.threadCount = threads.count
    if let predictions, hasFolder { return try compareSegmentations(in: predictions) }
    var options = EvaluationOptions()
    columns.apply(to: &options)
    rows.apply(to: &options)
    (options.task, options.positiveClass) = (task, positive)
    (options.classes, options.missing) = (classes, na.isEmpty ? nil : na)
    (options.resamples, options.resampleBy, options.seed) = (resamples, resampleBy, seed.seed)
    let table = try readTruth()
    if mask != nil, table != nil {
      throw ValidationError(
        "--mask has no effect: \(truth) is a table, expected FASTA with a label for each residue")
    }
    guard let truth = table else {
      try refuseGiven(
        ofRows + ofNumbers + ofClasses + ofKeys,
        "the truth is FASTA, whose residues are compared, whole sequences resampled")
      return try judgeResidues()
    }
    if options.target == nil, time == nil, truth.columnNames.first == ImageSet.idColumn,
      truth.hasColumn("labels")
    {
      options.target = "labels"
    }
    if let time, let event {
      try refuseGiven(ofNumbers + ofClasses, "times to an event are compared")
      return try compareSurvival(truth, SurvivalLabels(time: time, event: event), options)
    }
    if FindingComparison.isTruth(truth) {
      try refuseGiven(
        ofRows + ofNumbers + ofClasses + ofKeys,
        "places are compared with lesions, whole scans resampled")
      return try compareFindings(truth)
    }
    options.series = try rows.series.map { try readSeries($0, of: truth) }
    let evaluation = try TargetEvaluations(
      predictions: Table(contentsOf: predictions), truth: truth,
      split: rows.split.map { try Table(contentsOf: $0) },
      expression: rows.expression.map { try readExpression($0, of: truth) }, options: options)
    evaluation.notes.forEach { report.note($0) }
    evaluation.warnings.forEach { report.warn($0) }
    try show(evaluation.summary) { target in
      if json { try target.write(evaluation.json() + "\n") } else { try evaluation.write(to: target) }
    }
  }

  /// Writes the metrics to a file or a pipe and the summary to standard error. A terminal gets only the summary.
  func show(_ summary: [String], _ write: (OutputFile) throws -> Void) throws {
    let target = try output.open(threads: threads.count)
    if output.output == nil, output.outputType == nil, !json, StandardOutput.isTerminal {
      try target.write(summary.map { $0 + "\n" }.joined())
      return try target.close()
    }
    try write(target)
    try target.close()
    summary.forEach { report.note($0) }
  }

  /// Returns the truth as a table; nil for FASTA with labels of residues.
  private func readTruth() throws -> Table? {
    if truth != "-", try ImageSet.source(truth) == .archive {
      return try ImageSet(archive: truth, ImageSet.Options()).labels()
    }
    switch (try SequenceInput(contentsOf: truth), labelPattern) {
    case (.table(let table), nil): return table
    case (.table, .some):
      throw ValidationError("--label-pattern needs a FASTA file for --truth (got a table)")
    case (.records, nil): return nil
    case (.records(let reader), .some(let pattern)):
      return try Table(labelsInHeadersOf: reader, pattern: pattern)
    }
  }

  /// Evaluates labels of residues, where the truth is FASTA.
  private func judgeResidues() throws {
    let evaluation = try ResidueEvaluation(
      predictions: predictions, truth: truth, mask: mask, resamples: resamples, seed: seed.seed)
    evaluation.notes.forEach { report.note($0) }
    try show(evaluation.summary) { target in
      if json { try target.write(evaluation.json() + "\n") } else { try evaluation.write(to: target) }
    }
  }

  /// Compares places found in scans with lesions.
  private func compareFindings(_ truth: Table) throws {
    let comparison = try FindingComparison(
      findings: Table(contentsOf: predictions), truth: truth,
      bootstrap: Bootstrap(resamples: resamples, seed: seed.seed))
    comparison.notes.forEach { report.note($0) }
    try show(comparison.summary) { target in
      if json { try target.write(comparison.json() + "\n") } else { try comparison.write(to: target) }
    }
  }

  /// Compares predicted times to an event with observed ones.
  private func compareSurvival(_ truth: Table, _ labels: SurvivalLabels, _ options: EvaluationOptions) throws
  {
    let comparison = try SurvivalComparison(
      predictions: Table(contentsOf: predictions), truth: truth, labels: labels,
      split: rows.split.map { try Table(contentsOf: $0) }, options: options)
    comparison.notes.forEach { report.note($0) }
    comparison.warnings.forEach { report.warn($0) }
    try show(comparison.summary) { target in
      if json { try target.write(comparison.json() + "\n") } else { try comparison.write(to: target) }
    }
  }

  /// The series that the truth names; columns without numbers, and those of the truth, are no channels.
  private func readSeries(_ path: String, of truth: Table) throws -> SeriesReading {
    let table = try Table(contentsOf: path)
    var options = SeriesReading.Options()
    options.idColumn = truth.columnNames.first(where: table.hasColumn)
    options.labelColumns = truth.columnNames.filter { $0 != options.idColumn }
    options.skippedColumns = try table.columnNames.filter {
      try $0 != options.idColumn && !table.looksNumeric($0)
    }
    return try SeriesReading(table, options)
  }

  /// Returns the expression matrix of the samples in the truth.
  private func readExpression(_ path: String, of truth: Table) throws -> ExpressionMatrix {
    var reading = ExpressionMatrix.ReadingOptions()
    (reading.orientation, reading.threads) = (rows.orientation, threads.count)
    reading.knownSamples = try Array(
      Set(truth.keyColumnNames().flatMap { try truth.keys([$0]).columns[0].ids }))
    return try ExpressionMatrix(contentsOf: path, options: reading)
  }
}

/// The columns of predictions and truth.
struct EvaluationColumnOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of measured values (default: the only numeric column besides the keys).", valueName: "column"))
  var target: String?
  @Option(
    help: ArgumentHelp(
      "Columns to join on (default: the columns that both tables have).", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var keys: [String] = []
  @Option(help: ArgumentHelp("Column of predicted numbers or labels.", valueName: "column"))
  var predictionColumn = "prediction"
  @Option(
    help: ArgumentHelp(
      "Key columns for metrics within groups; the baselines use the first two (default: drugs and cell lines, otherwise both keys).",
      valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var groupBy: [String] = []
  @Option(
    help: ArgumentHelp(
      "Column of drugs (default: detected by name; otherwise the key with fewer values).", valueName: "column"
    ))
  var drugColumn: String?
  @Option(
    help: ArgumentHelp(
      "Column of cell lines (default: detected by name; otherwise the other key).", valueName: "column"))
  var cellColumn: String?
  @Option(help: ArgumentHelp("Minimum number of rows for the correlation within a group.", valueName: "n"))
  var minimumGroup = 3

  func validate() throws {
    if Set(keys).count < keys.count { throw ValidationError("--keys names a column twice") }
    if Set(groupBy).count < groupBy.count { throw ValidationError("--group-by names a column twice") }
    if !groupBy.isEmpty, drugColumn != nil || cellColumn != nil {
      throw ValidationError(
        "--group-by cannot be combined with --drug-column or --cell-column")
    }
    if minimumGroup < 2 { throw ValidationError("--minimum-group must be at least 2 (got \(minimumGroup))") }
  }

  func apply(to options: inout EvaluationOptions) {
    options.target = target
    options.keys = keys.isEmpty ? nil : keys
    options.predictionColumn = predictionColumn
    options.groupings =
      groupBy.isEmpty
      ? [
        Grouping(name: "drug", column: drugColumn, words: ["drug", "compound"]),
        Grouping(
          name: "cell", noun: "cell line", column: cellColumn, words: ["cell", "line", "depmap", "cosmic"]),
      ] : groupBy.map(Grouping.init(column:))
    options.minimumGroup = minimumGroup
  }
}

/// The rows that are evaluated, and the data of the baselines.
struct EvaluationRowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Table with a column `fold` or `split`: one subset is evaluated, baselines are fitted on the training rows.",
      valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("The fold that is the test subset (default: 0).", valueName: "n"))
  var fold: Int?
  @Option(help: "Subset of --split to evaluate (default: test).")
  var subset: Split.Subset?
  @Option(
    help: ArgumentHelp(
      "Expression matrix of the cell lines (the second grouping), for ridge-regression baselines.",
      valueName: "file"))
  var expression: String?
  @Option(
    help: ArgumentHelp(
      "Long table of the series that the truth names, for the baseline of the nearest series (dynamic time warping).",
      valueName: "file"))
  var series: String?
  @Option(help: "Rows of the matrix: samples or genes (default: detected automatically).")
  var orientation: ExpressionMatrix.Orientation?
  @Option(help: ArgumentHelp("Penalty of the ridge-regression baselines (default: 1000).", valueName: "x"))
  var ridgePenalty: Double?

  func validate() throws {
    if let ridgePenalty, !(ridgePenalty > 0 && ridgePenalty.isFinite) {
      throw ValidationError("--ridge-penalty must be above 0 (got \(ridgePenalty))")
    }
    for (option, isGiven) in [("--fold", fold != nil), ("--subset", subset != nil)]
    where isGiven && split == nil {
      throw ValidationError("\(option) has no effect without --split")
    }
    for (option, isGiven) in [
      ("--ridge-penalty", ridgePenalty != nil), ("--orientation", orientation != nil),
    ]
    where isGiven && expression == nil {
      throw ValidationError("\(option) has no effect without --expression")
    }
  }

  func apply(to options: inout EvaluationOptions) {
    (options.fold, options.subset, options.ridgePenalty) = (fold ?? 0, subset ?? .test, ridgePenalty ?? 1000)
  }
}

extension EvaluationOptions.Task: ExpressibleByArgument {}
extension Split.Subset: ExpressibleByArgument {}
