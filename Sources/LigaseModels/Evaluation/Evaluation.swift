import LigaseDatasets
import LigaseFormats

/// Predictions brought together with what was measured, and judged beside the baselines.
///
/// Rows are joined over the key columns that both tables have; a measurement that occurs more than once
/// counts as often. With a split only the rows of one part are judged, and the baselines are fitted on its
/// training rows; of folds, on all rows outside the test fold. Without one they are fitted on the measured
/// rows without a prediction.
public struct Evaluation: Sendable {
  /// Whether numbers or classes were judged.
  package let task: EvaluationOptions.Task
  /// The column that is predicted; of sets of labels the label.
  package let target: String
  /// The figures: those of the predictions first, named `model`, then those of each baseline.
  public let scores: [Score]
  /// Lines for people: joins with their counts and unmatched ids, the split, what the baselines were fitted
  /// on.
  package let notes: [String]

  /// Scores that were made elsewhere.
  init(task: EvaluationOptions.Task, target: String, scores: [Score]) {
    self.task = task
    self.target = target
    self.scores = scores
    notes = []
  }

  /// Joins and judges.
  ///
  /// - Parameters:
  ///   - predictions: key columns and `prediction`, or a label and `probability:CLASS` columns.
  ///   - truth: key columns and the target; rows without a value of the target are left out.
  ///   - split: which rows are training rows and which are judged.
  ///   - expression: the expression of samples that the second grouping names, for ridge regressions.
  ///   - options: everything else.
  public init(
    predictions: Table, truth: Table, split: Table? = nil, expression: ExpressionMatrix? = nil,
    options: EvaluationOptions = EvaluationOptions()
  ) throws {
    try predictions.requireRows()
    try truth.requireRows()
    let columns = try EvaluationColumns(predictions: predictions, truth: truth, options: options)
    let rows = try JudgedRows(
      predictions: predictions, truth: truth, split: split, columns: columns, options: options)
    task = columns.task
    target = columns.label?.name ?? columns.target
    switch columns.task {
    case .regression:
      let result = try NumberJudgement(predictions, truth, rows, columns, expression, options)
      scores = result.scores
      notes = rows.notes + result.notes
    case .classification:
      let result = try ClassJudgement(predictions, truth, rows, columns, options)
      scores = result.scores
      notes = rows.notes + result.notes
    }
  }
}

/// Numbers against measurements.
private struct NumberJudgement {
  let scores: [Score]
  let notes: [String]

  init(
    _ predictions: Table, _ truth: Table, _ rows: JudgedRows, _ columns: EvaluationColumns,
    _ expression: ExpressionMatrix?, _ options: EvaluationOptions
  ) throws {
    let predicted = try predictions.doubles(options.predictionColumn)
    try rows.refuseContradictions(predictions, columns.keys) { predicted[$0] == predicted[$1] }
    let measured = try truth.doubles(columns.target, missing: .nan)
    let values = rows.judged.map { measured[$0] }
    let groups = try columns.groupings.map { try truth.ids($0.column ?? $0.name) }
    var notes: [String] = []
    var models = [(name: "model", prediction: rows.partners.map { predicted[$0] })]
    // What each part of a blend says is judged beside the whole.
    for column in predictions.columnNames where column.hasPrefix(PredictionTable.partPrefix) {
      let part = try predictions.doubles(column)
      models.append(
        (String(column.dropFirst(PredictionTable.partPrefix.count)), rows.partners.map { part[$0] }))
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
      notes.append("of the baselines only the mean: the others need two key columns to group by")
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

  /// The expression of the sample that each id names; nil where the matrix has none.
  private static func expression(
    of key: KeyColumn, _ truth: Table, in matrix: ExpressionMatrix
  ) throws -> [[Float]?] {
    let samples = Dictionary(uniqueKeysWithValues: matrix.samples.enumerated().map { ($1, $0) })
    let rows = key.ids.map { samples[$0].map { Array(matrix.values(ofSample: $0)) } }
    guard rows.contains(where: { $0 != nil }) else {
      throw FormatError(
        .badData, path: truth.path,
        "found no \(key.name) with expression: it begins with "
          + "\(key.ids.prefix(3).joined(separator: "; ")), "
          + "the expression with \(matrix.samples.prefix(3).joined(separator: "; "))")
    }
    return rows
  }
}

/// Classes against classes.
private struct ClassJudgement {
  /// More are no classes, but numbers or names taken for such.
  private static let mostClasses = 200

  let scores: [Score]
  let notes: [String]

  init(
    _ predictions: Table, _ truth: Table, _ rows: JudgedRows, _ columns: EvaluationColumns,
    _ options: EvaluationOptions
  ) throws {
    let labels = columns.hasPrediction ? try Self.labels(predictions, options.predictionColumn) : nil
    let given = try columns.probabilities.map { try Self.probabilities(predictions, $0.column) }
    try rows.refuseContradictions(predictions, columns.keys) { first, second in
      labels.map { $0[first] == $0[second] } ?? true && given.allSatisfy { $0[first] == $0[second] }
    }
    let measured = try columns.classes(truth)
    let predictedLabels = labels.map { labels in rows.partners.map { labels[$0] } }
    let actual = rows.judged.map { measured[$0] }
    let known = Set(actual + rows.fitted.map { measured[$0] })
    if let predictedLabels, known.isDisjoint(with: predictedLabels) {
      throw FormatError(
        .badData, path: predictions.path,
        "found the labels \(FormatError.list(Set(predictedLabels).sorted(), limit: 3)), none of which is a "
          + "class of \(truth.path): \(FormatError.list(known.sorted(), limit: 3))")
    }
    let classes =
      columns.label == nil
      ? Self.sorted(known.union(predictedLabels ?? []).union(columns.probabilities.map(\.name)))
      : ["no", "yes"]
    guard classes.count <= Self.mostClasses else {
      throw FormatError(
        .badData, path: truth.path,
        "found \(classes.count) different values in column \(FormatError.quoted(columns.target)) and its "
          + "predictions, expected at most \(Self.mostClasses) classes")
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    var positive = classes.count - 1
    if let name = options.positiveClass {
      guard let number = numbers[name] else {
        throw FormatError(
          .badData, path: truth.path,
          "found no class \(FormatError.quoted(name)), expected \(FormatError.list(classes))")
      }
      positive = Int(number)
    }
    var notes = classes.count == 2 ? ["figures over all rows speak of the class \(classes[positive])"] : []
    let columnsByClass = Dictionary(uniqueKeysWithValues: zip(columns.probabilities.map(\.name), given))
    let probabilities: [[Double]]? =
      given.isEmpty
      ? nil
      : classes.map { name in
        if let column = columnsByClass[name] { return rows.partners.map { column[$0] } }
        if classes.count == 2 { return rows.partners.map { 1 - given[0][$0] } }
        notes.append("class \(name) has no column of probabilities: 0 is taken")
        return [Double](repeating: 0, count: rows.partners.count)
      }
    var models = [
      (
        name: "model",
        predictions: ClassPredictions(
          labels: predictedLabels.map { $0.map { numbers[$0]! } }, probabilities: probabilities)
      )
    ]
    if rows.fitted.isEmpty {
      notes.append("no baselines: " + rows.whyNotFitted)
    } else {
      var shares = [Double](repeating: 0, count: classes.count)
      for row in rows.fitted { shares[Int(numbers[measured[row]]!)] += 1 / Double(rows.fitted.count) }
      models.append(
        (
          "prior",
          ClassPredictions(probabilities: shares.map { [Double](repeating: $0, count: actual.count) })
        ))
    }
    scores = try ClassificationEvaluation(
      classes: classes, truth: actual.map { numbers[$0]! }, positive: positive,
      bootstrap: try rows.bootstrap(truth, options)
    ).scores(models)
    self.notes = notes
  }

  private static func labels(_ table: Table, _ name: String) throws -> [String] {
    let column = try table.index(ofColumn: name)
    if let row = (0..<table.rowCount).first(where: { table.isMissing(row: $0, column: column) }) {
      throw table.error(
        row: row, column: column, "found no class in column \(FormatError.quoted(name)), expected one")
    }
    return try table.strings(name)
  }

  private static func probabilities(_ table: Table, _ column: String) throws -> [Double] {
    let values = try table.doubles(column)
    if let row = values.firstIndex(where: { $0 < -1e-6 || $0 > 1 + 1e-6 }) {
      throw table.error(
        row: row, column: try table.index(ofColumn: column),
        "found \(values[row]) in column \(FormatError.quoted(column)), expected a probability")
    }
    return values
  }

  /// Classes by number where all are numbers, else by their bytes.
  private static func sorted(_ classes: Set<String>) -> [String] {
    let numeric = classes.allSatisfy { Double($0)?.isFinite == true }
    return classes.sorted {
      if numeric, Double($0)! != Double($1)! { return Double($0)! < Double($1)! }
      return $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }
}
