import LigaseDatasets
import LigaseFormats

/// The evaluations of all that a table predicts: of one target, or of each of several values or labels.
///
/// Several values are columns `prediction:NAME`. Several labels are columns `probability:NAME` for which the truth has a
/// column NAME of 0 and 1 each, or one column of labels joined by `;`; each is judged as two classes, `no` and `yes`.
package struct TargetEvaluations: Sendable {
  /// One for each target, in the order of the predictions' columns.
  package let evaluations: [Evaluation]
  /// What is predicted but has no column in the truth.
  private let unmeasured: [String]

  /// Joins and judges, as ``Evaluation/init(predictions:truth:split:expression:options:)`` does; `options.target` chooses
  /// one of several. What the truth has no column for is not judged, and a note says so.
  package init(
    predictions: Table, truth: Table, split: Table? = nil, expression: ExpressionMatrix? = nil,
    options: EvaluationOptions = EvaluationOptions()
  ) throws {
    let (targets, unmeasured) = try Self.targets(predictions, truth, options)
    self.unmeasured = unmeasured
    evaluations = try targets.map {
      try Evaluation(
        predictions: predictions, truth: truth, split: split, expression: expression, options: $0)
    }
  }

  /// What each evaluation is told, and what the truth has no column for.
  private static func targets(
    _ predictions: Table, _ truth: Table, _ options: EvaluationOptions
  ) throws -> ([EvaluationOptions], [String]) {
    func names(_ prefix: String) -> [String] {
      predictions.columnNames.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    /// Those of several targets that are columns of the truth; nil where none is.
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
    let predicted = Set(try predictions.strings(column)).map(Labels.set)
    let areSets = predicted.contains { $0.count != 1 } && predicted.allSatisfy { known.isSuperset(of: $0) }
    if areSets || labels.allSatisfy(truth.hasColumn),
      let found = columns(labels, { $0.label = .column($1) })
    {
      return found
    }
    let target = try EvaluationColumns.target(predictions, truth, options)
    let measured = Set(try truth.strings(target)).map(Labels.set)
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

  /// The figures; of several targets their names are the groups, before those of classes with a colon.
  package var scores: [Score] {
    guard evaluations.count > 1 else { return evaluations.flatMap(\.scores) }
    return evaluations.flatMap { evaluation in evaluation.scores.map { $0.grouped(under: evaluation.target) }
    }
  }

  /// Lines for people, each once.
  package var notes: [String] {
    var lines: [String] = []
    for line in evaluations.flatMap(\.notes) where !lines.contains(line) { lines.append(line) }
    if !unmeasured.isEmpty {
      lines.append("not judged, as the truth has no column: \(FormatError.list(unmeasured))")
    }
    return lines
  }

  /// Tables for people, one a target.
  package var summary: [String] { evaluations.flatMap(\.summary) }

  /// Writes the scores as strict TSV with ``Evaluation/columns``.
  package func write(to output: OutputFile) throws { try Evaluation.write(scores, to: output) }

  /// The scores as one JSON object: of one target as ``Evaluation/json()``, of several `{"targets": […]}` of such.
  package func json() throws -> String {
    if evaluations.count == 1 { return try evaluations[0].json() }
    return try ModelFile.json(["targets": evaluations.map(\.document)], pretty: true)
  }
}

extension Score {
  /// The score among those of several targets: its group is the target's name, before a class with a colon.
  func grouped(under name: String) -> Score {
    var named = self
    named.group = group == "all" ? name : "\(name):\(group)"
    return named
  }
}
