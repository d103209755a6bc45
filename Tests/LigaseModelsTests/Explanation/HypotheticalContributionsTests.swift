import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

/// Hypothetical contributions are attributions of letters that are not there.
@Suite(.serialized) struct HypotheticalContributionsTests {
  private func explained(
    _ model: Model, _ examples: Examples, _ method: GradientMethod, _ baseline: ExplanationBaseline = .zeros
  ) throws -> [ExplainedExample] {
    var explainer = Explainer(model, .gradient(method))
    (explainer.baseline, explainer.output, explainer.letters) = (baseline, 0, Array("ACGT".utf8))
    explainer.gradient.samples = 40
    var found: [ExplainedExample] = []
    try explainer.explain(examples) { _, one in found.append(one) }
    return found
  }

  private func model(
    _ data: TrainingData, _ kind: EncoderOptions.Kind, bothStrands: Bool = false
  ) throws -> Model {
    var options = SimulatedExamples.options(kind, data, members: 2)
    if kind == .linear { options.encoder.linearWordLength = 1 }
    options.sequence.usesBothStrands = bothStrands
    return try SimulatedExamples.trained(data, options).model
  }

  /// A linear network has the same factors whatever stands there, so that a letter has its contribution once it is put there.
  @Test(arguments: [false, true]) func lettersThatArePutThere(_ bothStrands: Bool) throws {
    let data = SimulatedExamples.values(), model = try model(data, .linear, bothStrands: bothStrands)
    for method in [GradientMethod.integratedGradients, .expectedGradients, .deepLIFT] {
      let one = try explained(model, data.examples.selecting([3]), method)[0]
      let table = try #require(one.hypothetical)
      #expect(table.count == 16 && table.allSatisfy { $0.count == 4 })
      for (letter, byte) in "ACGT".utf8.enumerated() {
        var other = data
        for position in [0, 6, 15] { other.sequences[3][position] = byte }
        let changed = try explained(model, other.examples.selecting([3]), method)[0]
        for position in [0, 6, 15] {
          let (found, expected) = (Double(table[position][letter]), changed.terms[position].value)
          #expect(
            abs(found - expected) < 1e-4 * max(0.1, abs(expected)),
            "\(method.rawValue): \(found), \(expected)")
        }
      }
      #expect(table.contains { Set($0).count == 4 })
    }
  }

  /// Of the letters that are there, hypothetical contributions are the attributions, whatever the baseline and the strands.
  @Test func lettersThatAreThere() throws {
    let data = SimulatedExamples.sequences(60, lengths: 24...24)
    for (kind, method) in [
      (EncoderOptions.Kind.cnn, GradientMethod.integratedGradients), (.lstm, .expectedGradients),
      (.mlp, .deepLIFT),
    ] {
      let model = try model(data, kind, bothStrands: true)
      for baseline in [ExplanationBaseline.zeros, .shuffles(3)] {
        for (row, one) in try explained(model, data.examples.selecting([0, 1]), method, baseline).enumerated()
        {
          let table = try #require(one.hypothetical)
          let most = one.terms.map { abs($0.value) }.max()!
          for (term, (letters, base)) in zip(one.terms, zip(table, data.sequences[row])) {
            let here = letters[Array("ACGT".utf8).firstIndex(of: base)!]
            #expect(abs(Double(here) - term.value) < 1e-4 * most)
          }
        }
      }
    }
  }

  @Test func otherMethodsHaveNone() throws {
    let data = SimulatedExamples.sequences(60), model = try model(data, .cnn)
    #expect(try explained(model, data.examples.selecting([0]), .inputTimesGradient)[0].hypothetical == nil)
  }
}
