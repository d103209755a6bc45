import LigaseDatasets

/// The scores of several models on the same examples, with the metrics of `evaluate`.
package struct JudgedModels: Sendable {
  /// The scores; with several values or labels the group is their name.
  package private(set) var scores: [Score]
  /// Aligned tables, one for each target.
  package private(set) var summary: [String]
  /// The scores of each target.
  private var evaluations: [(evaluation: Evaluation, group: String?)] = []

  package init(scores: [Score] = [], summary: [String] = []) {
    (self.scores, self.summary) = (scores, summary)
  }

  /// Adds the scores of one target, with lines for people below its table.
  mutating func add(
    _ scores: [Score], _ task: EvaluationOptions.Task, _ name: String, group: String?, notes: [String] = []
  ) {
    let evaluation = Evaluation(task: task, target: name, scores: scores)
    evaluations.append((evaluation, group))
    summary += evaluation.summary + notes
    self.scores += group.map { group in scores.map { $0.grouped(under: group) } } ?? scores
  }
}

extension JudgedModels {
  /// The means over repeats, with their tables; empty where the repeats have no metric in common.
  package static func mean(of repeats: [JudgedModels]) -> JudgedModels {
    var mean = JudgedModels()
    for (place, (evaluation, group)) in (repeats.first?.evaluations ?? []).enumerated() {
      let scores = Score.means(repeats.map { $0.evaluations[place].evaluation.scores })
      mean.add(scores, evaluation.task, evaluation.target, group: group)
    }
    if mean.evaluations.isEmpty { mean.scores = Score.means(repeats.map(\.scores)) }
    if !mean.summary.isEmpty { mean.summary.insert("mean of \(repeats.count) repeats", at: 0) }
    return mean
  }

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
