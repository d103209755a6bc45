import LigaseDatasets

/// A class for every residue.
package enum ResiduesTask: Task {
  package static let name = "residues"
  package static let unit = "proteins"
  package static let isOfSteps = true
  package static let mainInput = SequenceModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    var encoder = EncoderOptions(choice.kind ?? .cnnLSTM)
    encoder.hiddenSize = 128
    encoder.filters = 128
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.hidden = []
    options.training.batchSize = 32
    options.training.epochs = ModelOptions.epochs(
      for: data.division.train.count, batchSize: 32, steps: 3500)
    options.training.weightDecay = 0.02
    return options
  }
}
