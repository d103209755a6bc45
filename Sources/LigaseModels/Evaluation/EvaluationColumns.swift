import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// The roles of the columns of predictions and truth.
struct EvaluationColumns {
  static let probabilityPrefix = "probability:"
  /// Columns of predictions that describe rows but are not keys.
  static let descriptive: Set<String> = [
    "fold", CrossValidationTable.repeatColumn, PredictionTable.subsetColumn,
  ]

  let target: String
  /// The evaluated label, of several.
  let label: EvaluationOptions.Label?
  let keys: [String]
  let task: EvaluationOptions.Task
  /// The columns of probabilities, by class.
  let probabilities: [(name: String, column: String)]
  /// Whether the predictions have a column of classes or values.
  let hasPrediction: Bool
  /// Whether predicted numbers are a score: the higher, the more probable the positive one of two classes.
  let isScore: Bool
  /// The groupings whose columns are known.
  let groupings: [Grouping]
  /// The values of the target column.
  let values: LabelColumn

  init(predictions: Table, truth: Table, options: EvaluationOptions) throws {
    let given = predictions.columnNames.filter { $0.hasPrefix(Self.probabilityPrefix) }
    label = options.label
    if let label {
      // The predicted label of a row follows from its probability.
      probabilities = [("yes", Self.probabilityPrefix + label.name)]
      hasPrediction = false
    } else {
      probabilities = given.map { (LabelColumn.name(String($0.dropFirst(Self.probabilityPrefix.count))), $0) }
      hasPrediction = predictions.hasColumn(options.predictionColumn)
    }
    let isNamed = label == nil && options.predictionColumn != EvaluationOptions().predictionColumn
    if !hasPrediction, isNamed || probabilities.isEmpty || options.task == .regression {
      _ = try predictions.index(ofColumn: options.predictionColumn)
    }
    target = try Self.target(predictions, truth, options)
    values = LabelColumn(
      target, try truth.strings(target), asText: options.task == .classification || !given.isEmpty,
      missing: options.missing)
    (task, isScore) = try Self.task(predictions, values, hasProbabilities: !probabilities.isEmpty, options)
    let made = Self.descriptive.union(given + [options.predictionColumn, target])
    if let chosen = options.keys {
      for name in chosen {
        _ = try predictions.index(ofColumn: name)
        _ = try truth.index(ofColumn: name)
      }
      keys = chosen
    } else {
      keys = truth.columnNames.filter { predictions.hasColumn($0) && !made.contains($0) }
      guard !keys.isEmpty else {
        throw FormatError(
          .badData, path: predictions.path,
          "found no key column in common with \(truth.path): one has "
            + "\(FormatError.list(predictions.columnNames)), "
            + "the other \(FormatError.list(truth.columnNames))")
      }
    }
    groupings = try Self.groupings(truth, keys, options)
  }

  /// Regression or classification. Numbers that are not classes are a score where the target has two classes:
  /// two texts, or 0 and 1.
  private static func task(
    _ predictions: Table, _ target: LabelColumn, hasProbabilities: Bool, _ options: EvaluationOptions
  ) throws -> (EvaluationOptions.Task, isScore: Bool) {
    guard !hasProbabilities, options.task != .regression else {
      return (hasProbabilities && options.task != .regression ? .classification : .regression, false)
    }
    let column = options.predictionColumn
    let classes = Set(target.values.compactMap { $0 })
    let predicted = LabelColumn(column, try predictions.strings(column), missing: options.missing)
    let isScore =
      (target.isNumeric ? classes == ["0", "1"] : classes.count == 2) && predicted.isNumeric
      && predicted.firstOther == nil
      && !Set(predicted.values.compactMap { $0 }).isSubset(of: classes)
    if let task = options.task { return (task, task == .classification && isScore) }
    return (target.isNumeric && !isScore ? .regression : .classification, isScore)
  }

  /// Whether each row of the truth has a value of the target; a set of labels may be empty, so all rows have
  /// one.
  var measured: [Bool] {
    if case .member = label { return [Bool](repeating: true, count: values.values.count) }
    return values.values.map { $0 != nil }
  }

  /// The number in each row of the truth, NaN where it is missing.
  func numbers(_ truth: Table) throws -> [Double] {
    try values.values.enumerated().map { row, text in
      guard let text else { return .nan }
      if case .success(let value) = LabelColumn.number(text) { return value }
      throw truth.error(
        row: row, column: try truth.index(ofColumn: target),
        "found \(FormatError.quoted(text)) in column \(FormatError.quoted(target)), expected a number")
    }
  }

  /// The class in each row of the truth; `no` or `yes` for a label, and empty where it is missing.
  func classes(_ truth: Table) throws -> [String] {
    switch label {
    case nil: return values.values.map { $0 ?? "" }
    case .member(let name):
      return try truth.strings(target).map { Labels.set($0).contains(name) ? "yes" : "no" }
    case .column:
      return try values.values.enumerated().map { row, text in
        switch text {
        case nil: return ""
        case "0": return "no"
        case "1": return "yes"
        case let text?:
          throw truth.error(
            row: row, column: try truth.index(ofColumn: target),
            "found \(FormatError.quoted(text)) in column \(FormatError.quoted(target)), expected 0 or 1")
        }
      }
    }
  }

  /// The target column: the named one, else the one whose values are the classes of the predictions, else the
  /// only candidate.
  static func target(_ predictions: Table, _ truth: Table, _ options: EvaluationOptions) throws
    -> String
  {
    if let target = options.target {
      _ = try truth.index(ofColumn: target)
      return target
    }
    let taken = Set(options.keys ?? []).union(options.groupings.compactMap(\.column))
    let own = truth.columnNames.filter { !predictions.hasColumn($0) && !taken.contains($0) }
    let byValue = try columns(own, of: truth, holdingClassesOf: predictions, options)
    if byValue.count == 1 { return byValue[0] }
    let numeric = try own.filter(truth.looksNumeric)
    let choices: [String]
    if !byValue.isEmpty {
      choices = byValue
    } else if own.isEmpty {
      // Predictions may also contain the target: a shared column of numbers is then the only candidate.
      choices = try truth.columnNames.filter { try !taken.contains($0) && truth.looksNumeric($0) }
    } else {
      choices = numeric.isEmpty ? own : numeric
    }
    if choices.count == 1 { return choices[0] }
    throw FormatError(
      .badData, path: truth.path, line: 1,
      "cannot tell which column is the target, expected one of: "
        + FormatError.list(choices.isEmpty ? truth.columnNames : choices), remedy: .nameTargetColumn)
  }

  /// The columns of the truth whose values are all among the classes, or sets of the labels, of the
  /// predictions.
  private static func columns(
    _ names: [String], of truth: Table, holdingClassesOf predictions: Table, _ options: EvaluationOptions
  ) throws -> [String] {
    var classes = Set(
      predictions.columnNames.filter { $0.hasPrefix(probabilityPrefix) }.map {
        LabelColumn.name(String($0.dropFirst(probabilityPrefix.count)))
      })
    if predictions.hasColumn(options.predictionColumn) {
      let predicted = LabelColumn(
        options.predictionColumn, try predictions.strings(options.predictionColumn), missing: options.missing)
      if !predicted.isNumeric || !classes.isEmpty {
        classes.formUnion(
          predicted.values.compactMap { $0.map { Labels.set($0).count > 1 ? [] : [$0] } ?? [] }.joined())
      }
    }
    guard !classes.isEmpty else { return [] }
    return try names.filter { name in
      let found = Set(
        LabelColumn(name, try truth.strings(name), asText: true, missing: options.missing).values.compactMap {
          $0
        })
      return !found.isEmpty
        && found.allSatisfy { classes.contains($0) || classes.isSuperset(of: Labels.set($0)) }
    }
  }

  /// The truth with the names of the predictions' columns. If the tables have no column in common, the column
  /// of the truth that contains most of the ids of a key column is renamed to it, with a note.
  static func naming(_ truth: Table, as predictions: Table, _ options: EvaluationOptions) throws -> (
    truth: Table, note: String?
  ) {
    let made = predictions.columnNames.filter {
      $0.hasPrefix(probabilityPrefix) || $0 == options.predictionColumn || descriptive.contains($0)
        || $0.hasPrefix(options.predictionColumn + ":") || $0.hasPrefix(PredictionTable.partPrefix)
    }
    let keys = predictions.columnNames.filter { !made.contains($0) }
    guard options.keys == nil, !keys.contains(where: truth.hasColumn) else { return (truth, nil) }
    var best: (key: String, column: String, count: Int)?
    for key in keys {
      let ids = Set(try predictions.strings(key).filter { !$0.isEmpty })
      for column in truth.columnNames {
        let count = ids.intersection(try truth.strings(column)).count
        if count * 2 > ids.count, count > best?.count ?? 0 { best = (key, column, count) }
      }
    }
    guard let best else { return (truth, nil) }
    return (
      try truth.renaming(best.column, to: best.key),
      "joined \(best.key) with column \(FormatError.quoted(best.column)) of \(truth.path), which contains \(best.count.counted("id")) of it"
    )
  }

  /// The groupings: by the column of the options, otherwise by words in the column name. If only one of two
  /// groupings is
  /// found, the remaining key column is the other. If none is found, the key column with fewer ids is the first grouping.
  private static func groupings(
    _ truth: Table, _ keys: [String], _ options: EvaluationOptions
  ) throws -> [Grouping] {
    var found = options.groupings
    for column in found.compactMap(\.column) { _ = try truth.index(ofColumn: column) }
    for i in found.indices where found[i].column == nil {
      let free = keys.filter { key in !found.contains { $0.column == key } }
      let named = free.filter { key in found[i].words.contains { key.lowercased().contains($0) } }
      if named.count == 1 { found[i].column = named[0] }
    }
    let open = found.indices.filter { found[$0].column == nil }
    let rest = keys.filter { key in !found.contains { $0.column == key } }
    if found.count == 2, open.count == 1, rest.count == 1 {
      found[open[0]].column = rest[0]
    } else if open.count == found.count, keys.count == 2 {
      let counts = try keys.map { KeyColumn($0, try truth.strings($0)).ids.count }
      return (counts[0] < counts[1] ? keys : keys.reversed()).map(Grouping.init(column:))
    }
    var known: [Grouping] = []
    for grouping in found.prefix(while: { $0.column != nil })
    where !known.contains(where: { $0.column == grouping.column }) { known.append(grouping) }
    return known
  }
}
