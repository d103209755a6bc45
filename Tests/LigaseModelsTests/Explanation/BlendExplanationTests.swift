import Glibc
import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

/// Attributions of blends add up to the predictions that users see, whichever predictor stands beside the network.
@Suite(.serialized) struct BlendExplanationTests {
  private func blend(_ data: TrainingData, _ predictor: String, share: Double = 0.4) throws -> Model {
    var options = SimulatedExamples.options(.mlp, data, members: 2)
    options.blend = [BlendOptions(predictor, share: share)]
    return try SimulatedExamples.trained(data, options).model
  }

  /// Expression with the given observations.
  private func expression(_ objective: String) -> TrainingData {
    var data = SimulatedExamples.expression()
    guard objective != "classes" else { return data }
    let table = data.table, width = table.names.count
    data.examples.target = TargetDescription(objective, ["first", "second"])
    data.examples.observations = Observations(
      numbers: (0..<data.examples.count).flatMap { row -> [Float] in
        let (a, b) = (table.values[row * width], table.values[row * width + 1])
        return objective == "labels" ? [a > 1 ? 1 : 0, b > 1 ? 1 : 0] : [2 * a - b, a + 10]
      }, width: 2)
    return data
  }

  private func expectAdditivity(
    _ model: Model, _ data: TrainingData, _ method: ExplanationMethod, ofProbability: Bool = false,
    tolerance: Double = 0.02
  ) throws {
    let examples = data.examples.selecting([0, 3, 4, 7]), k = model.outputNames.count
    let all = model.predict(examples), hasProbabilities = model.hasProbabilities
    var explainer = Explainer(model, method)
    (explainer.gradient.steps, explainer.baseline) = (500, .zeros)
    (explainer.isProbability, explainer.output) = (ofProbability, k - 1)
    try explainer.explain(examples) { row, one in
      let value = Double(all[row * k + k - 1])
      let score = hasProbabilities && !ofProbability ? log(value / (1 - value)) : value
      #expect(
        abs(one.score - score) < 1e-4 * max(1, abs(score)),
        "\(model.manifest.blend[0].predictor), \(method.rawValue): \(one.score), predicted \(score)")
      let sum = one.terms.reduce(0) { $0 + $1.value }, difference = one.score - one.baseline!
      #expect(
        abs(sum - difference) < tolerance * max(abs(difference), 0.1),
        "\(model.manifest.blend[0].predictor), \(method.rawValue): \(sum), expected \(difference)")
    }
  }

  @Test(arguments: ["values", "labels", "classes"]) func ridgeRegression(_ objective: String) throws {
    let data = expression(objective), model = try blend(data, "ridge")
    for method in [ExplanationMethod.gradient(.integratedGradients), .perturbation(.shap)] {
      try expectAdditivity(model, data, method)
    }
    if objective != "values" {
      try expectAdditivity(model, data, .gradient(.integratedGradients), ofProbability: true)
    } else {
      try expectAdditivity(model, data, .gradient(.deepLIFT), tolerance: 1e-4)
    }
  }

  /// A linear predictor alone has its weights times the numbers of the network's input.
  @Test func ridgeRegressionIsExact() throws {
    let data = expression("values"), model = try blend(data, "ridge", share: 1)
    var explainer = Explainer(model, .gradient(.inputTimesGradient))
    explainer.output = 1
    var found: [Double] = []
    try explainer.explain(data.examples.selecting([0])) { _, one in found = one.terms.map(\.value) }
    var scaled: [Double] = []
    explainer.baseline = .zeros
    var shapley = Explainer(model, .perturbation(.shap))
    (shapley.output, shapley.baseline) = (1, .zeros)
    try shapley.explain(data.examples.selecting([0])) { _, one in scaled = one.terms.map(\.value) }
    let most = scaled.map(abs).max()!
    #expect(zip(found, scaled).allSatisfy { abs($0 - $1) < 1e-4 * most })
    // The second value is the first gene.
    let large = scaled.indices.max { abs(scaled[$0]) < abs(scaled[$1]) }!
    #expect(large == 0 && most > 0.1)
  }

  /// Predictors that change in steps have Shapley values, and no gradient.
  @Test func nearestCentroidAndNearestSample() throws {
    for (data, predictor) in [
      (SimulatedExamples.expression(), "nearest_centroid"),
      (SimulatedExamples.genotypes(40), "nearest_sample"),
    ] {
      let model = try blend(data, predictor)
      for method in [PerturbationMethod.permutationSHAP, .kernelSHAP] where predictor == "nearest_centroid" {
        try expectAdditivity(model, data, .perturbation(method), tolerance: 1e-3)
      }
      try expectAdditivity(
        model, data, .perturbation(.permutationSHAP), ofProbability: true, tolerance: 1e-3)
      var explainer = Explainer(model, .gradient(.saliency))
      #expect {
        try explainer.explain(data.examples.selecting([0])) { _, _ in }
      } throws: { error in
        "\(error)".contains("changes in steps without a gradient; occlusion, shap")
      }
      // Alone, such a predictor has probabilities of 0 and 1.
      let alone = try blend(data, predictor, share: 1)
      var infinite = Explainer(alone, .perturbation(.permutationSHAP))
      infinite.orders = 2
      #expect {
        try infinite.explain(data.examples.selecting([0])) { _, _ in }
      } throws: { error in
        "\(error)".contains("logit is infinite")
      }
      try expectAdditivity(
        alone, data, .perturbation(.permutationSHAP), ofProbability: true, tolerance: 1e-3)
    }
  }

  /// Predictors that read no numbers change the score alone.
  @Test func priorsAndFactorsOfRecords() throws {
    let data = SimulatedExamples.expression(), model = try blend(data, "prior")
    for method in [ExplanationMethod.gradient(.integratedGradients), .perturbation(.permutationSHAP)] {
      try expectAdditivity(model, data, method)
    }
    let pairs = try SimulatedTraining()
    var options = pairs.options()
    options.blend = [BlendOptions("low_rank", share: 0.5)]
    let factors = try SimulatedExamples.trained(pairs.data, options).model
    try expectAdditivity(factors, pairs.data, .gradient(.integratedGradients))
    // Of residues, too.
    let residues = SimulatedExamples.residues()
    var ofResidues = SimulatedExamples.options(.cnn, residues)
    ofResidues.blend = [BlendOptions("prior", share: 0.5)]
    let steps = try SimulatedExamples.trained(residues, ofResidues).model
    var explainer = Explainer(steps, .perturbation(.occlusion))
    (explainer.position, explainer.isProbability) = (4, true)
    let k = steps.outputNames.count, all = steps.predict(residues.examples.selecting([2]))
    try explainer.explain(residues.examples.selecting([2])) { _, one in
      #expect(abs(one.score - Double(all[3 * k..<(4 * k)].max()!)) < 1e-5)
    }
  }
}
