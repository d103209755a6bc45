import LigaseDatasets

/// Examples with all that training needs beside the options.
public struct SupervisedData: Sendable {
  /// What the model is for.
  public var task: SupervisedModel.Task
  /// The examples.
  public var examples: Examples
  /// What is fitted on the training examples.
  public var plan: FeaturePlan
  /// The column of sequences, where they came from a table.
  public var sequenceColumn: String?
  /// Training examples, as indices.
  public var train: [Int]
  /// Examples that choose the epoch.
  public var validation: [Int] = []
  /// Examples that were kept apart.
  public var test: [Int] = []
  /// Whether validation examples were drawn rather than named.
  public var isValidationDrawn = true
  /// How the parts were told apart, in words.
  public var splitDescription = "all examples train"

  /// Examples that all train.
  public init(
    task: SupervisedModel.Task, examples: Examples, plan: FeaturePlan, sequenceColumn: String? = nil
  ) {
    self.task = task
    self.examples = examples
    self.plan = plan
    self.sequenceColumn = sequenceColumn
    train = Array(0..<examples.count)
  }

  /// Draws a share of the training examples for validation; groups stay together and classes keep their shares.
  public mutating func drawValidation(share: Double, seed: UInt64) {
    (train, validation) = StratifiedFolds.validation(
      share: share, of: train, groups: examples.groups, strata: examples.strata, seed: seed)
    isValidationDrawn = true
    splitDescription =
      validation.isEmpty
      ? "all examples train" : "a share of \(share) was drawn for validation with seed \(seed)"
  }

  /// The data once for each of `count` folds of all examples but the test's: the fold is the validation part, the others
  /// train. Groups stay together and classes keep their shares.
  ///
  /// - Throws: `JoinError` for more folds than groups.
  public func validationFolds(_ count: Int, seed: UInt64) throws -> [SupervisedData] {
    let rows = (train + validation).sorted()
    let groups = rows.map { examples.groups[$0] }
    try Self.requireGroups(groups, folds: count)
    let folds = StratifiedFolds.deal(
      count, groups: groups, strata: examples.strata.map { strata in rows.map { strata[$0] } }, seed: seed)
    return (0..<count).map { fold in
      var part = self
      part.train = zip(rows, folds).filter { $1 != fold }.map(\.0)
      part.validation = zip(rows, folds).filter { $1 == fold }.map(\.0)
      part.isValidationDrawn = true
      part.splitDescription = "fold \(fold) of \(count) was drawn for validation with seed \(seed)"
      return part
    }
  }

  /// Throws `JoinError` where folds outnumber groups.
  static func requireGroups(_ groups: [Int], folds: Int) throws {
    let found = Set(groups).count
    guard found >= folds else {
      throw JoinError("found \(found) groups of examples, expected at least \(folds), the number of folds")
    }
  }

  /// Takes the parts of a split whose keys are the examples' ids.
  ///
  /// - Returns: lines for people.
  public mutating func apply(_ split: Split, fold: Int, validationShare: Double, seed: UInt64) throws
    -> [String]
  {
    let keys = KeyColumns([KeyColumn(examples.idColumn, examples.ids)])
    let resolved = try split.resolved(for: keys, fold: fold, validationFraction: 0, seed: seed)
    (train, validation, test) = (resolved.train, resolved.validation, resolved.test)
    let lines = resolved.lines(keys: keys)
    if validation.isEmpty {
      drawValidation(share: validationShare, seed: seed)
    } else {
      isValidationDrawn = false
    }
    splitDescription = lines[0]
    return lines + sharedGroups()
  }

  /// Takes the part of each example; examples without one are left out.
  ///
  /// - Throws: `JoinError` when none trains.
  public mutating func take(_ parts: [Split.Part?], from source: String) throws {
    func rows(_ part: Split.Part) -> [Int] { parts.indices.filter { parts[$0] == part } }
    (train, validation, test) = (rows(.train), rows(.validation), rows(.test))
    guard !train.isEmpty else { throw JoinError("\(source) name no training example") }
    isValidationDrawn = validation.isEmpty
    splitDescription = "parts from \(source)"
  }

  /// A warning where identical examples are in training and test.
  private func sharedGroups() -> [String] {
    let learned = Set((train + validation).map { examples.groups[$0] })
    let shared = test.count { learned.contains(examples.groups[$0]) }
    return shared == 0
      ? []
      : ["\(shared) of \(test.count) test examples are identical to, or of one group with, training examples"]
  }
}
