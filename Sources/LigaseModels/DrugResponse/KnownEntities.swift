import LigaseDatasets

/// The lines and drugs of training, and whether validation (or, without one, test) knows them: what decides which
/// effects and learned vectors make sense.
struct KnownEntities {
  /// Entities of one kind.
  struct Kind {
    /// Those with a training pair, ascending.
    let ids: [Int32]
    /// Each one's place among them.
    let numbers: [Int32: Int32]
    /// Whether most pairs to be judged on are of entities seen in training.
    let areKnownLater: Bool

    init(_ values: [Int32], train: [Int], later: [Int]) {
      let ids = Set(train.map { values[$0] }).sorted()
      self.ids = ids
      let numbers = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, Int32($0)) })
      self.numbers = numbers
      areKnownLater = later.isEmpty || later.count { numbers[values[$0]] != nil } * 2 > later.count
    }
  }

  let lines: Kind
  let drugs: Kind

  init(pairs: DrugResponsePairs, split: ResolvedSplit) {
    let later = split.validation.isEmpty ? split.test : split.validation
    lines = Kind(pairs.lines, train: split.train, later: later)
    drugs = Kind(pairs.drugs, train: split.train, later: later)
  }
}

extension DrugResponseOptions {
  /// The options with every `auto` decided by what the split keeps apart.
  func resolved(for known: KnownEntities) -> DrugResponseOptions {
    var options = self
    if training.lineVectors == .auto {
      options.training.lineVectors = known.lines.areKnownLater ? .always : .never
    }
    if training.drugVectors == .auto {
      options.training.drugVectors = known.drugs.areKnownLater ? .always : .never
    }
    options.architecture.embedsLines = options.training.lineVectors == .always
    options.architecture.embedsDrugs = options.training.drugVectors == .always
    if training.residual == .auto {
      options.training.residual =
        switch (known.drugs.areKnownLater, known.lines.areKnownLater) {
        case (true, true): .both
        case (true, false): .profile
        case (false, true): .line
        case (false, false): .mean
        }
    }
    let isBlind = !known.drugs.areKnownLater || !known.lines.areKnownLater
    if training.epochs == 0 { options.training.epochs = isBlind ? 40 : 30 }
    if training.batchSize == 0 { options.training.batchSize = isBlind ? 8192 : 1024 }
    if training.learningRate == 0 { options.training.learningRate = isBlind ? 0.004 : 0.01 }
    if architecture.geneDropout < 0 {
      options.architecture.geneDropout = known.lines.areKnownLater ? 0.4 : 0.75
    }
    return options
  }
}
