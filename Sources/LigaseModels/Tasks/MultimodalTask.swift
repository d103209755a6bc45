import LigaseDatasets

/// Several inputs of each example to a class, labels, values or the time to an event.
///
/// Rows of features enter linear layers, each with a penalty of its own. Steps enter recurrent networks whose representations
/// a head reads. The outputs are the sum of both, so that a strong table keeps its say beside a weak network.
package enum MultimodalTask: Task {
  package static let name = "multimodal"
  package static let unit = "examples"
  package static let mainInput = ""

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    typealias Constants = FeatureDefaults.Constants
    var options = FeatureDefaults.linear(data)
    guard data.examples.inputs.contains(where: { $0.modality.base.axes > 0 }) else { return options }
    let count = max(data.division.train.count, 1), usual = TrainingOptions()
    options.head.hidden = HeadOptions().hidden
    options.training.batchSize = Constants.steps.batchSize(count)
    options.training.epochs = Constants.steps.epochs(count)
    options.training.learningRate = usual.learningRate
    options.training.validationShare = usual.validationShare
    options.training.patience = max(
      Constants.patience.least, options.training.epochs / Constants.patience.fraction)
    options.training.refits = true
    return options
  }
}
