import LigaseDatasets

/// The response of cell lines to drugs, from expression and SMILES.
package enum DrugResponseTask: Task {
  package static let name = "drug-response"
  package static let unit = "pairs"
  package static let mainInput = SMILESModality.name
  package static let settings = Setting.allCases.map(\.rawValue)

  /// The prediction settings: whether cell lines, drugs or both are new.
  package enum Setting: String, CaseIterable, Sendable {
    /// Missing pairs of cell lines and drugs that occur in training.
    case known
    /// Cell lines that do not occur in training.
    case newCellLines = "new-cell-lines"
    /// Drugs that do not occur in training.
    case newDrugs = "new-drugs"
    /// Cell lines and drugs that do not occur in training.
    case newBoth = "new-both"

    /// Creates the setting of a division: whether cell lines and drugs of most pairs of its validation subset
    /// (of its test subset, if there is no validation subset) occur in its training subset.
    init(_ data: TrainingData) {
      let division = data.division
      let later = division.validation.isEmpty ? division.test : division.validation
      func isKnown(_ input: ExampleInput) -> Bool {
        let known = Set(division.train.map { input.record(of: $0) })
        return later.isEmpty || later.count { known.contains(input.record(of: $0)) } * 2 > later.count
      }
      self =
        switch (isKnown(data.examples.inputs[0]), isKnown(data.examples.inputs[1])) {
        case (true, true): .known
        case (false, true): .newCellLines
        case (true, false): .newDrugs
        case (false, false): .newBoth
        }
    }
  }

  /// The defaults that depend on the prediction setting.
  package struct SettingDefaults: Sendable {
    /// Batch size and epochs.
    package let steps: StepRule
    /// The learning rate of the largest batch. Smaller batches have it times the root of their relative size,
    /// the rule for
    /// Adam of Malladi et al. (2022, "On the SDEs and scaling rules for adaptive gradient algorithms").
    package let learningRate: Float
    package let weightDecay: Float
    package let averageDecay: Float
    package let ensemble: Int
    /// Size K of the product, and dropout rate of its factors.
    package let factors: Int
    package let factorDropout: Float
    /// Dropout rates of genes and of the hidden layer after them, and its size.
    package let geneDropout: Float
    package let profileDropout: Float
    package let profileLayer: Int
    /// Dropout rate of the output of the structure encoder.
    package let structureDropout: Float
  }

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  ///
  /// The steps are those of earlier versions on GDSC2, which has the largest batches: from 65,536 training pairs of known cell
  /// lines and drugs on, else from 57,344. Batches of fewer pairs are smaller, down to 256, from where the epochs increase.
  package enum Constants {
    package static let known = SettingDefaults(
      steps: StepRule(steps: 1920, batchesPerEpoch: 64, batchSizes: 256...1024, epochs: 30...100),
      learningRate: 0.01, weightDecay: 0, averageDecay: 0.99, ensemble: 4, factors: 64, factorDropout: 0.4,
      geneDropout: 0.4, profileDropout: 0.2, profileLayer: 256, structureDropout: 0.1)
    package static let newCellLines = SettingDefaults(
      steps: StepRule(steps: 224, batchesPerEpoch: 14, batchSizes: 256...4096, epochs: 16...100),
      learningRate: 0.004, weightDecay: 0.3, averageDecay: 0.98, ensemble: 4, factors: 64, factorDropout: 0,
      geneDropout: 0.75, profileDropout: 0.1, profileLayer: 128, structureDropout: 0.1)
    /// Defaults for new drugs, and for new cell lines and drugs together, whose profiles are read as in
    /// `newCellLines`.
    package static let newDrugs = SettingDefaults(
      steps: StepRule(steps: 168, batchesPerEpoch: 14, batchSizes: 256...4096, epochs: 12...100),
      learningRate: 0.005, weightDecay: 0.1, averageDecay: 0.98, ensemble: 2, factors: 16, factorDropout: 0,
      geneDropout: 0.75, profileDropout: 0.2, profileLayer: 256, structureDropout: 0.3)
    /// The patience: a third of all epochs, at least 10.
    package static let patience = (least: 10, fraction: 3)
    /// Learned embeddings: the rate of replacement by that of unknown records, and the penalty on factors.
    package static let unknownRate: Float = 0.1
    package static let factorPenalty: Float = 1e-4
    /// The encoder of structures: embedding size, hidden size, and for convolutions filters and kernel sizes.
    package static let embeddingSize = 32
    package static let hiddenSize = 64
    package static let filters = 128
    package static let kernelSizes = (first: 7, second: 5)
    /// The sizes of the hidden layer of structures of new drugs, and of the head.
    package static let structureLayer = 32
    package static let headLayer = 128
    package static let headDropout: Float = 0.2
  }

  package static func validationKeys(of setting: String?, _ examples: Examples) -> [String] {
    let (lines, drugs) = (examples.inputs[0].keyColumn, examples.inputs[1].keyColumn)
    return switch setting.flatMap(Setting.init) {
    case .newCellLines: [lines]
    case .newDrugs: [drugs]
    case .newBoth: [lines, drugs]
    case .known, nil: []
    }
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let setting = choice.setting.flatMap(Setting.init) ?? Setting(data)
    let knowsLines = setting == .known || setting == .newDrugs
    let knowsDrugs = setting == .known || setting == .newCellLines
    let sizes = knowsDrugs ? knowsLines ? Constants.known : Constants.newCellLines : Constants.newDrugs
    let inputs = data.examples.inputs, (profiles, structures) = (inputs[0].name, inputs[1].name)
    var lines = lines(knowsLines ? sizes : Constants.newCellLines, areKnown: knowsLines)
    var drugs = drugs(sizes, choice.kind ?? .lstm, areKnown: knowsDrugs)
    if setting == .known {
      (lines.unknownRate, drugs.unknownRate) = (Constants.unknownRate, Constants.unknownRate)
    }
    var options = ModelOptions(inputs: [
      profiles: .init(inputs[0].modality, lines), structures: .init(inputs[1].modality, drugs),
    ])
    options.setting = setting.rawValue
    options.fusion.kind = .product
    (options.fusion.size, options.fusion.dropout) = (sizes.factors, sizes.factorDropout)
    options.head.isUsed = setting == .known
    options.head.hidden = setting == .known ? [Constants.headLayer] : []
    options.head.dropout = Constants.headDropout
    options.ensemble = sizes.ensemble
    options.training.follow(sizes, count: data.division.train.count)
    if data.examples.target.objective == ValuesObjective.name {
      // Records that occur in training have an effect.
      options.training.offsets = (knowsDrugs ? [structures] : []) + (knowsLines ? [profiles] : [])
      if setting == .newCellLines, data.examples.observations.width == 1 {
        options.blend = [BlendOptions(GaussianProcess.name)]
      }
    }
    return options
  }

  /// Returns the encoder of profiles. New cell lines have no embeddings, so a linear path replaces them.
  private static func lines(_ setting: SettingDefaults, areKnown: Bool) -> EncoderOptions {
    var lines = EncoderOptions(.mlp)
    lines.projection = [setting.profileLayer]
    (lines.inputDropout, lines.dropout) = (setting.geneDropout, setting.profileDropout)
    lines.hasLinearPath = !areKnown
    lines.embedsKnown = areKnown
    lines.factorPenalty = areKnown ? Constants.factorPenalty : 0
    return lines
  }

  /// Returns the encoder of structures, which all networks share. For new drugs, counts of tokens are the
  /// most informative features.
  private static func drugs(_ setting: SettingDefaults, _ kind: EncoderOptions.Kind, areKnown: Bool)
    -> EncoderOptions
  {
    var drugs = EncoderOptions(kind)
    (drugs.embeddingSize, drugs.hiddenSize) = (Constants.embeddingSize, Constants.hiddenSize)
    drugs.dropout = setting.structureDropout
    drugs.isShared = true
    drugs.factorPenalty = Constants.factorPenalty
    drugs.embedsKnown = areKnown
    if !areKnown { (drugs.readsCounts, drugs.projection) = (true, [Constants.structureLayer]) }
    if kind == .cnn {
      drugs.filters = Constants.filters
      (drugs.kernelSize, drugs.moreKernelSizes) = (
        Constants.kernelSizes.first, [Constants.kernelSizes.second]
      )
    } else {
      drugs.pooling = .mean
    }
    return drugs
  }
}

extension TrainingOptions {
  /// Takes the defaults of a prediction setting for `count` pairs.
  fileprivate mutating func follow(_ setting: DrugResponseTask.SettingDefaults, count: Int) {
    typealias Constants = DrugResponseTask.Constants
    batchSize = setting.steps.batchSize(count)
    epochs = setting.steps.epochs(count)
    patience = max(Constants.patience.least, epochs / Constants.patience.fraction)
    let fraction = Float(batchSize) / Float(setting.steps.batchSizes.upperBound)
    learningRate = setting.learningRate * fraction.squareRoot()
    (weightDecay, averageDecay) = (setting.weightDecay, setting.averageDecay)
    refits = true
  }
}
