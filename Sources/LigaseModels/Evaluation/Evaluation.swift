import LigaseDatasets
import LigaseFormats

/// Predictions joined with measurements and evaluated together with baselines.
///
/// Rows are joined on the key columns that both tables have; a repeated measurement counts as often as it
/// occurs. With a split only the rows of one subset are evaluated, and the baselines are fitted on its
/// training rows; with folds, on all rows outside the test fold. Without a split the baselines are fitted on
/// the measured rows without a prediction.
///
/// ```swift
/// let evaluation = try Evaluation(
///   predictions: Table(contentsOf: "predictions.tsv"), truth: Table(contentsOf: "response.tsv"),
///   split: Table(contentsOf: "split.tsv"))
/// for score in evaluation.scores where score.metric == "rmse" {
///   print(score.model, score.value ?? .nan, score.low ?? .nan, score.high ?? .nan, score.n)
/// }
/// ```
public struct Evaluation: Sendable {
  /// The task: regression or classification.
  package let task: EvaluationOptions.Task
  /// The target column; for sets of labels the label.
  package let target: String
  /// The scores: first those of the predictions, named `model`, then those of each baseline.
  public let scores: [Score]
  /// Notes: joins with their counts and unmatched ids, the split, and the rows on which the baselines were
  /// fitted.
  package let notes: [String]
  /// Warnings about rows that were in the training of the model.
  package let warnings: [String]

  /// Joins and evaluates with the default options.
  ///
  /// - Parameters:
  ///   - predictions: key columns and `prediction`, or a label and `probability:CLASS` columns.
  ///   - truth: key columns and the target; rows without a value of the target are skipped.
  ///   - split: the training rows and the evaluated rows.
  ///   - expression: the expression of samples that the second grouping names, for ridge regressions.
  public init(
    predictions: Table, truth: Table, split: Table? = nil, expression: ExpressionMatrix? = nil
  ) throws {
    try self.init(
      predictions: predictions, truth: truth, split: split, expression: expression,
      options: EvaluationOptions())
  }

  /// Creates an evaluation from existing scores.
  init(task: EvaluationOptions.Task, target: String, scores: [Score]) {
    self.task = task
    self.target = target
    self.scores = scores
    (notes, warnings) = ([], [])
  }

  /// Joins and evaluates.
  ///
  /// - Parameters:
  ///   - predictions: key columns and `prediction`, or a label and `probability:CLASS` columns.
  ///   - truth: key columns and the target; rows without a value of the target are skipped.
  ///   - split: the training rows and the evaluated rows.
  ///   - expression: the expression of samples that the second grouping names, for ridge regressions.
  ///   - options: all other options.
  package init(
    predictions: Table, truth: Table, split: Table? = nil, expression: ExpressionMatrix? = nil,
    options: EvaluationOptions
  ) throws {
    try predictions.requireRows()
    try truth.requireRows()
    let (truth, naming) = try EvaluationColumns.naming(truth, as: predictions, options)
    let columns = try EvaluationColumns(predictions: predictions, truth: truth, options: options)
    let rows = try JudgedRows(
      predictions: predictions, truth: truth, split: split, columns: columns, options: options)
    task = columns.task
    target = columns.label?.name ?? columns.target
    warnings = rows.warnings
    var found = [naming].compactMap { $0 } + rows.notes
    if options.target == nil {
      found.insert("target: column \(FormatError.quoted(columns.target)) of \(truth.path)", at: 0)
    }
    switch columns.task {
    case .regression:
      let result = try NumberJudgement(predictions, truth, rows, columns, expression, options)
      scores = result.scores
      notes = found + result.notes
    case .classification:
      let result = try ClassJudgement(predictions, truth, rows, columns, options)
      scores = result.scores
      notes = found + result.notes
    case .survival:
      throw FormatError(.badData, path: truth.path, "a table of times to an event cannot be evaluated")
    }
  }
}

/// The evaluation of predicted numbers.
private struct NumberJudgement {
  let scores: [Score]
  let notes: [String]

  init(
    _ predictions: Table, _ truth: Table, _ rows: JudgedRows, _ columns: EvaluationColumns,
    _ expression: ExpressionMatrix?, _ options: EvaluationOptions
  ) throws {
    let predicted = try predictions.doubles(options.predictionColumn)
    try predictions.refuseContradictions(columns.keys) { predicted[$0] == predicted[$1] }
    let measured = try columns.numbers(truth)
    let values = rows.judged.map { measured[$0] }
    let groups = try columns.groupings.map { try truth.ids($0.column ?? $0.name) }
    var notes: [String] = []
    var models = [(name: "model", prediction: rows.partners.map { predicted[$0] })]
    // The predictors of a blend are evaluated too.
    for column in predictions.columnNames where column.hasPrefix(PredictionTable.partPrefix) {
      let part = try predictions.doubles(column, missing: .nan), values = rows.partners.map { part[$0] }
      let unanswered = values.count(where: \.isNaN)
      if unanswered > 0 {
        notes.append(
          "\(column) has no number for \(unanswered.grouped) of \(values.count.counted("row")) and is not compared"
        )
      } else {
        models.append((String(column.dropFirst(PredictionTable.partPrefix.count)), values))
      }
    }
    if rows.fitted.isEmpty {
      notes.append("no baselines: " + rows.whyNotFitted)
    } else if groups.count >= 2 {
      let (first, second) = (groups[0], groups[1])
      let training = PairObservations(
        firstKeys: rows.fitted.map { first.codes[$0] }, secondKeys: rows.fitted.map { second.codes[$0] },
        values: rows.fitted.map { measured[$0] }, firstCount: first.ids.count, secondCount: second.ids.count)
      let baselines = Baselines(
        training: training, firstKeys: rows.judged.map { first.codes[$0] },
        secondKeys: rows.judged.map { second.codes[$0] },
        groupings: (columns.groupings[0], columns.groupings[1]),
        vectors: try expression.map { try Self.expression(of: second, truth, in: $0) },
        ridgePenalty: options.ridgePenalty, seed: options.seed)
      models += baselines.predictions.map { ($0.name, $0.values) }
      notes += baselines.notes
    } else {
      let mean = rows.fitted.reduce(0) { $0 + measured[$1] } / Double(rows.fitted.count)
      models.append(("mean", [Double](repeating: mean, count: rows.judged.count)))
      if options.series == nil {
        notes.append("the only baseline is the mean: the others need two key columns")
      }
    }
    if let series = options.series, !rows.fitted.isEmpty {
      let baseline = try SeriesBaseline(series, truth, rows, keys: columns.keys)
      notes.append(baseline.note)
      if let nearest = baseline.nearest { models.append((NearestSeries.name, nearest.map { measured[$0] })) }
    }
    let groupings = zip(columns.groupings, groups).map { grouping, ids in
      (name: grouping.name, groups: rows.judged.map { ids.codes[$0] })
    }
    let evaluation = RegressionEvaluation(
      truth: values, groupings: groupings, minimumGroup: options.minimumGroup,
      bootstrap: try rows.bootstrap(truth, options))
    scores = try evaluation.scores(models)
    self.notes = notes
  }

  /// The expression of the sample named by each id; nil where the matrix does not contain it.
  private static func expression(
    of key: KeyColumn, _ truth: Table, in matrix: ExpressionMatrix
  ) throws -> [[Float]?] {
    let samples = Dictionary(uniqueKeysWithValues: matrix.samples.enumerated().map { ($1, $0) })
    let rows = key.ids.map { samples[$0].map { Array(matrix.values(ofSample: $0)) } }
    guard rows.contains(where: { $0 != nil }) else {
      throw FormatError(
        .badData, path: truth.path,
        "no \(key.name) has expression: the table begins with "
          + "\(key.ids.prefix(3).joined(separator: "; ")), "
          + "the expression with \(matrix.samples.prefix(3).joined(separator: "; "))")
    }
    return rows
  }
}
