import LigaseDatasets

/// The lines and drugs of training, and whether validation (or, without one, test) knows them: what decides what
/// a model is to predict.
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

  init(pairs: DrugResponsePairs, train: [Int], later: [Int]) {
    lines = Kind(pairs.lines, train: train, later: later)
    drugs = Kind(pairs.drugs, train: train, later: later)
  }
}

extension DrugResponseOptions.Purpose {
  /// What a split asks for: whether most pairs of its validation part (of its test part, where there is none) are of
  /// lines and drugs that its training part knows.
  public init(pairs: DrugResponsePairs, split: ResolvedSplit) {
    let known = KnownEntities(
      pairs: pairs, train: split.train, later: split.validation.isEmpty ? split.test : split.validation)
    self =
      switch (known.lines.areKnownLater, known.drugs.areKnownLater) {
      case (true, true): .known
      case (false, true): .newLines
      case (true, false): .newDrugs
      case (false, false): .newBoth
      }
  }
}
