import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

/// Expected gradients of sequences draw from shuffles or from other sequences.
@Suite(.serialized) struct ExpectedGradientsTests {
  private func explained(
    _ model: Model, _ data: TrainingData, _ baseline: ExplanationBaseline, samples: Int, seed: UInt64 = 1,
    method: ExplanationMethod = .gradient(.expectedGradients), position: Int? = nil
  ) throws -> [ExplainedExample] {
    var explainer = Explainer(model, method)
    (explainer.baseline, explainer.position) = (baseline, position)
    (explainer.gradient.samples, explainer.gradient.seed) = (samples, seed)
    var found: [ExplainedExample] = []
    try explainer.explain(data.examples.selecting([0, 3, 4])) { _, one in found.append(one) }
    return found
  }

  private func expectAdditivity(_ found: [ExplainedExample], tolerance: Double) {
    for one in found {
      let sum = one.terms.reduce(0) { $0 + $1.value }, difference = one.score - one.baseline!
      #expect(
        abs(sum - difference) < tolerance * max(abs(difference), 0.1), "\(sum), expected \(difference)")
    }
  }

  /// For every sequence all baselines are drawn equally often, so that sums approach the difference from the mean of their scores,
  /// which is that of integrated gradients.
  @Test func shufflesAndBackground() throws {
    let data = SimulatedExamples.sequences()
    for kind in [EncoderOptions.Kind.cnn, .lstm] {
      let model = try SimulatedExamples.trained(data, SimulatedExamples.options(kind, data, members: 2)).model
      for baseline in [
        ExplanationBaseline.shuffles(20), .examples(data.examples.selecting(Array(10..<35))),
      ] {
        let found = try explained(model, data, baseline, samples: 2000)
        expectAdditivity(found, tolerance: 0.05)
        let integrated = try explained(
          model, data, baseline, samples: 2, method: .gradient(.integratedGradients))
        for (one, other) in zip(found, integrated) {
          #expect(abs(one.baseline! - other.baseline!) < 1e-5)
          let most = other.terms.map { abs($0.value) }.max()!
          for (a, b) in zip(one.terms, other.terms) { #expect(abs(a.value - b.value) < 0.1 * most) }
        }
      }
      // Shuffles are what stands for absent residues unless there is a background.
      let automatic = try explained(model, data, .automatic, samples: 40)
      let shuffled = try explained(model, data, .shuffles(20), samples: 40)
      #expect(automatic.map { $0.terms.map(\.value) } == shuffled.map { $0.terms.map(\.value) })
      let other = try explained(model, data, .automatic, samples: 40, seed: 2)
      #expect(automatic[0].terms.map(\.value) != other[0].terms.map(\.value))
    }
  }

  /// A network of one linear layer has the same gradient everywhere, so that 40 samples of 20 baselines add up.
  @Test func linearNetworksAreExact() throws {
    let data = SimulatedExamples.values()
    var options = SimulatedExamples.options(.linear, data)
    options.encoder.linearWordLength = 1
    let model = try SimulatedExamples.trained(data, options).model
    expectAdditivity(try explained(model, data, .shuffles(20), samples: 40), tolerance: 1e-3)
  }

  @Test func otherLengthsAndOneBaseline() throws {
    let data = SimulatedExamples.sequences(60, lengths: 12...16)
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.lstm, data)).model
    expectAdditivity(try explained(model, data, .automatic, samples: 2000), tolerance: 0.05)
    #expect(throws: ExplanationError.self) {
      try explained(model, data, .examples(data.examples.selecting(Array(10..<35))), samples: 20)
    }
    let series = SimulatedExamples.series()
    let other = try SimulatedExamples.trained(series, SimulatedExamples.options(.lstm, series)).model
    #expect {
      try explained(other, series, .automatic, samples: 20)
    } throws: { error in
      "\(error)".contains("draws from several baselines")
    }
    // At one residue, too.
    let residues = SimulatedExamples.residues()
    let steps = try SimulatedExamples.trained(residues, SimulatedExamples.options(.cnn, residues)).model
    expectAdditivity(try explained(steps, residues, .automatic, samples: 2000, position: 6), tolerance: 0.05)
  }
}
