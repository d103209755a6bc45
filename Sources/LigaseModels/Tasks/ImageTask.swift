import LigaseDatasets

/// Images to a class, labels or values.
package enum ImageTask: Task {
  package static let name = "image"
  package static let unit = "images"
  package static let mainInput = ImageModality.name

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// The maps of the first stage of the residual network; the next two have twice and four times as many.
    package static let filters = 24
    /// Blocks of each stage.
    package static let blocks = 1
    /// Places along the smaller axis on which the first stage works, about: as of the networks for small pictures (He et al., 2016).
    package static let places = 32
    /// Dropout before the head.
    package static let dropout: Float = 0.2
    /// Learning rate of AdamW.
    package static let learningRate: Float = 0.003
    /// Decoupled weight decay (Loshchilov and Hutter, 2019).
    package static let weightDecay: Float = 0.05
    /// Steps of a training: as many as of `train series`.
    package static let steps = StepRule(
      steps: 2500, batchesPerEpoch: 16, batchSizes: 8...64, epochs: 10...200)
    /// Early stopping after this share of the epochs without a better validation metric; at least some epochs.
    package static let patience = (fraction: 3, least: 8)
    /// Hidden units and dropout of the head of `lesion-cnn`.
    package static let lesionHead = (units: 128, dropout: Float(0.5))
  }

  /// The encoder of images.
  static func encoder(_ kind: EncoderOptions.Kind?, of input: ExampleInput) -> EncoderOptions {
    var encoder = EncoderOptions(kind ?? .resnet)
    (encoder.filters, encoder.blocks, encoder.kernelSize) = (Constants.filters, Constants.blocks, 3)
    encoder.pooling = .mean
    let records = input.records as! ImageRecords, options = input.modality.base as? ImageModality
    let extents =
      options?.resize ?? options?.resizeWithPadOrCrop
      ?? (records.count > 0 ? records.extents(of: 0) : [Constants.places])
    encoder.poolSize = max(1, Int((Double(extents.min() ?? 1) / Double(Constants.places)).rounded()))
    encoder.dropout = encoder.kind == .resnet ? Constants.dropout : 0
    return encoder
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let count = data.division.train.count, input = data.examples.inputs[0]
    var options = ModelOptions(input, encoder(choice.kind, of: input))
    options.head.hidden = []
    if choice.kind == .lesionCNN {
      (options.head.hidden, options.head.dropout) = (
        [Constants.lesionHead.units], Constants.lesionHead.dropout
      )
    }
    options.training.batchSize = Constants.steps.batchSize(count)
    options.training.epochs = Constants.steps.epochs(count)
    options.training.learningRate = Constants.learningRate
    options.training.weightDecay = Constants.weightDecay
    options.training.patience = max(
      Constants.patience.least, options.training.epochs / Constants.patience.fraction)
    options.training.refits = true
    return options
  }
}
