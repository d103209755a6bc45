import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// Attributions of small networks agree with those of Captum in float64.
@Suite struct CaptumConformanceTests {
  /// A network of the collection, as a function of its input.
  private struct Specimen {
    let file: Safetensors
    let input: Tensor
    let function: ScoreFunction
    /// The layers before the mean, the extents of an example, and the score of such layers' outputs.
    let features: Sequential
    let extents: [Int]
    let score: (Grids) -> Tensor

    func expected(_ name: String) -> [Double]? { file.scalars(of: "expected." + name) }
  }

  private func file(_ name: String) throws -> Safetensors? {
    try SharedData.bytes("conformance/captum/\(name).safetensors").map { try Safetensors(decoding: $0) }
  }

  private func weights(_ file: Safetensors, _ name: String) -> WeightBuilder {
    WeightBuilder.loading { file.tensor("weights." + $0) }.nested(name)
  }

  private func specimen(_ name: String) throws -> Specimen? {
    guard let file = try file(name) else { return nil }
    let shape = try #require(file.shape(of: "input")), target = Int(file.metadata["target"] ?? "") ?? 0
    let values = try #require(file.scalars(of: "input")).map { Float($0) }
    let isImage = name.hasPrefix("cnn"), extents = isImage ? Array(shape.dropFirst(2)) : [shape[1]]
    let channels = isImage ? 1 : shape[2], rows = shape[0] * extents.reduce(1, *)
    let features: Sequential
    if isImage {
      let rank = extents.count
      features = Sequential([
        Convolution(1, 4, kernelSize: 3, padding: .steps(1), rank: rank, from: weights(file, "conv1")),
        Activation.relu, MaxPool(kernelSize: 2, rank: rank),
        Convolution(4, 6, kernelSize: 3, padding: .steps(1), rank: rank, from: weights(file, "conv2")),
        Activation.relu,
      ])
    } else {
      let cell: RecurrentCell = name.hasPrefix("lstm") ? .lstm : name.hasPrefix("gru") ? .gru : .tanh
      features = Sequential([
        Recurrent(
          cell, inputSize: 4, hiddenSize: 6, isBidirectional: name.hasPrefix("lstm"),
          from: weights(file, "rnn"))
      ])
    }
    let last = Linear(
      isImage ? 6 : name.hasPrefix("lstm") ? 12 : 6, isImage ? 3 : 2, from: weights(file, "fc"))
    let count = shape[0], size = extents.reduce(1, *)
    let score = { (maps: Grids) -> Tensor in
      last(maps.meanOverLength(), .inference).slicedLast(target..<(target + 1)).reshaped([maps.count])
    }
    let function = ScoreFunction(
      offsets: [(0...count).map { $0 * size }],
      mixtures: (0..<count).map { _ in .sum(weights: [1], offset: 0) }
    ) { examples, inputs in
      let layout =
        isImage
        ? GridLayout(extents: examples.map { _ in extents })
        : GridLayout(lengths: examples.map { _ in extents[0] })
      return [score(features(Grids(values: inputs[0], layout: layout), .inference))]
    }
    return Specimen(
      file: file, input: Tensor(values, shape: [rows, channels]), function: function, features: features,
      extents: extents, score: score)
  }

  private func agree(_ found: [Float], _ expected: [Double]?, _ name: String, relative: Double = 1e-4) {
    guard let expected else { return }
    let limit = relative * (expected.map(abs).max() ?? 0) + 1e-7
    let worst = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(found.count == expected.count && worst <= limit, "\(name): \(worst), expected at most \(limit)")
  }

  @Test(arguments: ["cnn2d_8x8", "cnn3d_6x6x6", "lstm_seq12", "gru_seq12", "rnn_seq12"])
  func gradients(_ name: String) throws {
    guard let specimen = try specimen(name) else { return }
    let (function, x) = (specimen.function, specimen.input), zeros = [[Tensor.zeros(x.shape)]]
    func found(_ method: GradientMethod, _ change: (inout GradientMethod.Options) -> Void = { _ in }) throws
      -> Attributions
    {
      var options = GradientMethod.Options()
      options.steps = 50
      change(&options)
      return try function.attributions(method, [x], baselines: zeros, options)
    }
    let saliency = try found(.saliency).values[0]
    agree(saliency, specimen.expected("saliency_abs"), "saliency")
    agree(saliency, specimen.expected("saliency_signed").map { $0.map(abs) }, "saliency")
    agree(try found(.inputTimesGradient).values[0], specimen.expected("input_x_gradient"), "input x gradient")
    let integrated = try found(.integratedGradients)
    agree(integrated.values[0], specimen.expected("integrated_gradients_gl50_zero"), "integrated gradients")
    let trapezoid = try found(.integratedGradients) { options in
      options.rule = (0..<200).map { i -> (node: Double, weight: Double) in
        let isEnd = i == 0 || i == 199
        return (Double(i) / 199, isEnd ? 1.0 / 400 : 1.0 / 200)
      }
    }
    agree(
      trapezoid.values[0], specimen.expected("integrated_gradients_trap200_zero"),
      "integrated gradients, trapezoid")
    guard name.hasPrefix("cnn") else {
      #expect(throws: ExplanationError.self) { try found(.deepLIFT) }
      return
    }
    agree(
      try found(.guidedBackpropagation).values[0], specimen.expected("guided_backprop"),
      "guided back-propagation")
    agree(try found(.deconvolution).values[0], specimen.expected("deconvolution"), "deconvolution")
    let lift = try found(.deepLIFT)
    agree(lift.values[0], specimen.expected("deeplift_rescale_zero"), "DeepLIFT")
    let size = x.shape[0] / function.count
    for e in 0..<function.count {
      let sum = lift.values[0][(e * size)..<((e + 1) * size)].reduce(0.0) { $0 + Double($1) }
      #expect(abs(sum - (lift.scores[e] - lift.baselines![e])) < 1e-5)
    }
    // Of several baselines the values of the collection do not add up: they have the gradient of a maximum instead of its rule.
    if let four = specimen.file.scalars(of: "baselines4") {
      let baselines = (0..<4).map { b in
        let own = four[(b * size)..<((b + 1) * size)].map { Float($0) }
        return [Tensor((0..<function.count).flatMap { _ in own }, shape: x.shape)]
      }
      let mean = try function.attributions(.deepLIFT, [x], baselines: baselines)
      for e in 0..<function.count {
        let sum = mean.values[0][(e * size)..<((e + 1) * size)].reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - (mean.scores[e] - mean.baselines![e])) < 1e-5)
      }
    }
  }

  @Test(arguments: ["cnn2d_8x8", "cnn3d_6x6x6"]) func activationMaps(_ name: String) throws {
    guard let specimen = try specimen(name) else { return }
    let count = specimen.function.count, context = Context.inference
    context.activations = [:]
    let layout = GridLayout(extents: [[Int]](repeating: specimen.extents, count: count))
    let output = specimen.features(Grids(values: specimen.input.tracked(), layout: layout), context)
    let total = specimen.score(output).sum(), kept = try #require(context.activations)
    let layers = ["3", "4"].map { kept[$0]! }
    let slopes = gradientsIfAny(of: total, at: layers.map(\.values))
    let maps = zip(layers, slopes).map { ActivationMap.weighted($0, by: $1!) }
    agree(maps[0].flatMap(\.raw), specimen.expected("layer_gradcam_conv2_raw"), "Grad-CAM")
    agree(maps[0].flatMap(\.relu), specimen.expected("layer_gradcam_conv2_relu"), "Grad-CAM after the ReLU")
    agree(maps[1].flatMap(\.raw), specimen.expected("layer_gradcam_relu2_raw"), "Grad-CAM of the ReLU")
    agree(
      maps[0].flatMap { $0.rawImage(extents: specimen.extents).values },
      specimen.expected("gradcam_up_linear"),
      "Grad-CAM over the image")
  }

  /// Guided Grad-CAM is guided back-propagation times the map, which we enlarge by linear interpolation, as the authors do; Captum
  /// takes the nearest number unless asked otherwise.
  @Test(arguments: ["cnn2d_8x8", "cnn3d_6x6x6"]) func guidedActivationMaps(_ name: String) throws {
    guard let specimen = try specimen(name) else { return }
    let context = Context.inference, count = specimen.function.count, extents = specimen.extents
    context.activations = [:]
    let layout = GridLayout(extents: [[Int]](repeating: extents, count: count))
    let output = specimen.features(Grids(values: specimen.input.tracked(), layout: layout), context)
    let layer = try #require(context.activations?["3"])
    let slopes = gradientsIfAny(of: specimen.score(output).sum(), at: [layer.values])
    let maps = ActivationMap.weighted(layer, by: slopes[0]!)
    let guided = try specimen.function.attributions(.guidedBackpropagation, [specimen.input]).values[0]
    let size = extents.reduce(1, *)
    var nearest: [Float] = []
    for (number, map) in maps.enumerated() {
      let own = Array(guided[(number * size)..<((number + 1) * size)])
      nearest += zip(enlarged(map.relu, map.extents, extents, isLinear: false), own).map { $0 * $1 }
      let linear = zip(enlarged(map.relu, map.extents, extents, isLinear: true), own).map { $0 * $1 }
      let found = map.guided(by: ActivationMap(extents: extents, raw: own)).raw
      agree(found, linear.map { Double($0) }, "guided Grad-CAM")
    }
    agree(nearest, specimen.expected("guided_gradcam_conv2"), "guided Grad-CAM by the nearest number")
  }

  /// A map with other extents: numbers of the nearest place, or between the two nearest along each axis, whose middles are compared.
  private func enlarged(_ values: [Float], _ extents: [Int], _ target: [Int], isLinear: Bool) -> [Float] {
    (0..<target.reduce(1, *)).map { place in
      var (rest, terms) = (place, [(place: 0, weight: Float(1))]), step = 1
      for axis in target.indices.reversed() {
        let i = rest % target[axis], scale = Float(extents[axis]) / Float(target[axis])
        rest /= target[axis]
        var beside = [(place: Int(Float(i) * scale), weight: Float(1))]
        if isLinear {
          let middle = min(max((Float(i) + 0.5) * scale - 0.5, 0), Float(extents[axis] - 1)),
            low = Int(middle)
          beside = [
            (low, 1 - middle + Float(low)), (min(low + 1, extents[axis] - 1), middle - Float(low)),
          ]
        }
        terms = terms.flatMap { term in
          beside.map { (term.place + $0.place * step, term.weight * $0.weight) }
        }
        step *= extents[axis]
      }
      return terms.reduce(0) { $0 + values[$1.place] * $1.weight }
    }
  }

  /// Windows and masks that are set to zero, and Shapley values of masks.
  @Test(arguments: ["cnn2d_8x8", "cnn3d_6x6x6", "lstm_seq12", "gru_seq12", "rnn_seq12"])
  func perturbations(_ name: String) throws {
    guard let specimen = try specimen(name) else { return }
    let x = specimen.input.scalars, shape = try #require(specimen.file.shape(of: "input"))
    let size = x.count / shape[0], isImage = name.hasPrefix("cnn")
    let extents = isImage ? Array(shape.dropFirst(2)) : [shape[1], shape[2]]
    func game(_ example: Int, _ groups: [[Int]], _ baseline: Float) -> CoalitionGame {
      CoalitionGame(groups: groups.count) { coalitions in
        let values = coalitions.flatMap { coalition -> [Float] in
          var own = Array(x[(example * size)..<((example + 1) * size)])
          for (group, isPresent) in zip(groups, coalition) where !isPresent {
            for i in group { own[i] = baseline }
          }
          return own
        }
        let examples = [Int](repeating: example, count: coalitions.count)
        let channels = specimen.input.shape[1]
        return specimen.function.parts(
          examples, [Tensor(values, shape: [values.count / channels, channels])])[0]
          .scalars.map { Double($0) }
      }
    }
    func spread(
      _ name: String, _ groups: [[Int]], relative: Double = 1e-4, baseline: Float = 0,
      _ explain: (CoalitionGame) throws -> [Double]
    )
      throws
    {
      guard let expected = specimen.expected(name) else { return }
      var found = [Float](repeating: 0, count: x.count)
      for e in 0..<shape[0] {
        let values = try explain(game(e, groups, baseline))
        var counts = [Int](repeating: 0, count: size)
        for group in groups { for i in group { counts[i] += 1 } }
        for (group, value) in zip(groups, values) {
          for i in group { found[e * size + i] += Float(value / Double(counts[i])) }
        }
      }
      agree(found, expected, name, relative: relative)
    }
    if let mask = specimen.file.scalars(of: "expected.feature_mask") {
      let groups = (0...Int(mask.max() ?? 0)).map { g in mask.indices.filter { Int(mask[$0]) == g } }
      try spread("feature_ablation_mask_zero", groups) { try $0.occlusion().values }
      try spread("shapley_values_exact_mask_zero", groups) { try $0.shapleyValues().values }
      try spread("shapley_values_exact_mask_zero", groups, relative: 1e-3) {
        try $0.kernelSHAP(samples: 3000, seed: 1).values
      }
      try spread("shapley_values_exact_mask_zero", groups, relative: 0.05) {
        try $0.permutationSHAP(orders: 200, seed: 1).values
      }
    }
    if isImage {
      let windows = Windows.covering(extents, size: 3, stride: 2)
      try spread("occlusion_w3_s2_zero", windows) { try $0.occlusion().values }
    } else {
      let positions = (0..<extents[0]).map { t in (0..<extents[1]).map { t * extents[1] + $0 } }
      try spread("feature_ablation_per_position", positions, baseline: 0.25) { try $0.occlusion().values }
      let windows = (0...(extents[0] - 3)).map { t in Array((t * extents[1])..<((t + 3) * extents[1])) }
      try spread("occlusion_pos3", windows) { try $0.occlusion().values }
    }
  }
}
