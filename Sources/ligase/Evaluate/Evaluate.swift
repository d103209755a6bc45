import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judge predictions beside the baselines, with bootstrap intervals.",
    discussion: """
      Example:  ligase evaluate predictions.tsv --truth response.tsv --split split.tsv --fold 2 --expression \
      expression.tsv > scores.tsv

      Predictions have key columns and `prediction`, or a label there and `probability:CLASS` columns; of several \
      values or labels each is judged. They are joined with the truth over the columns that both have. Baselines are \
      fitted on the training rows of --split, without it on the measured rows that have no prediction. Labels of \
      residues are judged where the truth is FASTA; --label-pattern reads labels of whole sequences there. The output \
      has the columns model, group, metric, value, low, high (the ends of the 95 % interval) and n.
      """)

  @Argument(help: "Table of predictions; `-` or nothing is standard input.")
  var predictions: String?
  @Option(help: ArgumentHelp("Table of what was measured.", valueName: "file"))
  var truth: String
  @Option(help: ArgumentHelp("For residues: FASTA of 0 and 1, which of them count.", valueName: "file"))
  var mask: String?
  @Option(
    help: ArgumentHelp(
      "Regular expression over headers of a FASTA truth; its first group is the label.", valueName: "regex"))
  var labelPattern: String?
  @OptionGroup(title: "Columns") var columns: EvaluationColumnOptions
  @OptionGroup(title: "Rows and baselines") var rows: EvaluationRowOptions
  @Option(help: "Judge numbers or classes (default: guessed).")
  var task: EvaluationOptions.Task?
  @Option(
    help: ArgumentHelp(
      "Positive class for two-class metrics (default: the last).", valueName: "class"))
  var positive: String?
  @Option(
    help: ArgumentHelp("Classes of the target, where the truth may lack some.", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var classes: [String] = []
  @Option(
    help: ArgumentHelp(
      "Text that means a missing value of the truth, instead of NA (repeatable); empty fields always do.",
      valueName: "text"))
  var na: [String] = []
  @Option(help: ArgumentHelp("Resamples of an interval; 0 leaves intervals out.", valueName: "n"))
  var resamples = 1000
  @Option(help: ArgumentHelp("Draw all rows with the same value of a column together.", valueName: "column"))
  var resampleBy: String?
  @Flag(help: "Write JSON instead of a table.")
  var json = false
  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(
      [predictions ?? "-", truth, rows.split, rows.expression], of: "inputs")
    if !(0...1_000_000 ~= resamples) {
      throw ValidationError("found --resamples \(resamples), expected a number from 0 to 1000000")
    }
  }

  func run() throws {
    try output.refuseExisting()
    Compute.threadCount = threads.count
    var options = EvaluationOptions()
    columns.apply(to: &options)
    rows.apply(to: &options)
    (options.task, options.positiveClass) = (task, positive)
    (options.classes, options.missing) = (classes, na.isEmpty ? nil : na)
    (options.resamples, options.resampleBy, options.seed) = (resamples, resampleBy, seed.seed)
    guard let truth = try readTruth() else { return try judgeResidues() }
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

  /// Writes the scores to a file or a pipe, and shows the summary to people. A terminal gets the summary alone.
  private func show(_ summary: [String], _ write: (OutputFile) throws -> Void) throws {
    let target = try output.open(threads: threads.count)
    if output.output == nil, output.outputType == nil, !json, StandardOutput.isTerminal {
      try target.write(summary.map { $0 + "\n" }.joined())
      return try target.close()
    }
    try write(target)
    try target.close()
    summary.forEach { report.note($0) }
  }

  /// The truth as a table; nil for FASTA that labels residues.
  private func readTruth() throws -> Table? {
    switch (try SequenceInput(contentsOf: truth), labelPattern) {
    case (.table(let table), nil): return table
    case (.table, .some):
      throw ValidationError("found a table for --truth, expected FASTA beside --label-pattern")
    case (.records, nil): return nil
    case (.records(let reader), .some(let pattern)):
      return try Table(labelsInHeadersOf: reader, pattern: pattern)
    }
  }

  /// Labels of residues, where the truth is FASTA.
  private func judgeResidues() throws {
    let evaluation = try ResidueEvaluation(
      predictions: predictions, truth: truth, mask: mask, resamples: resamples, seed: seed.seed)
    evaluation.notes.forEach { report.note($0) }
    try show(evaluation.summary) { target in
      if json { try target.write(evaluation.json() + "\n") } else { try evaluation.write(to: target) }
    }
  }

  /// The matrix whose samples the truth names.
  private func readExpression(_ path: String, of truth: Table) throws -> ExpressionMatrix {
    var reading = ExpressionMatrix.ReadingOptions()
    (reading.orientation, reading.threads) = (rows.orientation, threads.count)
    reading.knownSamples = try Array(
      Set(truth.keyColumnNames().flatMap { try truth.keys([$0]).columns[0].ids }))
    return try ExpressionMatrix(contentsOf: path, options: reading)
  }
}

/// Which columns of predictions and truth are which.
struct EvaluationColumnOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of the truth (default: its only one of numbers beside the keys).", valueName: "column"))
  var target: String?
  @Option(
    help: ArgumentHelp("Columns to join over (default: those that both tables have).", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var keys: [String] = []
  @Option(help: ArgumentHelp("Column of predicted numbers or labels.", valueName: "column"))
  var predictionColumn = "prediction"
  @Option(
    help: ArgumentHelp(
      "Key columns to group rows by; pairs of the first two have baselines (default: drugs and cell lines, else both keys).",
      valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var groupBy: [String] = []
  @Option(
    help: ArgumentHelp(
      "Column of drugs (default: by its name, or of two keys the one with fewer values).", valueName: "column"
    ))
  var drugColumn: String?
  @Option(
    help: ArgumentHelp("Column of cell lines (default: by its name, or the other key).", valueName: "column"))
  var cellColumn: String?
  @Option(help: ArgumentHelp("Fewest rows of a group whose correlation counts.", valueName: "n"))
  var minimumGroup = 3

  func validate() throws {
    if Set(keys).count < keys.count { throw ValidationError("--keys names a column twice") }
    if Set(groupBy).count < groupBy.count { throw ValidationError("--group-by names a column twice") }
    if !groupBy.isEmpty, drugColumn != nil || cellColumn != nil {
      throw ValidationError(
        "--group-by names all groupings, so --drug-column and --cell-column do not go with it")
    }
    if minimumGroup < 2 { throw ValidationError("found --minimum-group \(minimumGroup), expected 2 or more") }
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

/// Which rows are judged, and what baselines may know.
struct EvaluationRowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Table with `fold` or `split`: judge one part, fit baselines on the train rows.", valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("The fold that is the test part.", valueName: "n"))
  var fold = 0
  @Option(help: "Subset to evaluate: train, val or test.")
  var subset: Split.Subset = .test
  @Option(help: ArgumentHelp("Expression of the second grouping, for ridge regressions.", valueName: "file"))
  var expression: String?
  @Option(help: "Whether rows of the matrix are samples or genes (default: guessed).")
  var orientation: ExpressionMatrix.Orientation?
  @Option(help: ArgumentHelp("Penalty of the ridge regressions.", valueName: "x"))
  var ridgePenalty = 1000.0

  func validate() throws {
    if !(ridgePenalty > 0 && ridgePenalty.isFinite) {
      throw ValidationError("found --ridge-penalty \(ridgePenalty), expected a number above 0")
    }
  }

  func apply(to options: inout EvaluationOptions) {
    (options.fold, options.subset, options.ridgePenalty) = (fold, subset, ridgePenalty)
  }
}

extension EvaluationOptions.Task: ExpressibleByArgument {}
extension Split.Subset: ExpressibleByArgument {}
