import LigaseDatasets
import LigaseFormats

/// Metrics of predicted classes, or of a score that ranks two classes.
struct ClassJudgement {
  let scores: [Score]
  let notes: [String]

  init(
    _ predictions: Table, _ truth: Table, _ rows: JudgedRows, _ columns: EvaluationColumns,
    _ options: EvaluationOptions
  ) throws {
    let measured = try columns.classes(truth)
    let actual = rows.judged.map { measured[$0] }
    let known = Set(measured).subtracting([""]).union(options.classes)
    let judgement = Judgement(
      predictions: predictions, truth: truth, rows: rows, columns: columns, options: options, actual: actual,
      fitted: rows.fitted.map { measured[$0] }, known: known, measured: measured)
    (scores, notes) = try columns.isScore ? judgement.ranked() : judgement.classified()
  }
}

/// The rows to evaluate, with the classes of the evaluated and of the fitted rows.
private struct Judgement {
  let predictions: Table
  let truth: Table
  let rows: JudgedRows
  let columns: EvaluationColumns
  let options: EvaluationOptions
  let actual: [String]
  let fitted: [String]
  /// The classes that occur in the truth.
  let known: Set<String>
  /// The class of each row of the truth.
  let measured: [String]

  /// The metrics of predicted numbers as a score of the positive one of two classes.
  func ranked() throws -> ([Score], [String]) {
    let classes = Labels.order(known), positive = try positive(of: classes)
    let values = try predictions.doubles(options.predictionColumn)
    try predictions.refuseContradictions(columns.keys) { values[$0] == values[$1] }
    var models = [(name: "model", scores: rows.partners.map { values[$0] })]
    if !fitted.isEmpty { models.append(("prior", [Double](repeating: 0, count: actual.count))) }
    let evaluation = ScoreEvaluation(
      isPositive: actual.map { $0 == classes[positive] }, bootstrap: try rows.bootstrap(truth, options))
    return (
      try evaluation.scores(models),
      ["predictions are scores: higher scores mean class \(classes[positive])"]
        + (options.series == nil ? [] : ["no \(NearestSeries.name) baseline: it predicts classes, no scores"])
    )
  }

  /// The metrics of predicted classes.
  func classified() throws -> ([Score], [String]) {
    let labels = columns.hasPrediction ? try labels() : nil
    let given = try columns.probabilities.map { try self.probabilities($0.column) }
    try predictions.refuseContradictions(columns.keys) { first, second in
      labels.map { $0[first] == $0[second] } ?? true && given.allSatisfy { $0[first] == $0[second] }
    }
    let predicted = labels.map { labels in rows.partners.map { labels[$0] } }
    try refuseOtherClasses(predicted)
    let classes =
      columns.label == nil
      ? Labels.order(Set(actual + fitted).union(predicted ?? []).union(columns.probabilities.map(\.name)))
      : ["no", "yes"]
    let positive = try positive(of: classes)
    var notes =
      classes.count == 2 ? ["positive class of the binary metrics: \(classes[positive])"] : []
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    let columnsByClass = Dictionary(uniqueKeysWithValues: zip(columns.probabilities.map(\.name), given))
    let probabilities: [[Double]]? =
      given.isEmpty
      ? nil
      : classes.map { name in
        if let column = columnsByClass[name] { return rows.partners.map { column[$0] } }
        if classes.count == 2 { return rows.partners.map { 1 - given[0][$0] } }
        notes.append("class \(name) has no probability column: probability 0 is used")
        return [Double](repeating: 0, count: rows.partners.count)
      }
    var models = [
      (
        name: "model",
        predictions: ClassPredictions(
          labels: predicted.map { $0.map { numbers[$0]! } }, probabilities: probabilities)
      )
    ]
    if fitted.isEmpty {
      notes.append("no baselines: " + rows.whyNotFitted)
    } else {
      var fractions = [Double](repeating: 0, count: classes.count)
      for name in fitted { fractions[Int(numbers[name]!)] += 1 / Double(fitted.count) }
      models.append(
        (
          "prior",
          ClassPredictions(probabilities: fractions.map { [Double](repeating: $0, count: actual.count) })
        ))
      if let series = options.series {
        let baseline = try SeriesBaseline(series, truth, rows, keys: columns.keys)
        notes.append(baseline.note)
        if let nearest = baseline.nearest {
          let labels = nearest.map { numbers[measured[$0]]! }
          let probabilities = classes.indices.map { k in labels.map { $0 == Int32(k) ? 1.0 : 0 } }
          models.append((NearestSeries.name, ClassPredictions(labels: labels, probabilities: probabilities)))
        }
      }
    }
    let evaluation = ClassificationEvaluation(
      classes: classes, truth: actual.map { numbers[$0]! }, positive: positive,
      bootstrap: try rows.bootstrap(truth, options))
    return (try evaluation.scores(models), notes)
  }

  /// Throws where predictions contain classes that the truth does not have.
  private func refuseOtherClasses(_ predicted: [String]?) throws {
    guard columns.label == nil else { return }
    if let predicted, known.isDisjoint(with: predicted) {
      throw FormatError(
        .badData, path: predictions.path,
        "found the labels \(FormatError.list(Set(predicted).sorted(), limit: 3)), none of which is a "
          + "class of \(truth.path): \(FormatError.list(known.sorted(), limit: 3))")
    }
    let others = columns.probabilities.map(\.name).filter { !known.contains($0) }
    guard others.isEmpty else {
      throw FormatError(
        .badData, path: predictions.path,
        "found probabilities of \(FormatError.list(others, limit: 3)), expected classes of column "
          + "\(FormatError.quoted(columns.target)) of \(truth.path): \(FormatError.list(known.sorted(), limit: 6))",
        remedy: .nameClasses)
    }
  }

  /// The index of the positive class.
  private func positive(of classes: [String]) throws -> Int {
    guard let name = options.positiveClass else { return classes.count - 1 }
    guard let number = classes.firstIndex(of: name) else {
      throw FormatError(
        .badData, path: truth.path,
        "found no class \(FormatError.quoted(name)), expected \(FormatError.list(classes))")
    }
    return number
  }

  /// The predicted classes; numbers are spelled as in the truth.
  private func labels() throws -> [String] {
    let name = options.predictionColumn, names = Set(columns.probabilities.map(\.name))
    let found = LabelColumn(
      name, try predictions.strings(name), asText: true, missing: names.contains("NA") ? [] : options.missing)
    return try found.values.enumerated().map { row, label in
      if let label { return label }
      throw predictions.error(
        row: row, column: try predictions.index(ofColumn: name),
        "found no class in column \(FormatError.quoted(name)), expected one")
    }
  }

  private func probabilities(_ column: String) throws -> [Double] {
    let values = try predictions.doubles(column)
    if let row = values.firstIndex(where: { $0 < -1e-6 || $0 > 1 + 1e-6 }) {
      throw predictions.error(
        row: row, column: try predictions.index(ofColumn: column),
        "found \(values[row]) in column \(FormatError.quoted(column)), expected a probability")
    }
    return values
  }
}
