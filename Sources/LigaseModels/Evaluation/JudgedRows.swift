import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// The rows of the truth that are evaluated, their predictions, and the rows on which baselines are fitted.
struct JudgedRows {
  /// The evaluated rows of the truth.
  private(set) var judged: [Int] = []
  /// The row of the predictions for each evaluated row.
  private(set) var partners: [Int] = []
  /// The rows of the truth on which baselines are fitted.
  private(set) var fitted: [Int] = []
  /// The reason why `fitted` is empty.
  private(set) var whyNotFitted = ""
  private(set) var notes: [String] = []
  private(set) var warnings: [String] = []

  init(
    predictions: Table, truth: Table, split: Table?, columns: EvaluationColumns, options: EvaluationOptions
  ) throws {
    let measured = columns.measured
    let truthKeys = try truth.keys(columns.keys)
    let predictionKeys = try predictions.keys(columns.keys)
    let join = try Self.naming(truth, predictions) { try KeyJoin(truthKeys, predictionKeys) }
    let joined = measured.indices.filter { measured[$0] && join.partners[$0] >= 0 }
    notes.append(
      "\(predictions.name) \(predictions.rowCount.counted("row")), \(truth.name) "
        + "\(truth.rowCount.counted("row")): \(joined.count.counted("measured row")) joined on "
        + columns.keys.joined(separator: ", "))
    let unmeasured = measured.count { !$0 }
    if unmeasured > 0 {
      notes.append("\(unmeasured.counted("row")) of \(truth.name) without a value of \(columns.target)")
    }
    if !join.unmatchedRight.isEmpty {
      notes.append(
        "\(join.unmatchedRight.count.counted("prediction")) without a row in \(truth.name): "
          + join.unmatchedRight.prefix(3).map(predictionKeys.describe).joined(separator: "; "))
    }
    guard let split else {
      judged = joined
      fitted = measured.indices.filter { measured[$0] && join.partners[$0] < 0 }
      whyNotFitted = "every measured row has a prediction, and there is no split with training rows"
      if !fitted.isEmpty {
        notes.append(
          "baselines are fitted on \(fitted.count.counted("measured row")) without a prediction")
      }
      finish(join)
      try requireRows(truth)
      try noteSeen(predictions, hasSplit: false)
      return
    }
    try judge(split, truth: truth, measured: measured, join: join, options: options)
    try requireRows(truth)
    if options.subset != .train { try noteSeen(predictions, hasSplit: true) }
  }

  private mutating func judge(
    _ table: Table, truth: Table, measured: [Bool], join: KeyJoin, options: EvaluationOptions
  ) throws {
    let part = options.subset
    let split = try Split(table)
    let keys = try truth.keys(
      truth.columnNames.filter { split.keys.column($0) != nil || join.names.contains($0) })
    let resolved = try Self.naming(truth, table) {
      // Validation rows of a model count as training rows here.
      try split.resolved(
        for: keys, fold: options.fold, validationFraction: part == .validation ? 0.1 : 0, seed: options.seed)
    }
    notes += resolved.lines(keys: keys)
    let rows = resolved.rows(of: part).filter { measured[$0] }
    judged = rows.filter { join.partners[$0] >= 0 }
    if judged.count < rows.count {
      let missing = rows.filter { join.partners[$0] < 0 }
      notes.append(
        "\(missing.count.grouped) of \(rows.count.counted("\(part.rawValue) row")) without a prediction: "
          + missing.prefix(3).map(keys.describe).joined(separator: "; "))
    }
    notes.append(
      "evaluated: \(judged.count.counted("\(part.rawValue) row")) of \(table.name) with a prediction")
    fitted = resolved.train.filter { measured[$0] }
    whyNotFitted = "no training row of the split has a measured value"
    notes.append(
      "baselines are fitted on \(fitted.count.counted("row")): "
        + (resolved.fold != nil && part == .test
          ? "all outside fold \(options.fold)" : "the train rows of \(table.name)"))
    finish(join)
  }

  /// Adds a warning where evaluated rows were in the training of the model.
  private mutating func noteSeen(_ predictions: Table, hasSplit: Bool) throws {
    guard predictions.hasColumn(PredictionTable.subsetColumn) else { return }
    let subsets = try predictions.strings(PredictionTable.subsetColumn)
    let counts = [Split.Subset.train, .validation].map { subset in
      (subset.rawValue, partners.count { subsets[$0] == subset.rawValue })
    }.filter { $0.1 > 0 }
    guard !counts.isEmpty else { return }
    warnings.append(
      "\(counts.map { "\($0.1) of the \(partners.count) evaluated rows are \($0.0) rows" }.joined(separator: ", ")) of the "
        + "model that predicted them" + (hasSplit ? ", which was trained with another split" : "")
        + "; the metrics are too optimistic")
  }

  /// Joins two tables; when no row matches, the error names both files.
  private static func naming<Value>(_ left: Table, _ right: Table, _ join: () throws -> Value) throws -> Value
  {
    do { return try join() } catch SplitError.emptyJoin(let empty) {
      throw FormatError(
        .badData, path: right.path,
        "no row matches \(left.name) by \(empty.names.joined(separator: ", ")): it begins with "
          + "\(empty.right.joined(separator: "; ")), \(left.name) with \(empty.left.joined(separator: "; "))")
    }
  }

  private mutating func finish(_ join: KeyJoin) { partners = judged.map { join.partners[$0] } }

  private func requireRows(_ truth: Table) throws {
    if judged.isEmpty {
      throw FormatError(
        .badData, path: truth.path, "no row has both a measured value and a prediction")
    }
  }

  /// The resampling for intervals, with the groups of the evaluated rows.
  func bootstrap(_ truth: Table, _ options: EvaluationOptions) throws -> Bootstrap {
    let groups = try options.resampleBy.map { name in
      try truth.ids(name).selecting(judged).codes
    }
    return Bootstrap(resamples: options.resamples, seed: options.seed, groups: groups)
  }
}

extension Table {
  /// Throws when two predictions with the same ids differ.
  func refuseContradictions(_ keys: [String], _ isSame: (Int, Int) -> Bool) throws {
    let ids = try self.keys(keys)
    let (codes, representatives) = ids.combinations()
    for (row, code) in codes.enumerated() {
      let first = representatives[Int(code)]
      guard first == row || isSame(first, row) else {
        throw FormatError(
          .badData, path: path, line: line(ofRow: row),
          "found a second, different prediction for \(ids.describe(row)); the first is on line "
            + "\(line(ofRow: first))")
      }
    }
  }

  /// The name of the file in messages.
  fileprivate var name: String { path == "-" ? "standard input" : path }
}
