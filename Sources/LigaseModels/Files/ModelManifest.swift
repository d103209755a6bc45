import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The description of a model without its tensors.
package struct ModelManifest: Codable, Hashable, Sendable {
  /// The task, as `train` names it.
  package var task: String
  /// The inputs.
  package var inputs: [InputManifest]
  /// The objective: the meaning of the outputs.
  package var objective: AnyObjective
  /// The effective configuration, including defaults.
  package var options: ModelOptions
  /// The key columns of the training data.
  package var keyColumns: [String]
  /// The column of sequences, where the records are in a table.
  package var recordColumn: String?
  /// The label columns of the training data; nil where labels are not in columns.
  package var labelColumns: [String]?
  /// Predictors that are blended with the network.
  package var blend: [BlendPart] = []
  /// Information about the training.
  package var provenance: Provenance
  /// Facts about the training for explanations, calibration and the applicability domain.
  package var facts = TrainingFacts()

  /// A predictor that is blended with the network.
  package struct BlendPart: Codable, Hashable, Sendable {
    /// The name of the predictor.
    package var predictor: String
    /// The weight of the predictor in predictions.
    package var share: Double
    /// The sizes from which the predictor is rebuilt.
    package var sizes: [Int]

    package init(predictor: String, share: Double, sizes: [Int]) {
      (self.predictor, self.share, self.sizes) = (predictor, share, sizes)
    }
  }

  /// Information about the training of a model.
  package struct Provenance: Codable, Hashable, Sendable {
    /// The seed.
    package var seed: UInt64
    /// A description of the split into training, validation and test examples.
    package var split: String
    /// The noun for examples, such as `pairs`.
    package var unit: String
    /// The number of examples in training, validation and test.
    package var examples: [String: Int]
    /// The SHA-256 of the data as read, for each input and for the labels.
    package var digests: [String: String]
    /// The number of training examples of each class.
    package var classCounts: [String: Int] = [:]
    /// The number of epochs, and the validation metrics of the best epoch.
    package var metrics: [String: Double] = [:]
    /// The number of epochs of the refit on training and validation examples together; 0 without a refit.
    package var refitEpochs = 0
    /// The model whose weights were the initial weights.
    package var initializedFrom: String?
    /// The frozen parameters.
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

  /// Facts about the training: a background for explanations, the spread of the training inputs for the
  /// applicability domain, and a temperature for calibration. Numbers of training records are stored as means
  /// only, and rows as salted hashes.
  package struct TrainingFacts: Codable, Hashable, Sendable {
    /// The quantiles of each output over the training predictions, 0 to 100 % in steps of 5.
    package var quantiles: [[Float]]?
    /// The temperature that calibrates probabilities of validation examples best.
    package var temperature: Double?
    /// The fraction of examples that are still observed at each time, for models of the time to an event.
    package var censoring: [[Double]]?
    /// The salt of the hashes of the training rows in the tensor `facts.rows`.
    package var salt: String?
    /// Whether the means of the training inputs are in tensors `facts.background.INPUT`.
    package var hasBackground = false
    /// Whether mean and covariance of the inputs of the last layer are in `facts.domain.mean` and
    /// `facts.domain.covariance`.
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

  /// The first inconsistency or invalid value, if any; checked before memory is allocated for the network.
  var problem: String? {
    if inputs.isEmpty || Set(inputs.map(\.name)) != Set(options.inputs.keys)
      || inputs.count != options.inputs.count
    {
      return "found inputs \(inputs.map(\.name)), expected \(options.inputs.keys.sorted())"
    }
    for input in inputs {
      let encoder = options.inputs[input.name]!.encoder
      if let problem = input.preparation.base.problem ?? encoder.problem { return problem }
      let shape = input.preparation.base.shape
      // A linear path alone can read sequences of any length, but cannot return factors or a representation
      // of them.
      if let problem = encoder.layerProblem(
        LayerShape(shape, channels: shape.tokens > 0 ? encoder.embeddingSize : shape.channels), shape,
        isOfSteps: objective.base.isOfSteps)
      {
        return problem
      }
      let margin = (input.preparation.base as? VolumePreparation)?.options.margin ?? 0
      if encoder.margin(shape) != margin {
        return "found layers that read \(encoder.margin(shape)) places around outputs, expected \(margin)"
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
      return "found the weight \(part.share) of the predictor '\(part.predictor)'"
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

  /// The sequence input of a model with no other inputs.
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
  /// The places of grids at either end of every axis that have no outputs.
  func margin(_ shape: InputShape) -> Int {
    (try? layerList(shape, isOfSteps: true).output(of: LayerShape(shape, channels: shape.channels)).margin)
      ?? 0
  }

  /// Whether an encoder of such inputs reads all steps at once.
  func needsLength(_ shape: InputShape, isOfSteps: Bool) -> Bool {
    guard !shape.isRow, !isOfSteps else { return false }
    if shape.length == nil, kind == .linear { return !shape.isOneHot }
    return kind.isDense || hasLinearPath && shape.length != nil
  }
}
