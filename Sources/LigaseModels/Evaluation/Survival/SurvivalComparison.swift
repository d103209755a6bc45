import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// A table of predicted times to an event compared with observed ones: the scores of ``SurvivalEvaluation``, and the log-rank test
/// of the predicted risk groups.
package struct SurvivalComparison: Sendable {
  /// The columns that predictions have besides keys.
  static let survivalPrefix = "survival:"
  static let censoringPrefix = "censoring:"
  static let groupColumn = "risk_group"
  static let medianColumn = "median"

  /// The scores; those of several repeats have the repeat before them in the output.
  package private(set) var scores: [(repeat: String?, score: Score)] = []
  /// Tables for people.
  package private(set) var summary: [String] = []
  /// Lines for people.
  package private(set) var notes: [String] = []
  /// Warnings.
  package private(set) var warnings: [String] = []
  private var judged: [JudgedModels] = []

  /// Joins and evaluates.
  ///
  /// - Throws: `FormatError` and `JoinError` for tables that do not fit.
  package init(
    predictions: Table, truth: Table, labels: SurvivalLabels, split: Table?, options: EvaluationOptions
  ) throws {
    for name in labels.columns { _ = try truth.index(ofColumn: name) }
    let (truth, naming) = try EvaluationColumns.naming(truth, as: predictions, options)
    notes += [naming].compactMap { $0 }
    let columns = Columns(predictions)
    let keys = try options.keys ?? Self.keys(predictions, truth, labels, options)
    let texts = try labels.columns.map { (name: $0, values: try truth.strings($0)) }
    let reading = Labels.Reading(survival: labels)
    var rows = Labels.labelled(texts, reading)
    let known = rows
    var trained: [Int] = []
    if let split {
      let splitKeys = try truth.keys(truth.columnNames.filter { split.hasColumn($0) || keys.contains($0) })
      let resolved = try Split(split).resolved(
        for: splitKeys, fold: options.fold, validationFraction: 0, seed: options.seed)
      let chosen = Set(resolved.rows(of: options.subset)), learned = Set(resolved.train)
      trained = rows.filter(learned.contains)
      rows = rows.filter(chosen.contains)
    }
    let target = try Labels.target(
      texts.map { text in (text.name, (rows + trained).map { text.values[$0] }) }, reading
    ) { "row \((rows + trained)[$0] + 1)" }
    let observed = SurvivalTimes(target.observations, Array(0..<(rows.count + trained.count)))
    let allKeys = try truth.keys(keys), predictedKeys = try predictions.keys(keys)
    let (truthKeys, knownKeys) = (allKeys.selecting(rows: rows), allKeys.selecting(rows: known))
    let compared = [options.predictionColumn] + columns.times.map(\.column)
    let fields = try compared.map { try predictions.strings($0) }
    try predictions.refuseContradictions(
      keys
        + (predictions.hasColumn(CrossValidationTable.repeatColumn)
          ? [CrossValidationTable.repeatColumn] : [])
    ) { first, second in fields.allSatisfy { $0[first] == $0[second] } }
    let groups = try options.resampleBy.map { try truth.ids($0) }
    var used: [Int] = []
    for (name, own) in try Self.repeats(predictions) {
      let join = try KeyJoin(truthKeys, predictedKeys.selecting(rows: own))
      let joined = rows.indices.filter { join.partners[$0] >= 0 }
      // Predictions of other subsets have an observed time, too.
      let all = split == nil ? join : try KeyJoin(knownKeys, predictedKeys.selecting(rows: own))
      notes.append(
        "\(name.map { "repeat \($0): " } ?? "")\(joined.count.counted("row")) joined on \(keys.joined(separator: ", "))"
          + (all.unmatchedRight.isEmpty
            ? "" : "; \(all.unmatchedRight.count.counted("prediction")) without an observed time")
          + (join.unmatchedLeft.isEmpty
            ? "" : "; \(join.unmatchedLeft.count.counted("observed time")) without a prediction"))
      used += joined.map { own[join.partners[$0]] }
      try evaluate(
        name, predictions, joined.map { own[join.partners[$0]] }, observed.selecting(rows: joined),
        trained: observed.selecting(rows: trained.indices.map { rows.count + $0 }), columns, labels.time,
        options, groups.map { $0.selecting(joined.map { rows[$0] }).codes })
    }
    if judged.count > 1 {
      let mean = JudgedModels.mean(of: judged)
      summary += mean.summary
      scores += mean.scores.map { (Score.mean, $0) }
    }
    try noteSeen(predictions, used)
  }

  private mutating func evaluate(
    _ name: String?, _ predictions: Table, _ rows: [Int], _ truth: SurvivalTimes, trained: SurvivalTimes,
    _ columns: Columns, _ target: String, _ options: EvaluationOptions, _ groups: [Int32]?
  ) throws {
    func numbers(_ column: String) throws -> [Double] {
      let all = try predictions.doubles(column)
      return rows.map { all[$0] }
    }
    let (censoring, source) = try self.censoring(predictions, rows, truth, trained, columns)
    let evaluation = SurvivalEvaluation(
      truth: truth, censoring: censoring, censoringSource: source, times: columns.times.map(\.time),
      bootstrap: Bootstrap(resamples: options.resamples, seed: options.seed, groups: groups))
    var models = [
      SurvivalPredictions(
        name: "model", risk: try numbers(options.predictionColumn),
        survival: columns.times.isEmpty ? nil : try columns.times.map { try numbers($0.column) })
    ]
    if trained.events.contains(true) {
      let curve = KaplanMeier.survival(of: trained)
      models.append(
        SurvivalPredictions(
          name: KaplanMeierBaseline.name, risk: [Double](repeating: 0, count: rows.count),
          survival: columns.times.map { [Double](repeating: curve.value(at: $0.time), count: rows.count) }))
    }
    let judged = try evaluation.judged(models, target: target)
    self.judged.append(judged)
    if let name { summary.append("repeat \(name)") }
    summary += judged.summary
    scores += judged.scores.map { (name, $0) }
    try compareGroups(name, predictions, rows, truth)
  }

  /// The censoring curve that predictions carry, of the training rows of the split, or of the evaluated rows.
  private func censoring(
    _ predictions: Table, _ rows: [Int], _ truth: SurvivalTimes, _ trained: SurvivalTimes, _ columns: Columns
  ) throws -> (StepCurve, String) {
    if !columns.censoring.isEmpty, let first = rows.first {
      let knots =
        try [(0.0, 1.0)] + columns.censoring.map { ($0.time, try predictions.doubles($0.column)[first]) }
      let times = Set(truth.times).union(columns.times.map(\.time)).sorted()
      return (
        StepCurve(times: times, values: times.map { Self.interpolated(knots, $0) }, initial: 1),
        "training data of the model"
      )
    }
    if trained.count > 0 { return (KaplanMeier.censoring(of: trained), "training rows of the split") }
    return (KaplanMeier.censoring(of: truth), "evaluated rows")
  }

  /// A value between knots, linear in time; that of the last knot beyond it.
  private static func interpolated(_ knots: [(time: Double, value: Double)], _ time: Double) -> Double {
    guard let next = knots.firstIndex(where: { $0.time >= time }) else { return knots.last!.value }
    guard next > 0 else { return knots[0].value }
    let (a, b) = (knots[next - 1], knots[next])
    return a.value + (b.value - a.value) * (time - a.time) / (b.time - a.time)
  }

  /// The log-rank test of the predicted risk groups.
  private mutating func compareGroups(
    _ name: String?, _ predictions: Table, _ rows: [Int], _ truth: SurvivalTimes
  ) throws {
    guard predictions.hasColumn(Self.groupColumn) else { return }
    let all = try predictions.strings(Self.groupColumn), column = KeyColumn("", rows.map { all[$0] })
    guard column.ids.count > 1, let test = LogRank.test(groups: column.codes.map { Int($0) }, of: truth)
    else { return }
    for (metric, value) in [("logrank_chi2", test.statistic), ("logrank_p", test.pValue)] {
      scores.append(
        (name, Score(model: "model", group: Self.groupColumn, metric: metric, value: value, n: rows.count)))
    }
    let order = SurvivalObjective.groups.filter(column.ids.contains)
    for group in order + column.ids.filter({ !order.contains($0) }) {
      let own = truth.selecting(rows: rows.indices.filter { column[$0] == group })
      let median = KaplanMeier.median(KaplanMeier.survival(of: own))
      summary.append(
        "risk group \(group): \(own.count.counted("row")), \(own.events.count { $0 }.counted("event")), median time "
          + (median.map { SurvivalObjective.text(Float($0)) } ?? "not reached"))
    }
    summary.append(
      "log-rank test of the risk groups: chi-square \(Float(test.statistic)), p = \(Float(test.pValue))")
  }

  private mutating func noteSeen(_ predictions: Table, _ rows: [Int]) throws {
    guard predictions.hasColumn(PredictionTable.subsetColumn) else { return }
    let subsets = try predictions.strings(PredictionTable.subsetColumn)
    let seen = rows.count { subsets[$0] == Split.Subset.train.rawValue }
    guard seen > 0 else { return }
    warnings.append(
      "\(seen) of the \(rows.count) evaluated rows are train rows of the model that predicted them; the metrics are too optimistic"
    )
  }

  /// The rows of each repeat; without repeats all rows.
  private static func repeats(_ predictions: Table) throws -> [(name: String?, rows: [Int])] {
    guard predictions.hasColumn(CrossValidationTable.repeatColumn) else {
      return [(nil, Array(0..<predictions.rowCount))]
    }
    let column = KeyColumn("", try predictions.strings(CrossValidationTable.repeatColumn))
    return column.ids.enumerated().map { code, name in
      (name, column.codes.indices.filter { column.codes[$0] == Int32(code) })
    }
  }

  private static func keys(
    _ predictions: Table, _ truth: Table, _ labels: SurvivalLabels, _ options: EvaluationOptions
  ) throws -> [String] {
    let made = EvaluationColumns.descriptive.union(
      labels.columns + [options.predictionColumn, groupColumn, medianColumn])
    let keys = truth.columnNames.filter { predictions.hasColumn($0) && !made.contains($0) }
    guard !keys.isEmpty else {
      throw FormatError(
        .badData, path: predictions.path,
        "found no key column in common with \(truth.path): one has \(FormatError.list(predictions.columnNames)), "
          + "the other \(FormatError.list(truth.columnNames))")
    }
    return keys
  }

  /// The columns of survival and of censoring, with their times.
  private struct Columns {
    let times: [(time: Double, column: String)]
    let censoring: [(time: Double, column: String)]

    init(_ predictions: Table) {
      func found(_ prefix: String) -> [(time: Double, column: String)] {
        predictions.columnNames.compactMap { name in
          name.hasPrefix(prefix) ? Double(name.dropFirst(prefix.count)).map { ($0, name) } : nil
        }.sorted { $0.time < $1.time }
      }
      times = found(SurvivalComparison.survivalPrefix)
      censoring = found(SurvivalComparison.censoringPrefix)
    }
  }

  /// Writes the scores as strict TSV.
  package func write(to output: OutputFile) throws {
    let hasRepeats = scores.contains { $0.repeat != nil }
    let writer = try TSVWriter(
      output, columns: (hasRepeats ? [CrossValidationTable.repeatColumn] : []) + Evaluation.columns)
    for (name, score) in scores {
      if hasRepeats { try writer.field(name ?? "") }
      try Evaluation.write(score, to: writer)
    }
  }

  /// The scores as one JSON object.
  package func json() throws -> String {
    try ModelFile.json(["scores": scores.map(\.score)], pretty: true)
  }
}
