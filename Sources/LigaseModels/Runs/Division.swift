import LigaseDatasets
import LigaseRuntime

/// The division of examples into training, validation and test.
package struct Division: Sendable {
  /// The indices of the training examples.
  package var train: [Int]
  /// The validation examples for early stopping.
  package var validation: [Int] = []
  /// The held-out test examples.
  package var test: [Int] = []
  /// Whether validation examples were drawn at random.
  package var isValidationDrawn = true
  /// A description of the division.
  package var description = "all examples train"
  /// Notes about the division.
  package var report: [String] = []

  /// Creates a division in which all examples train.
  package init(allOf examples: Examples) { train = Array(0..<examples.count) }

  /// Draws a fraction of the training examples for validation. Groups stay together, class frequencies are
  /// kept, and with several key columns rows with equal keys stay together.
  package init(of examples: Examples, validationShare share: Double, seed: UInt64) throws {
    self.init(allOf: examples)
    if examples.keys.columns.count > 1 {
      let resolved = try Split.validationOnly(keys: examples.keys, share: share, seed: seed)
      take(resolved, of: examples, share: share, seed: seed)
    } else {
      drawValidation(examples, share: share, seed: seed)
    }
  }

  /// Draws whole values of key columns for validation: examples with a drawn value in every column are
  /// validation examples, those with none are training examples, and the others, which share values with
  /// both, are skipped. Without such columns single examples are drawn.
  ///
  /// - Throws: `JoinError` for a column with one value.
  package init(
    of examples: Examples, validationShare share: Double, wholeValuesOf names: [String], seed: UInt64
  ) throws {
    guard !names.isEmpty else {
      try self.init(of: examples, validationShare: share, seed: seed)
      return
    }
    self.init(allOf: examples)
    guard share > 0 else { return }
    // With several columns the fractions multiply.
    let fraction = names.count > 1 ? share.squareRoot() : share
    var drawn = [Int](repeating: 0, count: examples.count)
    var words: [String] = []
    for name in names {
      let column = examples.keys.column(name)!
      let ids = column.ids.indices.sorted {
        column.ids[$0].utf8.lexicographicallyPrecedes(column.ids[$1].utf8)
      }
      guard ids.count > 1 else {
        throw JoinError("found one value of \(name), expected at least two to hold some out for validation")
      }
      var random = SeededGenerator(seed: seed, stream: "validation \(name)"), order = ids
      random.shuffle(&order)
      let count = min(max(1, Int((Double(ids.count) * fraction).rounded())), ids.count - 1)
      let chosen = Set(order.prefix(count).map { Int32($0) })
      for row in drawn.indices where chosen.contains(column.codes[row]) { drawn[row] += 1 }
      words.append("\(count.grouped) of \(ids.count.counted(column: name))")
    }
    train = drawn.indices.filter { drawn[$0] == 0 }
    validation = drawn.indices.filter { drawn[$0] == names.count }
    guard !train.isEmpty, !validation.isEmpty else {
      throw JoinError(
        "found too few values of \(names.joined(separator: " and ")) to hold some out for validation")
    }
    description =
      "held out for validation: \(words.joined(separator: ", ")), drawn with seed \(seed)"
    let left = examples.count - train.count - validation.count
    report = [
      "held out for validation: \(words.joined(separator: ", ")), drawn with seed \(seed); "
        + "\(train.count.grouped) training and \(validation.count.counted("validation row"))"
        + (left > 0 ? ", skipped \(left.counted("row")) with values of both" : "")
    ]
  }

  /// Takes the subsets of a split whose keys are key columns of the examples.
  package init(
    of examples: Examples, by split: Split, fold: Int, validationShare share: Double, seed: UInt64
  ) throws {
    self.init(allOf: examples)
    let isKeyed = examples.keys.columns.count > 1
    take(
      try split.resolved(
        for: examples.keys, fold: fold, validationFraction: isKeyed ? share : 0, seed: seed), of: examples,
      share: share, seed: seed)
  }

  /// Takes the subset of each example; examples without one are skipped.
  ///
  /// - Throws: `JoinError` when there are no training examples.
  package init(of examples: Examples, parts: [Split.Subset?], from source: String) throws {
    func rows(_ part: Split.Subset) -> [Int] { parts.indices.filter { parts[$0] == part } }
    (train, validation, test) = (rows(.train), rows(.validation), rows(.test))
    guard !train.isEmpty else { throw JoinError("no training examples in \(source)") }
    isValidationDrawn = validation.isEmpty
    description = "subsets from \(source)"
    report = ["\(description): \(train.count) train, \(validation.count) val, \(test.count) test"]
  }

  private mutating func take(_ resolved: ResolvedSplit, of examples: Examples, share: Double, seed: UInt64) {
    (train, validation, test) = (resolved.train, resolved.validation, resolved.test)
    let lines = resolved.lines(keys: examples.keys)
    isValidationDrawn = resolved.isValidationDrawn || validation.isEmpty
    if examples.keys.columns.count == 1, validation.isEmpty {
      drawValidation(examples, share: share, seed: seed)
    }
    description = lines[0]
    report = lines + sharedGroups(examples)
  }

  /// Draws a fraction of the training examples for validation.
  package mutating func drawValidation(_ examples: Examples, share: Double, seed: UInt64) {
    (train, validation) = StratifiedFolds.validation(
      share: share, of: train, groups: examples.groups, strata: examples.strata, seed: seed)
    isValidationDrawn = true
    description =
      validation.isEmpty
      ? "all examples train" : "a fraction of \(share) drawn for validation with seed \(seed)"
  }

  /// Returns a warning where identical examples are in training and test.
  private func sharedGroups(_ examples: Examples) -> [String] {
    let learned = Set((train + validation).map { examples.groups[$0] })
    let shared = test.count { learned.contains(examples.groups[$0]) }
    return shared == 0
      ? []
      : [
        "\(shared.grouped) of \(test.count.counted("test example")) identical to training examples, or in one group with them"
      ]
  }

  /// The division of some of the examples, which are numbered anew.
  package func selecting(_ rows: [Int]) -> Division {
    let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    var chosen = self
    chosen.train = train.compactMap { place[$0] }
    chosen.validation = validation.compactMap { place[$0] }
    chosen.test = test.compactMap { place[$0] }
    return chosen
  }

  /// Returns one division for each of `count` folds of all examples except the test examples: the fold is the
  /// validation subset, and the other folds are training examples. Groups stay together and class frequencies
  /// are kept.
  ///
  /// - Throws: `JoinError` for more folds than groups.
  package func validationFolds(_ count: Int, of examples: Examples, seed: UInt64) throws -> [Division] {
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
      part.description = "fold \(fold) of \(count) is the validation subset, assigned with seed \(seed)"
      return part
    }
  }

  /// Throws `JoinError` if there are fewer groups than folds.
  static func requireGroups(_ groups: [Int], folds: Int) throws {
    let found = Set(groups).count
    guard found >= folds else {
      throw JoinError("\(found.counted("group")) of examples cannot fill \(folds.counted("fold"))")
    }
  }
}
