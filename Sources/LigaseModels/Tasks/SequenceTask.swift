import LigaseDatasets

/// Prediction of a class, labels or values from a sequence.
package enum SequenceTask: Task {
  package static let name = "sequence"
  package static let unit = "sequences"
  package static let mainInput = SequenceModality.name

  /// The constants of the defaults; `docs/defaults.md` lists them with the rules that use them.
  package enum Constants {
    /// Dropout rate of residues. Both ends are the values of earlier versions on either side of 5,000
    /// sequences; the rule interpolates within a factor of two around that number. So do the next three.
    package static let inputDropout = LogLinearRule(0.2, upTo: 2500, 0.1, from: 10_000)
    /// Dropout rate of hidden units: 0.5 as in Srivastava et al. (2014), less where more data prevent
    /// overfitting.
    package static let dropout = LogLinearRule(0.5, upTo: 2500, 0.3, from: 10_000)
    /// Learning rate of AdamW.
    package static let learningRate = LogLinearRule(0.003, upTo: 2500, 0.002, from: 10_000)
    /// Number of networks, rounded: the spread between networks that averaging removes shrinks with more data.
    package static let ensemble = LogLinearRule(3, upTo: 2500, 2, from: 10_000)
    /// 4,000 steps, as in earlier versions; 64 batches an epoch lead from batches of 16 for 1,000 sequences to 64 for 4,000, the
    /// batch sizes of earlier versions at these numbers.
    package static let steps = StepRule(
      steps: 4000, batchesPerEpoch: 64, batchSizes: 16...64, epochs: 5...100)
    /// The largest number of residues that one network reads in training: from earlier versions, about half a
    /// minute on two cores.
    package static let residueBudget = 30_000_000
    /// The smallest validation subset that is used for early stopping with classes and labels. The standard
    /// error of an accuracy of 0.9 is then 0.013; epochs near the end of a cosine schedule differ by less.
    package static let validationRows = 500
    /// Penalty on the weights of positional residues, which are few strong features.
    package static let positionalPenalty: Float = 0.01
    /// Penalty on the weights of k-mer counts, which are many weak features.
    package static let countPenalty: Float = 0.2
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let count = data.division.train.count
    let sequences = (data.examples.inputs[0].records as! SequenceRecords).sequences
    var encoder = EncoderOptions(choice.kind ?? .cnnLSTM)
    encoder.hasLinearPath = true
    encoder.inputDropout = Float(Constants.inputDropout(count))
    encoder.dropout = Float(Constants.dropout(count))
    // The length depends on the training examples; see `AlignedSequences`.
    encoder.linearWordLength = 0
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.dropout = encoder.dropout
    options.ensemble = encoder.kind == .linear ? 1 : Int(Constants.ensemble(count).rounded())
    options.training.batchSize = Constants.steps.batchSize(count)
    options.training.epochs = Constants.steps.epochs(
      count, size: sequences.reduce(0) { $0 + $1.count }, budget: Constants.residueBudget)
    options.training.learningRate = Float(Constants.learningRate(count))
    let isEven = Set(sequences.lazy.map(\.count)).count == 1
    options.training.inputPenalty = isEven ? Constants.positionalPenalty : Constants.countPenalty
    if data.examples.target.objective == ValuesObjective.name {
      // Networks overfit numbers, which are noisier than classes, so early stopping is always used for them.
      options.training.refits = true
    } else if Double(count) * options.training.validationShare < Double(Constants.validationRows) {
      options.training.validatesNothing()
    }
    return options
  }
}
