import LigaseDatasets

/// A profile of gene expression to a class, labels or values.
package enum ExpressionTask: Task {
  package static let name = "expression"
  package static let unit = "samples"
  package static let mainInput = ExpressionModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    .features(data, width: (data.examples.inputs[0].records as! FeatureTable).names.count, choice.kind)
  }
}

/// Genotypes to a class, labels or values.
package enum GenotypeTask: Task {
  package static let name = "genotype"
  package static let unit = "samples"
  package static let mainInput = GenotypeModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    .features(
      data, width: (data.examples.inputs[0].records as! GenotypeRecords).table.names.count, choice.kind)
  }
}

extension ModelOptions {
  /// The defaults of one row of features an example.
  static func features(_ data: TrainingData, width: Int, _ kind: EncoderOptions.Kind?) -> ModelOptions {
    let count = data.division.train.count
    // Where features are many times the samples, one layer over those that tell most is all that can be learned.
    let isWide = width >= 10 * count
    var encoder = EncoderOptions(kind ?? (isWide ? .linear : .mlp))
    encoder.hasLinearPath = true
    encoder.pooling = .mean
    encoder.poolSize = 1
    var input = ModelOptions.Input(data.examples.inputs[0].modality, encoder)
    if isWide, var expression = input.preparation.base as? ExpressionModality {
      expression.weighsGenes = true
      input.preparation = AnyModality(expression)
    }
    var options = ModelOptions(inputs: [data.examples.inputs[0].name: input])
    options.head.hidden = [128]
    options.members = encoder.kind == .linear ? 1 : 4
    options.training.batchSize = 32
    options.training.epochs = min(400, max(20, 3000 * 32 / max(count, 1)))
    options.training.patience = max(10, options.training.epochs / 5)
    options.training.weightDecay = 0
    options.training.inputPenalty = 0.03
    options.training.refits = true
    if isWide, encoder.kind == .linear {
      // A convex problem that the penalty keeps from overfitting is solved: a share of few samples would choose an epoch by
      // chance. What features add up to grows with their number, so that steps shrink and the penalty grows with it.
      let features = Float(width), samples = Float(max(count, 1))
      options.training.validatesNothing()
      options.training.epochs = max(20, 1000 * 32 / max(count, 1))
      options.training.learningRate = min(0.002, 2 / features)
      let isOfValues = data.examples.target.objective == ValuesObjective.name
      options.training.inputPenalty = (isOfValues ? 3 : 0.01) * features / samples
    }
    return options
  }
}
