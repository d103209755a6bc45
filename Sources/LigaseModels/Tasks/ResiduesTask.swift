import LigaseDatasets

/// Prediction of a class for every residue.
package enum ResiduesTask: Task {
  package static let name = "residues"
  package static let unit = "proteins"
  package static let isOfSteps = true
  package static let mainInput = SequenceModality.name

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// Filters of the convolution and hidden size of the LSTM: from earlier versions.
    package static let width = 128
    /// Batches of 32 proteins, as in earlier versions, and 3,500 steps.
    package static let steps = StepRule(steps: 3500, batchSizes: 32...32, epochs: 5...60)
    /// Weight decay of AdamW: from earlier versions.
    package static let weightDecay: Float = 0.02
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let count = data.division.train.count
    var encoder = EncoderOptions(choice.kind ?? .cnnLSTM)
    encoder.hiddenSize = Constants.width
    encoder.filters = Constants.width
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.hidden = []
    options.training.batchSize = Constants.steps.batchSize(count)
    options.training.epochs = Constants.steps.epochs(count)
    options.training.weightDecay = Constants.weightDecay
    return options
  }
}
