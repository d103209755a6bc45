import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// Everything of a model but its numbers.
package struct ModelManifest: Codable, Hashable, Sendable {
  /// The task, as `train` names it.
  package var task: String
  /// The inputs.
  package var inputs: [InputManifest]
  /// The meaning of the outputs.
  package var objective: AnyObjective
  /// The options in force, defaults included.
  package var options: ModelOptions
  /// The key columns of the training data.
  package var keyColumns: [String]
  /// The column of the records themselves in a table, where they stand in one: sequences.
  package var recordColumn: String?
  /// The columns of labels in the training data; nil where labels do not stand in columns.
  package var labelColumns: [String]?
  /// Predictors that are blended with the network.
  package var blend: [BlendPart] = []
  /// How it was trained.
  package var provenance: Provenance
  /// Facts about the training that explanations and applicability need.
  package var facts = TrainingFacts()

  /// A predictor beside the network.
  package struct BlendPart: Codable, Hashable, Sendable {
    /// Its name.
    package var predictor: String
    /// Its share in predictions.
    package var share: Double
    /// What it is built from.
    package var sizes: [Int]

    package init(predictor: String, share: Double, sizes: [Int]) {
      (self.predictor, self.share, self.sizes) = (predictor, share, sizes)
    }
  }

  /// How a model was trained.
  package struct Provenance: Codable, Hashable, Sendable {
    /// The seed.
    package var seed: UInt64
    /// How training, validation and test were told apart.
    package var split: String
    /// The noun for examples: `pairs`.
    package var unit: String
    /// Examples in training, validation and test.
    package var examples: [String: Int]
    /// SHA-256 of the data as read, input by input, and of what was observed.
    package var digests: [String: String]
    /// Training examples of each class.
    package var classCounts: [String: Int] = [:]
    /// Epochs run, and what the kept one reached on validation.
    package var metrics: [String: Double] = [:]
    /// The epochs of the second run on training and validation examples together; 0 without one.
    package var refitEpochs = 0
    /// The model whose weights this one began with.
    package var initializedFrom: String?
    /// Parameters that were kept as they were.
    package var frozen: [String] = []

    package init(
      seed: UInt64, split: String, unit: String, examples: [String: Int], digests: [String: String]
    ) {
      self.seed = seed
      self.split = split
      self.unit = unit
      self.examples = examples
      self.digests = digests
    }
  }

  /// What later questions need to know of training: explanations a background, applicability the spread of training,
  /// calibration the validation predictions. Numbers of training records are means alone; rows are salted hashes.
  package struct TrainingFacts: Codable, Hashable, Sendable {
    /// For each output its quantiles over the training predictions, 0 to 100 % in steps of 5.
    package var quantiles: [[Float]]?
    /// The temperature by which probabilities of validation examples are calibrated best.
    package var temperature: Double?
    /// The share of examples that are still observed at each time, where the time to an event is learned.
    package var censoring: [[Double]]?
    /// The salt of the hashes of the training rows, which stand in the tensor `facts.rows`.
    package var salt: String?
    /// Whether the means of the training inputs stand in tensors `facts.background.INPUT`.
    package var hasBackground = false
    /// Whether mean and covariance of the last layer's inputs stand in `facts.domain.mean` and `facts.domain.covariance`.
    package var hasDomain = false

    package init() {}
  }

  /// The shape of the network's inputs and outputs.
  var plan: NetworkPlan {
    NetworkPlan(
      inputs: inputs.map { input in
        NetworkPlan.Input(
          name: input.name, options: options.inputs[input.name]!.encoder,
          shape: input.preparation.base.shape, knownCount: input.known.count)
      }, fusion: options.fusion, head: options.head, members: options.ensemble,
      outputs: objective.base.count, isOfSteps: objective.base.isOfSteps, window: options.training.window)
  }

  /// What cannot be or does not fit together, if anything; checked before memory is taken for the network.
  var problem: String? {
    if inputs.isEmpty || Set(inputs.map(\.name)) != Set(options.inputs.keys)
      || inputs.count != options.inputs.count
    {
      return "found inputs \(inputs.map(\.name)), expected \(options.inputs.keys.sorted())"
    }
    for input in inputs {
      if let problem = input.preparation.base.problem { return problem }
      let encoder = options.inputs[input.name]!.encoder, shape = input.preparation.base.shape
      // A linear path can read sequences of any length alone, but has no factors and no representation of them.
      if let problem = encoder.layerProblem(
        LayerShape(
          rank: shape.isRow ? 0 : 1, channels: shape.tokens > 0 ? encoder.embeddingSize : shape.channels),
        isOfSteps: objective.base.isOfSteps)
      {
        return problem
      }
      let isDenseBesideOthers = inputs.count > 1 && encoder.kind.isDense && !shape.isRow
      if encoder.needsLength(shape, isOfSteps: objective.base.isOfSteps) || isDenseBesideOthers,
        shape.length == nil
      {
        return
          "found an encoder of the kind \(encoder.kind.rawValue) for sequences of one length, and no length"
      }
      if objective.base.isOfSteps, let sequence = input.preparation.base as? SequencePreparation,
        sequence.encoding.tokenLength > 1
      {
        return "found tokens of \(sequence.encoding.tokenLength) residues, expected one a residue"
      }
    }
    if objective.base.isOfSteps, inputs.count > 1 { return "found classes of steps of several inputs" }
    for part in blend where Predictors.named(part.predictor) == nil || !(0...1 ~= part.share) {
      return "found the share \(part.share) of the predictor '\(part.predictor)'"
    }
    return options.problem ?? objective.base.problem ?? effectsProblem
  }

  private var effectsProblem: String? {
    guard let values = objective.base as? ValuesObjective else { return nil }
    for effects in values.scales.flatMap(\.effects) {
      guard let input = inputs.first(where: { $0.name == effects.input }),
        input.known.count == effects.values.count
      else { return "found \(effects.values.count) effects of the records of \(effects.input)" }
    }
    return nil
  }

  /// The sequence input of a model of sequences alone.
  package var sequence: SequencePreparation? {
    inputs.count == 1 ? inputs[0].preparation.base as? SequencePreparation : nil
  }

  /// Whether every sequence must have the length of the training sequences.
  package var needsEqualLengths: Bool {
    inputs.contains { input in
      options.inputs[input.name]!.encoder.needsLength(
        input.preparation.base.shape, isOfSteps: objective.base.isOfSteps)
    }
  }
}

extension EncoderOptions {
  /// Whether an encoder of such steps reads all of them at once.
  func needsLength(_ shape: InputShape, isOfSteps: Bool) -> Bool {
    guard !shape.isRow, !isOfSteps else { return false }
    if shape.length == nil, kind == .linear { return !shape.isOneHot }
    return kind.isDense || hasLinearPath && shape.length != nil
  }
}
