import Glibc
import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

/// Explanations of the output at one residue, of models with an output for every residue.
@Suite(.serialized) struct ResidueExplanationTests {
  /// The predicted class at a position, and its logit.
  private func expected(_ model: Model, _ data: TrainingData, row: Int, position: Int) -> (
    output: Int, score: Double
  ) {
    let inputs = PreparedExamples(data.examples, as: model.manifest.inputs).inputs
    let all = model.predict(inputs, rows: [row]), k = model.outputNames.count
    let own = Array(all[((position - 1) * k)..<(position * k)])
    let best = own.indices.max { own[$0] < own[$1] }!
    return (best, log(Double(own[best])) - log1p(-Double(own[best])))
  }

  private func explained(
    _ model: Model, _ data: TrainingData, _ method: ExplanationMethod, position: Int?, steps: Int = 64
  ) throws -> [ExplainedExample] {
    var explainer = Explainer(model, method)
    explainer.position = position
    explainer.gradient.steps = steps
    (explainer.gradient.samples, explainer.orders, explainer.coalitions, explainer.lime.samples) = (
      20, 4, 200, 60
    )
    var found: [ExplainedExample] = []
    try explainer.explain(data.examples.selecting([0, 3, 4])) { _, one in found.append(one) }
    return found
  }

  @Test(arguments: [
    EncoderOptions.Kind.lstm, .gru, .cnn, .cnnLSTM, .dilatedCNN, .mlp, .linear, .layers,
  ])
  func everyArchitecture(_ kind: EncoderOptions.Kind) throws {
    let data = SimulatedExamples.residues()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(kind, data, members: 2)).model
    for position in [1, 7, 10] {
      // From no residue normalised numbers change fast.
      let found = try explained(model, data, .gradient(.integratedGradients), position: position, steps: 500)
      for (one, row) in zip(found, [0, 3, 4]) {
        let (output, score) = expected(model, data, row: row, position: position)
        #expect(one.output == output)
        #expect(abs(one.score - score) < 1e-4 * max(1, abs(score)), "\(one.score), predicted \(score)")
        #expect(one.terms.count == data.sequences[row].count)
        let sum = one.terms.reduce(0) { $0 + $1.value }, difference = one.score - one.baseline!
        #expect(abs(sum - difference) < 0.02 * max(abs(difference), 0.1), "\(sum), expected \(difference)")
        // Linear layers read each residue by itself.
        if kind == .linear || kind == .mlp {
          #expect(one.terms.allSatisfy { $0.position == position || $0.value == 0 })
        }
      }
    }
  }

  @Test func everyMethod() throws {
    let data = SimulatedExamples.residues()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.cnn, data)).model
    for method in ExplanationMethod.allCases where method != .gradient(.expectedGradients) {
      let position = 8, found = try explained(model, data, method, position: position)
      for (one, row) in zip(found, [0, 3, 4]) {
        let (output, score) = expected(model, data, row: row, position: position)
        #expect(one.output == output && abs(one.score - score) < 1e-4 * max(1, abs(score)))
        #expect(one.terms.count == data.sequences[row].count)
        guard method.addsUp else { continue }
        let sum = one.terms.reduce(0) { $0 + $1.value }, difference = one.score - one.baseline!
        #expect(
          abs(sum - difference) < 0.02 * max(abs(difference), 0.1),
          "\(method.rawValue): \(sum), expected \(difference)")
      }
    }
  }

  /// Sequences that predictions read in windows are explained as wholes, with the same scores.
  @Test func windowsOfTimeSteps() throws {
    let data = SimulatedExamples.residues()
    var options = SimulatedExamples.options(.lstm, data)
    options.walkInWindows(of: 4, kind: .lstm)
    let model = try SimulatedExamples.trained(data, options).model
    let found = try explained(model, data, .gradient(.integratedGradients), position: 9)
    for (one, row) in zip(found, [0, 3, 4]) {
      let score = expected(model, data, row: row, position: 9).score
      #expect(abs(one.score - score) < 1e-4 * max(1, abs(score)))
      #expect(one.gap! < 0.02)
      // The output depends on residues of earlier windows, and on none that follow.
      #expect(one.terms[0].value != 0 && one.terms.dropFirst(9).allSatisfy { $0.value == 0 })
    }
  }

  @Test func positionsThatAreNotThere() throws {
    let data = SimulatedExamples.residues()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.cnn, data)).model
    let length = [0, 3, 4].map { data.sequences[$0].count }.min()!
    let short = [0, 3, 4].first { data.sequences[$0].count == length }!
    #expect(
      throws: ExplanationError(
        "found \(length) steps in s\(short), expected at least \(length + 1): the output at this position is explained"
      )
    ) { try explained(model, data, .perturbation(.occlusion), position: length + 1) }
    #expect(throws: ExplanationError.self) {
      try explained(model, data, .perturbation(.occlusion), position: nil)
    }
    let whole = SimulatedExamples.sequences()
    let other = try SimulatedExamples.trained(whole, SimulatedExamples.options(.cnn, whole)).model
    #expect(throws: ExplanationError.self) {
      try explained(other, whole, .perturbation(.occlusion), position: 3)
    }
  }
}
