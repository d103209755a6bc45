import LigaseDatasets

/// A sequence to a class, labels or values.
package enum SequenceTask: Task {
  package static let name = "sequence"
  package static let unit = "sequences"
  package static let mainInput = SequenceModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let count = data.division.train.count, isSmall = count < 5000
    let sequences = (data.examples.inputs[0].records as! SequenceRecords).sequences
    let residues = sequences.reduce(0) { $0 + $1.count }
    var encoder = EncoderOptions(choice.kind ?? .cnnLSTM)
    encoder.hasLinearPath = true
    encoder.inputDropout = isSmall ? 0.2 : 0.1
    encoder.dropout = isSmall ? 0.5 : 0.3
    // What a network needs many examples to see: which residues stand together where.
    encoder.linearWordLength = isSmall ? 0 : 1
    var options = ModelOptions(data.examples.inputs[0], encoder)
    options.head.dropout = encoder.dropout
    options.members = encoder.kind == .linear ? 1 : isSmall ? 3 : 2
    options.training.epochs = ModelOptions.epochs(
      for: count, batchSize: 64, steps: 4000, residues: residues)
    options.training.refits = isSmall
    options.training.learningRate = isSmall ? 0.003 : 0.002
    // K-mer counts are many weak features, so their weights get a stronger penalty.
    let isEven = Set(sequences.lazy.map(\.count)).count == 1
    options.training.inputPenalty = isEven ? 0.01 : 0.2
    if count < 2000, data.examples.target.objective != ValuesObjective.name {
      // A tenth of so few would choose an epoch by chance, and a motif shows only after a plateau; smaller batches make
      // steps enough. Numbers, which are noisier than classes, still choose their epoch.
      options.training.batchSize = 16
      options.training.epochs = ModelOptions.epochs(
        for: count, batchSize: 16, steps: 4000, atMost: 100, residues: residues)
      options.training.validatesNothing()
    }
    return options
  }
}
