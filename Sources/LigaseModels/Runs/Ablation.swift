import LigaseDatasets

/// Models of some of the inputs, trained and evaluated on the same folds as the whole.
package struct Ablation: Hashable, Sendable {
  /// Its name among the models: `only NAME` or `without NAME`.
  package let name: String
  /// The inputs that it keeps.
  package let inputs: [String]

  private static let (only, without) = ("only ", "without ")

  /// Each input alone, and, of three inputs and more, all without each.
  package static func all(of inputs: [String]) -> [Ablation] {
    guard inputs.count > 1 else { return [] }
    let alone = inputs.map { Ablation(name: only + $0, inputs: [$0]) }
    guard inputs.count > 2 else { return alone }
    return alone + inputs.map { left in Ablation(name: without + left, inputs: inputs.filter { $0 != left }) }
  }

  /// Whether a model of this name is an ablation, whose paired difference from the whole is evaluated.
  static func isAblation(_ name: String) -> Bool { name.hasPrefix(only) || name.hasPrefix(without) }

  /// The suffix of the metric that is the whole model's less the ablation's, on the same rows and resamples.
  static let differenceSuffix = "_difference"

  /// The data with these inputs alone.
  func restricted(_ data: TrainingData) -> TrainingData {
    var data = data
    data.examples.inputs.removeAll { !inputs.contains($0.name) }
    return data
  }

  /// The options of these inputs alone.
  func restricted(_ options: ModelOptions) -> ModelOptions {
    var options = options
    options.inputs = options.inputs.filter { inputs.contains($0.key) }
    options.training.offsets.removeAll { !inputs.contains($0) }
    if inputs.count == 1 { options.fusion = FusionOptions() }
    options.head.isUsed = true
    return options
  }

  /// The paired differences as lines for people.
  package static func summary(_ scores: [Score]) -> [String] {
    scores.filter { $0.metric.hasSuffix(differenceSuffix) && $0.group == "all" }.compactMap { score in
      guard let value = score.value else { return nil }
      func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
      let metric = score.metric.dropLast(differenceSuffix.count)
      let interval = score.low.flatMap { low in score.high.map { " (\(text(low)) to \(text($0)))" } } ?? ""
      return "difference of \(metric), model minus \(score.model): \(text(value))\(interval)"
    }
  }
}
