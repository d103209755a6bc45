import LigaseDatasets

/// The scores of several models on the same examples, with the metrics of `evaluate`.
package struct JudgedModels: Sendable {
  /// The scores; with several values or labels the group is their name.
  package private(set) var scores: [Score]
  /// Aligned tables, one for each target.
  package private(set) var summary: [String]

  package init(scores: [Score] = [], summary: [String] = []) {
    (self.scores, self.summary) = (scores, summary)
  }

  /// Adds the scores of one target, with lines for people below its table.
  mutating func add(
    _ scores: [Score], _ task: EvaluationOptions.Task, _ name: String, group: String?, notes: [String] = []
  ) {
    summary += Evaluation(task: task, target: name, scores: scores).summary + notes
    self.scores += group.map { group in scores.map { $0.grouped(under: group) } } ?? scores
  }
}

extension JudgedModels {
  /// The main metric of each model: `accuracy model 0.957, prior 0.548`.
  package var headline: String {
    let metric =
      ["q3", "accuracy", "concordance", "mase", "r2", "rmse"].first { m in scores.contains { $0.metric == m }
      } ?? ""
    let first = scores.first { $0.metric == metric }
    let shown = scores.filter { $0.metric == metric && $0.group == first?.group }
    return "\(metric) "
      + shown.map { "\($0.model) \($0.value.map { "\((($0 * 1000).rounded()) / 1000)" } ?? "-")" }.joined(
        separator: ", ")
  }
}
