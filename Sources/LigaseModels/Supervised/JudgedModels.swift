import LigaseDatasets

/// The scores of several models on the same examples, by the measures of `evaluate`.
public struct JudgedModels: Sendable {
  /// The scores; the group of several values or labels is their name.
  public let scores: [Score]
  /// Tables for people, one a target.
  public let summary: [String]

  /// Judges outputs, K numbers for each of `rows` or for each of their residues.
  public init(
    _ models: [(name: String, outputs: [Float])], examples: Examples, rows: [Int], resamples: Int = 1000,
    seed: UInt64
  ) throws {
    let k = examples.target.count
    let bootstrap = Bootstrap(resamples: resamples, seed: seed)
    var (all, lines): ([Score], [String]) = ([], [])
    let isOneOfSeveral = if case .classes = examples.target { false } else { k > 1 }
    func add(_ scores: [Score], _ task: EvaluationOptions.Task, _ name: String) {
      lines += Evaluation(task: task, target: name, scores: scores).summary
      all += isOneOfSeveral ? scores.map { $0.grouped(under: name) } : scores
    }
    switch (examples.target, examples.observations) {
    case (.classes(let names), .classes(let truth)):
      let predictions = models.map { model in
        (
          model.name,
          ClassPredictions(
            probabilities: (0..<k).map { t in rows.indices.map { Double(model.outputs[$0 * k + t]) } })
        )
      }
      add(
        try ClassificationEvaluation(classes: names, truth: rows.map { truth[$0] }, bootstrap: bootstrap)
          .scores(predictions), .classification, examples.targetName)
    case (.labels(let names), .labels(let truth)):
      for (t, name) in names.enumerated() {
        let known = rows.indices.filter { !truth[rows[$0] * k + t].isNaN }
        let predictions = models.map { model -> (String, ClassPredictions) in
          let yes = known.map { Double(model.outputs[$0 * k + t]) }
          return (model.name, ClassPredictions(probabilities: [yes.map { 1 - $0 }, yes]))
        }
        let labels = known.map { Int32(truth[rows[$0] * k + t]) }
        guard !known.isEmpty else { continue }
        add(
          try ClassificationEvaluation(classes: ["no", "yes"], truth: labels, bootstrap: bootstrap).scores(
            predictions),
          .classification, name)
      }
    case (.values(let scales), .values(let truth)):
      for (t, scale) in scales.enumerated() {
        let known = rows.indices.filter { !truth[rows[$0] * k + t].isNaN }
        guard !known.isEmpty else { continue }
        let evaluation = RegressionEvaluation(
          truth: known.map { Double(truth[rows[$0] * k + t]) }, groupings: [], minimumGroup: 3,
          bootstrap: bootstrap)
        add(
          try evaluation.scores(
            models.map { model in (model.name, known.map { Double(model.outputs[$0 * k + t]) }) }),
          .regression, scale.name)
      }
    case (.residues(let names), .residues(let labels)):
      let truth = rows.map { labels[$0] }
      let evaluation = try ResidueEvaluation(
        classes: names, truth: truth,
        models: models.map { model in
          var at = 0
          return (
            model.name,
            truth.map { sequence in
              sequence.map { _ in
                defer { at += k }
                return Int32(model.outputs[at..<(at + k)].indexOfLargest! - at)
              }
            }
          )
        }, resamples: resamples, seed: seed)
      all += evaluation.scores
      lines += evaluation.summary
    default: preconditionFailure("JudgedModels: observations of another kind than the target")
    }
    scores = all
    summary = lines
  }
}

extension JudgedModels {
  /// The first measure of each model in a few words: `accuracy model 0.957, prior 0.548`.
  public var headline: String {
    let metric = ["q3", "accuracy", "r2", "rmse"].first { m in scores.contains { $0.metric == m } } ?? ""
    let first = scores.first { $0.metric == metric }
    let shown = scores.filter { $0.metric == metric && $0.group == first?.group }
    return "\(metric) "
      + shown.map { "\($0.model) \($0.value.map { "\((($0 * 1000).rounded()) / 1000)" } ?? "-")" }.joined(
        separator: ", ")
  }
}

extension Examples {
  /// What is predicted, for people.
  var targetName: String {
    switch target {
    case .classes, .residues: "class"
    case .labels: "labels"
    case .values(let scales): scales.map(\.name).joined(separator: ", ")
    }
  }
}
