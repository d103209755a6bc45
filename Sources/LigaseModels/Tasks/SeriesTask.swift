import LigaseDatasets
import LigaseNetworks

/// Values over time to a class, labels or values of the whole series, to a later value of a channel, or to a class of each step.
package enum SeriesTask: Task {
  package static let name = "series"
  package static let unit = "series"
  package static let mainInput = SeriesModality.name

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// The architectures of which inner folds of the training series choose one: recurrent layers remember order, convolutions
    /// find shapes and waves at any place.
    package static let candidates = [EncoderOptions.Kind.lstm, .cnn]
    /// Hidden size of one direction of the recurrent layer, and filters of each convolution: those of `train sequence`.
    package static let hiddenSize = 64
    package static let filters = 64
    /// Steps under the filters: three layers, wide ones first (Wang et al., 2017), about twice their widths, since nothing
    /// else lets a filter see more of a long series.
    package static let kernelSizes = [15, 9, 5]
    /// How steps become one row: global average pooling (Wang et al., 2017).
    package static let pooling = LengthPooling.Kind.mean
    /// The same for a forecast, which depends on the last steps more than on the first.
    package static let forecastPooling = LengthPooling.Kind.last
    /// Dropout of hidden units. Averaging over steps and networks prevents overfitting already.
    package static let dropout: Float = 0.1
    /// Number of networks: as of `train expression`.
    package static let ensemble = 4
    /// Learning rate of AdamW: that of `train sequence` with few examples.
    package static let learningRate: Float = 0.003
    /// Small sets need many passes: with fewer steps a network of few series is undertrained.
    package static let steps = StepRule(
      steps: 2500, batchesPerEpoch: 16, batchSizes: 8...64, epochs: 10...500)
    /// Time steps that one network reads in training at most: about two minutes on two cores, the choice included.
    package static let stepBudget = 5_000_000
    /// The least size of a validation subset that chooses the epoch, as of `train sequence`.
    package static let validationRows = 500
  }

  /// The encoder of series; without a kind inner folds choose it.
  static func encoder(_ kind: EncoderOptions.Kind?) -> EncoderOptions {
    var encoder = EncoderOptions(kind ?? Constants.candidates[0])
    encoder.candidates = kind == nil ? Constants.candidates : []
    (encoder.hiddenSize, encoder.filters) = (Constants.hiddenSize, Constants.filters)
    (encoder.kernelSize, encoder.moreKernelSizes) = (
      Constants.kernelSizes[0], Array(Constants.kernelSizes.dropFirst())
    )
    (encoder.pooling, encoder.dropout) = (Constants.pooling, Constants.dropout)
    return encoder
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let count = data.division.train.count
    let series = (data.examples.inputs[0].records as! SeriesRecords).series
    var encoder = encoder(choice.kind)
    if data.examples.target.forecastChannel != nil { encoder.pooling = Constants.forecastPooling }
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.hidden = []
    options.ensemble = Constants.ensemble
    options.training.batchSize = Constants.steps.batchSize(count)
    let size = data.division.train.reduce(0) { $0 + series[$1].times.count }
    options.training.epochs = Constants.steps.epochs(count, size: size, budget: Constants.stepBudget)
    options.training.learningRate = Constants.learningRate
    if Double(count) * options.training.validationShare < Double(Constants.validationRows) {
      options.training.validatesNothing()
    }
    return options
  }

  /// Several examples of a forecast are of one series, and stay together.
  package static func validationKeys(of setting: String?, _ examples: Examples) -> [String] {
    foldKey(examples).map { [$0] } ?? []
  }

  package static func foldKey(_ examples: Examples) -> String? {
    examples.target.forecastChannel == nil ? nil : examples.keys.names[0]
  }
}
