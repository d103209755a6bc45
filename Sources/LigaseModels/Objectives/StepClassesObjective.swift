import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// One of several classes for every step, such as a residue; each class is one letter.
package struct StepClassesObjective: Objective {
  package static let name = "steps"
  package static let isOfSteps = true
  package var names: [String]
  /// The loss.
  var loss: ClassLoss

  package init(names: [String]) { (self.names, loss) = (names, ClassLoss()) }

  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    self.init(names: examples.examples.target.names)
    let counts = classCounts(examples.examples.observations, rows: rows)
    loss = try ClassLoss(options, names: names, counts: counts)
  }

  package var problem: String? { ClassLoss.problem(names, loss) }
  package var metricName: String { "cross_entropy" }

  package func classCounts(_ observed: Observations, rows: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for row in rows { for label in observed.steps[row] where label >= 0 { counts[Int(label)] += 1 } }
    return counts
  }

  package func initialOutputs(classCounts: [Int]) -> Tensor? { loss.priorLogits(classCounts) }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    let labels = rows.flatMap { targets.steps[$0] }
    return loss(outputs, labels: labels.map { max($0, 0) }, known: labels.map { $0 >= 0 })
  }

  package func link(_ outputs: Tensor) -> Tensor { outputs.softmax() }

  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    var (mean, at) = (CrossEntropyMean(), 0)
    for row in rows {
      for label in observed.steps[row] {
        if label >= 0 { mean.add(predictions[at * count + Int(label)]) }
        at += 1
      }
    }
    return mean.value
  }

  package var columns: [String] { ["prediction"] + names.map { "probability:\($0)" } }

  package func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    try writeClasses(outputs, to: writer)
  }

  /// The letter of the likeliest class.
  package func letter(of outputs: ArraySlice<Float>) -> UInt8 {
    let best = outputs.indexOfLargest ?? outputs.startIndex
    return names[best - outputs.startIndex].utf8.first ?? 0x3F
  }

  package var summary: [(name: String, value: String)] {
    [("target", "a class for every residue: \(names.joined(separator: ", "))")]
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    let truth = rows.map { observed.steps[$0] }, k = count
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
      }, resamples: bootstrap.resamples, seed: bootstrap.seed)
    return JudgedModels(scores: evaluation.scores, summary: evaluation.summary)
  }
}
