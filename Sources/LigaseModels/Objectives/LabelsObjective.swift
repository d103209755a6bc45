import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// Any of several labels, each present or absent: logistic functions and binary cross-entropy.
package struct LabelsObjective: Objective {
  package static let name = "labels"
  package static let isOfSteps = false
  package var names: [String]
  /// The weight of the presence of each label; nil for equal weights.
  var positiveWeights: [Float]?
  /// The focusing exponent of a focal loss; nil for cross-entropy.
  var focus: Float?

  package init(names: [String]) { self.names = names }

  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    names = examples.examples.target.names
    try options.requireLoss(.standard, .focal, of: "labels")
    focus = options.loss.name == .focal ? options.loss.gamma : nil
    guard options.balancesClasses else { return }
    let observed = examples.examples.observations
    positiveWeights = names.indices.map { t in
      let known = rows.map { observed.numbers[$0 * observed.width + t] }.filter { !$0.isNaN }
      let yes = known.count { $0 > 0.5 }
      return yes == 0 || yes == known.count ? 1 : Float(known.count - yes) / Float(yes)
    }
  }

  package var problem: String? {
    if Set(names).count < names.count { return "found two outputs of one name" }
    if let positiveWeights, positiveWeights.count != names.count { return "found weights of other labels" }
    return names.isEmpty ? "found no label" : nil
  }
  package var metricName: String { "cross_entropy" }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    let (values, weights) = known(targets, rows: rows)
    if let focus {
      return LossSum.binaryFocal(
        logits: outputs, values, gamma: focus, positiveWeights: positiveWeights.map { Tensor($0) },
        weighting: weights)
    }
    return LossSum.binaryCrossEntropy(
      logits: outputs, values, positiveWeights: positiveWeights.map { Tensor($0) }, weighting: weights)
  }

  package func link(_ outputs: Tensor) -> Tensor { outputs.sigmoid() }

  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    var mean = CrossEntropyMean()
    for (i, row) in rows.enumerated() {
      for t in 0..<count {
        let truth = observed.numbers[row * count + t], p = predictions[i * count + t]
        if !truth.isNaN { mean.add(truth > 0.5 ? p : 1 - p) }
      }
    }
    return mean.value
  }

  package var columns: [String] { ["prediction"] + names.map { "probability:\($0)" } }

  /// Writes the labels with a probability of at least one half, joined by `;`, and all probabilities.
  package func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    try writer.field(zip(names, outputs).filter { $1 >= 0.5 }.map(\.0).joined(separator: ";"))
    for value in outputs { writer.field(value) }
  }

  package var summary: [(name: String, value: String)] {
    [("target", "any of \(names.count) labels: \(FormatError.list(names, limit: 12))")]
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    var judged = JudgedModels()
    for (t, name) in names.enumerated() {
      let known = rows.indices.filter { !observed.numbers[rows[$0] * count + t].isNaN }
      guard !known.isEmpty else { continue }
      let predictions = models.map { model -> (String, ClassPredictions) in
        let yes = known.map { Double(model.outputs[$0 * count + t]) }
        return (model.name, ClassPredictions(probabilities: [yes.map { 1 - $0 }, yes]))
      }
      let truth = known.map { Int32(observed.numbers[rows[$0] * count + t]) }
      judged.add(
        try ClassificationEvaluation(classes: ["no", "yes"], truth: truth, bootstrap: bootstrap).scores(
          predictions), .classification, name, group: count > 1 ? name : nil)
    }
    return judged
  }
}
