import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// One of several classes for every step, such as a residue; each class of residues is one letter.
package struct StepClassesObjective: ClassObjective {
  package static let name = "steps"
  package static let isOfSteps = true
  package var names: [String]
  var loss = ClassLoss()

  /// The column of the classes in a table of steps; nil for residues.
  var column: String?

  package init(names: [String]) { self.names = names }

  package init(unfitted target: TargetDescription) {
    (names, column) = (target.names, target.columns.first)
  }

  package func classCounts(_ observed: Observations, rows: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for row in rows { for label in observed.steps[row] where label >= 0 { counts[Int(label)] += 1 } }
    return counts
  }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    loss(outputs, of: rows.flatMap { targets.steps[$0] })
  }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int], steps: Range<Int>) -> LossSum {
    loss(outputs, of: rows.flatMap { targets.steps[$0].dropFirst(steps.lowerBound).prefix(steps.count) })
  }

  private func loss(_ outputs: Tensor, of labels: [Int32]) -> LossSum {
    loss(outputs, labels: labels.map { max($0, 0) }, known: labels.map { $0 >= 0 })
  }

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

  package func score(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> (
    name: String, value: Double
  )? {
    var (at, right, known) = (0, 0, 0)
    for label in rows.lazy.flatMap({ observed.steps[$0] }) {
      defer { at += count }
      guard label >= 0 else { continue }
      known += 1
      if predictions[at..<(at + count)].indexOfLargest.map({ $0 - at }) == Int(label) { right += 1 }
    }
    return known > 0 ? ("accuracy", Double(right) / Double(known)) : nil
  }

  /// Returns the letter of the most probable class.
  package func letter(of outputs: ArraySlice<Float>) -> UInt8 {
    let best = outputs.indexOfLargest ?? outputs.startIndex
    return names[best - outputs.startIndex].utf8.first ?? 0x3F
  }

  package var summary: [(name: String, value: String)] {
    [
      (
        "target",
        "\(column.map { "\($0), " } ?? "")a class for every \(column == nil ? "residue" : "step"): "
          + names.joined(separator: ", ")
      )
    ]
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
      }, resamples: bootstrap.resamples, seed: bootstrap.seed, column: column)
    return JudgedModels(scores: evaluation.scores, summary: evaluation.summary)
  }
}
