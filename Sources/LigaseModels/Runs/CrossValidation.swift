import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Cross-validation: every example is predicted by a model that was trained without it and its group.
///
/// Within each fold a validation subset of the training examples is drawn for early stopping, so that the
/// test fold has no influence.
package struct CrossValidation: Sendable {
  /// The data.
  package let data: TrainingData
  /// The effective configuration.
  package let options: ModelOptions
  /// The number of folds.
  package let folds: Int
  /// The number of each fold: from 0, or as in the user's split.
  package let foldNumbers: [Int]
  /// Notes: the examples that are in no fold.
  package let report: [String]
  /// The name of each repeat, which has its own folds: a number from 0, or as in the user's split.
  package let repeatNames: [String]
  /// The number of repeats.
  package var repeats: Int { repeatNames.count }
  /// The seed of folds, weights and order.
  package let seed: UInt64
  /// The index in `foldNumbers` of each example's fold, for each repeat; -1 for an example in no fold.
  package let assignments: [[Int]]
  /// Models of some inputs, which are trained and evaluated beside the whole.
  package var ablations: [Ablation] = []

  /// Out-of-fold predictions.
  package struct Outcome: Sendable {
    /// The name of the predictor: `model`, or a baseline.
    package var name: String
    /// The K outputs of each example, or of each of its residues.
    package var outputs: [Float]
    /// The number of examples for which the predictor has no answer, such as those of a drug that it has not seen; the mean of the
    /// training examples stands for it.
    package var unanswered = 0
  }

  /// Assigns the examples to folds.
  ///
  /// - Parameters:
  ///   - column: a key column whose equal values are in one fold; nil keeps the groups of the examples
  ///     together.
  ///   - given: the fold of each example in each repeat, where the user specifies it, or -1 for one in no fold;
  ///     `repeats` is then not used.
  package init(
    _ data: TrainingData, options: ModelOptions, folds: Int, repeats: Int, seed: UInt64,
    by column: String? = nil, given: [RepeatedFolds]? = nil
  ) throws {
    self.data = data
    self.options = options
    repeatNames = given.map { $0.map(\.name) } ?? (0..<repeats).map { "\($0)" }
    self.seed = seed
    if let given {
      let numbers = given[0].numbers
      guard numbers.count > 1 else {
        throw JoinError(
          "found \(numbers.isEmpty ? "no fold" : "only fold \(numbers[0])") in the split, expected at least 2 folds"
        )
      }
      if let other = given.first(where: { $0.numbers != numbers }) {
        func list(_ numbers: [Int]) -> String { FormatError.list(numbers.map { "\($0)" }) }
        throw JoinError(
          "found the folds \(list(other.numbers)) in repeat \(other.name) of the split, expected those of repeat "
            + "\(given[0].name): \(list(numbers))")
      }
      let place = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
      assignments = given.map { $0.folds.map { place[$0] ?? -1 } }
      (self.folds, foldNumbers) = (numbers.count, numbers)
      let left = given[0].folds.indices.filter { row in given.allSatisfy { $0.folds[row] < 0 } }
      report =
        (left.isEmpty
          ? []
          : [
            "skipped \(left.count.grouped) \(data.unit) in no fold of the split: "
              + left.prefix(3).map(data.examples.keys.describe).joined(separator: "; ")
          ]) + Predictors.skipped(data.examples, folds: numbers.count)
    } else {
      let groups = try Self.groups(data.examples, by: column)
      try Division.requireGroups(groups, folds: folds)
      (self.folds, foldNumbers) = (folds, Array(0..<folds))
      report = Predictors.skipped(data.examples, folds: folds)
      assignments = (0..<repeats).map {
        StratifiedFolds.deal(
          folds, groups: groups, strata: data.examples.strata, seed: seed,
          stream: $0 == 0 ? "split" : "split \($0)")
      }
    }
  }

  private static func groups(_ examples: Examples, by column: String?) throws -> [Int] {
    guard let column else {
      guard examples.keys.columns.count > 1 else { return examples.groups }
      return examples.keys.combinations().codes.map { Int($0) }
    }
    guard let keys = examples.keys.column(column) else {
      throw SplitError.missingColumn(column, examples.keys.names)
    }
    return keys.codes.map { Int($0) }
  }

  /// Returns the training data of a fold: the other folds, with a fraction for validation.
  package func training(repeat number: Int, fold: Int) throws -> TrainingData {
    var part = data
    let rows = assignments[number], examples = data.examples
    let share = options.training.validationShare
    if examples.keys.columns.count > 1 {
      let known = rows.indices.filter { rows[$0] >= 0 }
      let split = Split(
        keys: examples.keys.selecting(rows: known), assignment: .folds(known.map { rows[$0] }))
      part.division = try Division(
        of: examples, by: split, fold: fold, validationShare: share, seed: seed &+ UInt64(number))
    } else {
      part.division.train = rows.indices.filter { rows[$0] != fold && rows[$0] >= 0 }
      part.division.drawValidation(examples, share: share, seed: seed &+ UInt64(number))
    }
    part.division.test = test(repeat: number, fold: fold)
    part.division.description =
      "fold \(foldNumbers[fold]) of \(folds) is held out; " + part.division.description
    return part
  }

  /// Returns the examples of a fold.
  package func test(repeat number: Int, fold: Int) -> [Int] {
    assignments[number].indices.filter { assignments[number][$0] == fold }
  }

  /// Trains on all but one fold and predicts that fold.
  ///
  /// - Returns: K numbers for each example of the fold, of the network and of each baseline; nil when
  ///   stopped.
  package func run(
    repeat number: Int, fold: Int, shouldStop: () -> Bool = { false },
    onEpoch: (Training, Double?) -> Void = { _, _ in }
  ) throws -> [Outcome]? {
    let part = try training(repeat: number, fold: fold), test = test(repeat: number, fold: fold)
    guard let training = try Self.train(part, options, seed: seed, shouldStop: shouldStop, onEpoch: onEpoch)
    else { return nil }
    let model = training.model
    let prepared = PreparedExamples(data.examples, as: model.manifest.inputs)
    let (outputs, parts) = model.predictions(prepared.inputs, rows: test)
    var outcomes = [Outcome(name: "model", outputs: outputs)]
    if !model.manifest.blend.isEmpty {
      outcomes += parts.map { Outcome(name: $0.name, outputs: $0.outputs) }
    }
    let learned = (part.division.train + part.division.validation).sorted()
    var plain = options
    for (name, input) in plain.inputs {
      plain.inputs[name]!.preparation = AnyModality(input.preparation.base.withoutLabels)
    }
    let fitted = PreparedExamples(data.examples, options: plain, train: learned)
    for (name, predictor) in Predictors.baselines(
      fitted, rows: learned, besides: model.manifest.blend.map(\.predictor))
    {
      var outcome = Outcome(name: name, outputs: predictor.predict(fitted.inputs, rows: test))
      outcome.unanswered = test.count { !predictor.answers(fitted.inputs, row: $0) }
      if outcome.unanswered > 0 {
        let means = data.examples.observations.means(rows: learned)
        for i in outcome.outputs.indices where outcome.outputs[i].isNaN {
          outcome.outputs[i] = means[i % means.count]
        }
      }
      outcomes.append(outcome)
    }
    for ablation in ablations {
      guard
        let training = try Self.train(
          ablation.restricted(part), ablation.restricted(options), seed: seed, shouldStop: shouldStop,
          onEpoch: onEpoch)
      else { return nil }
      let model = training.model
      let prepared = PreparedExamples(ablation.restricted(data).examples, as: model.manifest.inputs)
      outcomes.append(Outcome(name: ablation.name, outputs: model.predict(prepared.inputs, rows: test)))
    }
    return outcomes
  }

  /// Runs a whole training, with the refit where the options require it; nil when stopped.
  static func train(
    _ data: TrainingData, _ options: ModelOptions, seed: UInt64, shouldStop: () -> Bool,
    onEpoch: (Training, Double?) -> Void
  ) throws -> Training? {
    try Training(data, options: options, seed: seed).completed(shouldStop: shouldStop, onEpoch: onEpoch)
  }
}
