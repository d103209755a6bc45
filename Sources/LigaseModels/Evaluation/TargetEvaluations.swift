import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// The evaluations of all targets of a table of predictions: one target, or each of several values or labels.
///
/// Several values are columns `prediction:NAME`. Several labels are columns `probability:NAME` for which the
/// truth has a column NAME of 0 and 1 each, or one column of labels joined by `;`; each is evaluated as two
/// classes, `no` and `yes`.
package struct TargetEvaluations: Sendable {
  /// The evaluation of each target, in the order of the predictions' columns; with repeats, once for each
  /// repeat.
  package let evaluations: [Evaluation]
  /// The repeat of each evaluation, where the predictions have a `repeat` column.
  private let repeats: [String]?
  /// The targets without a column in the truth.
  private let unmeasured: [String]
  private let naming: String?

  /// Joins and evaluates, as ``Evaluation/init(predictions:truth:split:expression:options:)`` does;
  /// `options.target` selects one of several targets. Targets without a column in the truth are skipped, with
  /// a note. The repeats of a cross-validation are evaluated separately.
  package init(
    predictions: Table, truth: Table, split: Table? = nil, expression: ExpressionMatrix? = nil,
    options: EvaluationOptions = EvaluationOptions()
  ) throws {
    let (truth, naming) = try EvaluationColumns.naming(truth, as: predictions, options)
    let (targets, unmeasured) = try Self.targets(predictions, truth, options)
    (self.unmeasured, self.naming) = (unmeasured, naming)
    let column = CrossValidationTable.repeatColumn
    let hasRepeats = predictions.hasColumn(column) && options.keys?.contains(column) != true
    let numbers = hasRepeats ? try predictions.strings(column) : []
    let tables =
      hasRepeats
      ? Labels.order(Set(numbers)).map { name in
        (name, predictions.selecting(rows: numbers.indices.filter { numbers[$0] == name }))
      } : [("", predictions)]
    repeats = hasRepeats ? tables.flatMap { table in targets.map { _ in table.0 } } : nil
    evaluations = try tables.flatMap { table in
      try targets.map {
        try Evaluation(
          predictions: table.1, truth: truth, split: split, expression: expression, options: $0)
      }
    }
  }

  /// The options of each evaluation, and the targets without a column in the truth.
  private static func targets(
    _ predictions: Table, _ truth: Table, _ options: EvaluationOptions
  ) throws -> ([EvaluationOptions], [String]) {
    func names(_ prefix: String) -> [String] {
      predictions.columnNames.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    /// The options for the targets that are columns of the truth, and the other targets; nil where none is.
    func columns(_ all: [String], _ change: (inout EvaluationOptions, String) -> Void)
      -> ([EvaluationOptions], [String])?
    {
      let wanted = all.filter { options.target ?? $0 == $0 }
      let found = wanted.filter(truth.hasColumn).map { name in
        var one = options
        one.target = name
        change(&one, name)
        return one
      }
      return found.isEmpty ? nil : (found, wanted.filter { !truth.hasColumn($0) })
    }
    let column = options.predictionColumn
    let values = predictions.hasColumn(column) ? [] : names(column + ":")
    if options.task != .classification, let first = values.first {
      if let found = columns(values, { $0.predictionColumn = "\(column):\($1)" }) { return found }
      _ = try truth.index(ofColumn: options.target ?? first)
    }
    let labels = names(EvaluationColumns.probabilityPrefix), known = Set(labels)
    guard options.task != .regression, !labels.isEmpty, predictions.hasColumn(column) else {
      return ([options], [])
    }
    // A text that has its own column of probabilities is one class, whatever characters it contains.
    func sets(_ texts: [String]) -> [[String]] {
      Set(texts).map { known.contains($0) ? [$0] : Labels.set($0, options.missing) }
    }
    let predicted = sets(try predictions.strings(column))
    let areSets = predicted.contains { $0.count != 1 } && predicted.allSatisfy { known.isSuperset(of: $0) }
    if areSets || labels.allSatisfy(truth.hasColumn),
      let found = columns(labels, { $0.label = .column($1) })
    {
      return found
    }
    let target = try EvaluationColumns.target(predictions, truth, options)
    let measured = sets(try truth.strings(target))
    guard areSets || measured.contains(where: { $0.count > 1 }) && measured.allSatisfy(known.isSuperset)
    else {
      return ([options], [])
    }
    if measured.allSatisfy(known.isDisjoint) {
      throw FormatError(
        .badData, path: truth.path,
        "found the labels \(FormatError.list(Set(measured.joined()).sorted(), limit: 3)) in column "
          + "\(FormatError.quoted(target)), expected some of the predictions': \(FormatError.list(labels))")
    }
    return (
      labels.map { name in
        var one = options
        (one.target, one.label) = (target, .member(name))
        return one
      }, []
    )
  }

  /// The number of evaluated targets.
  private var targetCount: Int { Set(evaluations.map(\.target)).count }

  /// The scores of each evaluation; with several targets the group is the target's name, followed by a colon
  /// and the class.
  package var scores: [Score] { evaluations.flatMap(scores) }

  private func scores(of evaluation: Evaluation) -> [Score] {
    guard targetCount > 1 else { return evaluation.scores }
    return evaluation.scores.map { $0.grouped(under: evaluation.target) }
  }

  /// The notes, without duplicates.
  package var notes: [String] {
    var lines = [naming].compactMap { $0 }
    for line in evaluations.flatMap(\.notes) where !lines.contains(line) { lines.append(line) }
    if !unmeasured.isEmpty {
      lines.append("not evaluated, because the truth lacks their columns: \(FormatError.list(unmeasured))")
    }
    return lines
  }

  /// The warnings, without duplicates.
  package var warnings: [String] {
    var lines: [String] = []
    for line in evaluations.flatMap(\.warnings) where !lines.contains(line) { lines.append(line) }
    return lines
  }

  /// Aligned tables, one for each target and repeat; then those of the means over the repeats.
  package var summary: [String] {
    evaluations.indices.flatMap { i in
      (repeats.map { ["repeat \($0[i])"] } ?? []) + evaluations[i].summary
    } + means.flatMap { ["mean of the repeats"] + $0.summary }
  }

  /// The means over the repeats for each target; empty for a single repeat.
  private var means: [Evaluation] {
    guard let repeats, Set(repeats).count > 1 else { return [] }
    return (0..<targetCount).map { target in
      let own = stride(from: target, to: evaluations.count, by: targetCount).map { evaluations[$0] }
      return Evaluation(task: own[0].task, target: own[0].target, scores: Score.means(own.map(\.scores)))
    }
  }

  /// Writes the scores as strict TSV with ``Evaluation/columns``, preceded by `repeat` where there are
  /// several.
  package func write(to output: OutputFile) throws {
    guard let repeats else { return try Evaluation.write(scores, to: output) }
    let writer = try TSVWriter(output, columns: [CrossValidationTable.repeatColumn] + Evaluation.columns)
    for (name, evaluation) in Array(zip(repeats, evaluations)) + means.map({ (Score.mean, $0) }) {
      for score in scores(of: evaluation) {
        try writer.field(name)
        try Evaluation.write(score, to: writer)
      }
    }
  }

  /// The scores as one JSON object: ``Evaluation/json()`` for one target, `{"targets": […]}` for several, and
  /// `{"repeats": […], "means": […]}` for repeats.
  package func json() throws -> String {
    if evaluations.count == 1 { return try evaluations[0].json() }
    let documents = evaluations.map(\.document)
    guard repeats != nil else { return try ModelFile.json(["targets": documents], pretty: true) }
    return try ModelFile.json(["repeats": documents, "means": means.map(\.document)], pretty: true)
  }
}

extension Score {
  /// The score with the name of the target in its group, followed by a colon and the class.
  func grouped(under name: String) -> Score {
    var named = self
    named.group = group == "all" ? name : "\(name):\(group)"
    return named
  }
}
