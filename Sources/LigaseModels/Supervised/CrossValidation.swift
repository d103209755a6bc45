import LigaseDatasets

/// Cross-validation: every example is predicted by a model that has not seen it, nor any of its group.
///
/// Within each fold the training examples are divided again to choose the epoch, so that the test fold chooses nothing.
public struct CrossValidation: Sendable {
  /// What is learned from.
  public let data: SupervisedData
  /// The options in force.
  public let options: SupervisedOptions
  /// How many parts.
  public let folds: Int
  /// How many times, each with other parts.
  public let repeats: Int
  /// The seed of parts, weights and order.
  public let seed: UInt64
  /// The fold of each example, of each repeat.
  public let assignments: [[Int]]

  /// Out-of-fold predictions.
  public struct Outcome: Sendable {
    /// The name of what predicted: `model`, or a baseline.
    public var name: String
    /// K numbers for each example, or for each of its residues.
    public var outputs: [Float]
  }

  /// Deals the examples.
  ///
  /// - Parameter given: the fold of each example, where the user names it; `repeats` is then 1.
  /// - Throws: `JoinError` for more folds than groups.
  public init(
    _ data: SupervisedData, options: SupervisedOptions, folds: Int, repeats: Int, seed: UInt64,
    given: [Int]? = nil
  ) throws {
    self.data = data
    self.options = options
    self.repeats = given == nil ? repeats : 1
    self.seed = seed
    if let given {
      assignments = [given]
      self.folds = (given.max() ?? -1) + 1
    } else {
      try SupervisedData.requireGroups(data.examples.groups, folds: folds)
      self.folds = folds
      assignments = (0..<repeats).map {
        StratifiedFolds.deal(
          folds, groups: data.examples.groups, strata: data.examples.strata, seed: seed,
          stream: $0 == 0 ? "split" : "split \($0)")
      }
    }
  }

  /// The training examples of a fold, divided into those that teach and those that choose the epoch.
  public func training(repeat number: Int, fold: Int) -> SupervisedData {
    var part = data
    part.train = assignments[number].indices.filter { assignments[number][$0] != fold }
    part.drawValidation(share: options.training.validationShare, seed: seed &+ UInt64(number))
    part.test = assignments[number].indices.filter { assignments[number][$0] == fold }
    part.splitDescription = "fold \(fold) of \(folds) is kept apart; " + part.splitDescription
    return part
  }

  /// The examples of a fold.
  public func test(repeat number: Int, fold: Int) -> [Int] {
    assignments[number].indices.filter { assignments[number][$0] == fold }
  }

  /// Trains on all but one fold and predicts that fold.
  ///
  /// - Returns: K numbers for each example of the fold, of the network and of each baseline; nil when told to stop.
  public func run(
    repeat number: Int, fold: Int, shouldStop: () -> Bool = { false },
    onEpoch: (SupervisedTraining, Double?) -> Void = { _, _ in }
  ) throws -> [Outcome]? {
    let part = training(repeat: number, fold: fold), test = test(repeat: number, fold: fold)
    guard let model = try Self.train(part, options, seed: seed, shouldStop: shouldStop, onEpoch: onEpoch)
    else {
      return nil
    }
    let inputs = model.model.prepared(data.examples.inputs)
    var outcomes = [Outcome(name: "model", outputs: model.model.predict(inputs, rows: test))]
    for baseline in NaiveBaseline.suitable(for: data) {
      outcomes.append(
        Outcome(
          name: baseline.rawValue,
          outputs: baseline.predict(data, train: part.train + part.validation, rows: test)))
    }
    return outcomes
  }

  /// A whole training, with the second run where the options ask for it; nil when told to stop.
  static func train(
    _ data: SupervisedData, _ options: SupervisedOptions, seed: UInt64, shouldStop: () -> Bool,
    onEpoch: (SupervisedTraining, Double?) -> Void
  ) throws -> SupervisedTraining? {
    var training = try SupervisedTraining(data, options: options, seed: seed)
    func drive() throws -> Bool {
      try training.run(shouldStop: shouldStop, onEpoch: { now, epoch in onEpoch(now, epoch.metric) })
        == .finished
    }
    guard try drive() else { return nil }
    if let again = try training.refit() {
      training = again
      guard try drive() else { return nil }
    }
    return training
  }
}

extension SupervisedModel {
  /// Raw inputs in the order of the model's features, encoded.
  func prepared(_ inputs: RawInputs) -> EncodedInputs {
    guard case .features(let table) = inputs, case .expression(let features) = manifest.features,
      table.names != features.scaler.genes
    else { return manifest.features.encode(inputs) }
    let place = Dictionary(uniqueKeysWithValues: table.names.enumerated().map { ($1, $0) })
    return manifest.features.encode(
      .features(table.selecting(columns: features.scaler.genes.map { place[$0]! })))
  }
}
