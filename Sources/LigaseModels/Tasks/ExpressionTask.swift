import LigaseDatasets

/// Prediction of a class, labels or values from a profile of gene expression.
package enum ExpressionTask: Task {
  package static let name = "expression"
  package static let unit = "samples"
  package static let mainInput = ExpressionModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    FeatureDefaults.options(
      data, width: (data.examples.inputs[0].records as! FeatureTable).names.count, choice.kind)
  }
}

/// Prediction of a class, labels or values from genotypes.
package enum GenotypeTask: Task {
  package static let name = "genotype"
  package static let unit = "samples"
  package static let mainInput = GenotypeModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    FeatureDefaults.options(
      data, width: (data.examples.inputs[0].records as! GenotypeRecords).table.names.count, choice.kind)
  }
}

/// The defaults for inputs with one row of features for each example.
package enum FeatureDefaults {
  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// The ratio of features to samples from which on the network is one linear layer: with as many features
    /// as samples it fits any values, and separates any classes, of training samples (Cover, 1965), so that
    /// hidden layers only add variance.
    package static let wideRatio = 1
    /// Number of networks with hidden layers, hidden size of the head, and penalty on their input weights:
    /// from earlier versions.
    package static let ensemble = 4
    package static let hidden = [128]
    package static let penalty: Float = 0.03
    /// Training of such networks: from earlier versions.
    package static let steps = StepRule(steps: 3000, batchSizes: 32...32, epochs: 20...400)
    /// The patience: a fifth of all epochs, at least 10.
    package static let patience = (least: 10, fraction: 5)

    /// The fraction of training examples with masked genotypes: predictions for complete and for incomplete
    /// samples are equally important.
    package static let maskedFraction: Float = 0.5
    /// Training with masked genotypes: as many complete samples as without masks.
    package static let maskedSteps = StepRule(
      steps: Int(3000 / (1 - maskedFraction)), batchSizes: 32...32, epochs: 20...400)

    /// Training of a linear layer: enough steps to reach the optimum of the penalised loss.
    package static let linearSteps = StepRule(steps: 1000, batchSizes: 32...32, epochs: 20...10_000)
    /// The largest change of the sum over standardised features in one step of AdamW: outputs are of the
    /// order of 1.
    package static let outputStep: Float = 2
    /// The highest learning rate of a linear layer: with it a weight can move by about 5 in 1,000 steps of a cosine schedule,
    /// more than standardised features need.
    package static let linearRate: Float = 0.01
    /// The penalty of a linear layer, times features / samples, for values: from earlier versions. In terms
    /// of the sum of squared
    /// errors it is 1.5 for each feature, the ridge penalty `(1 - R²) / R²` of features that explain R² = 0.4 of the variance.
    package static let valuePenalty: Float = 3
    /// The same for classes and labels: from earlier versions.
    package static let classPenalty: Float = 0.01
  }

  static func options(_ data: TrainingData, width: Int, _ kind: EncoderOptions.Kind?) -> ModelOptions {
    let count = max(data.division.train.count, 1)
    let isSurvival = data.examples.target.objective == SurvivalObjective.name
    if isSurvival, kind ?? .linear == .linear { return linear(data) }
    var encoder = EncoderOptions(kind ?? (width >= Constants.wideRatio * count ? .linear : .mlp))
    encoder.hasLinearPath = true
    encoder.pooling = .mean
    encoder.poolSize = 1
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.hidden = Constants.hidden
    options.training.weightDecay = 0
    if encoder.kind == .linear {
      options.solveLinearLayer(data, features: width, samples: count)
      return options
    }
    let steps = options.masksGenotypes(data) ? Constants.maskedSteps : Constants.steps
    options.ensemble = Constants.ensemble
    options.training.batchSize = steps.batchSize(count)
    options.training.epochs = steps.epochs(count)
    options.training.patience = max(
      Constants.patience.least, options.training.epochs / Constants.patience.fraction)
    options.training.inputPenalty = Constants.penalty
    options.training.refits = true
    return options
  }
}

extension FeatureDefaults {
  /// One linear layer over all inputs, whose penalties inner folds choose.
  static func linear(_ data: TrainingData) -> ModelOptions {
    let inputs = data.examples.inputs, count = max(data.division.train.count, 1)
    var options = ModelOptions(
      inputs: Dictionary(uniqueKeysWithValues: inputs.map { ($0.name, .init($0.modality, .beside($0))) }))
    options.head.hidden = Constants.hidden
    options.training.weightDecay = 0
    options.training.validatesNothing()
    options.training.batchSize = Constants.linearSteps.batchSize(count)
    options.training.epochs = Constants.linearSteps.epochs(count)
    options.training.learningRate = Constants.linearRate
    options.training.choosesPenalties = true
    return options
  }
}

extension ModelOptions {
  /// Masks sites of training samples where networks classify genotypes, so that they predict well with sites
  /// missing. Values are nearly linear in the genotypes, and for a linear model the mean is the right number
  /// for an unknown genotype.
  ///
  /// - Returns: whether sites are masked.
  fileprivate mutating func masksGenotypes(_ data: TrainingData) -> Bool {
    guard data.examples.target.objective == ClassesObjective.name else { return false }
    for (name, input) in inputs {
      guard var genotypes = input.preparation.base as? GenotypeModality else { continue }
      genotypes.maskedFraction = FeatureDefaults.Constants.maskedFraction
      inputs[name]!.preparation = AnyModality(genotypes)
      return true
    }
    return false
  }

  /// Sets the training of a linear model. Its penalised loss is convex and does not overfit, so it is
  /// minimised without validation examples: with few of them the best epoch would be random. Genes are
  /// weighted by their association with the target.
  fileprivate mutating func solveLinearLayer(_ data: TrainingData, features: Int, samples: Int) {
    typealias Constants = FeatureDefaults.Constants
    for (name, input) in inputs {
      guard var expression = input.preparation.base as? ExpressionModality else { continue }
      expression.weighsGenes = true
      inputs[name]!.preparation = AnyModality(expression)
    }
    training.validatesNothing()
    training.batchSize = Constants.linearSteps.batchSize(samples)
    training.epochs = Constants.linearSteps.epochs(samples)
    training.learningRate = min(Constants.linearRate, Constants.outputStep / Float(features))
    let isOfValues = data.examples.target.objective == ValuesObjective.name
    let penalty = isOfValues ? Constants.valuePenalty : Constants.classPenalty
    training.inputPenalty = penalty * Float(features) / Float(samples)
  }
}
