import LigaseDatasets
import LigaseFormats

/// Which columns of predictions and truth are which.
struct EvaluationColumns {
  static let probabilityPrefix = "probability:"

  let target: String
  /// Which of several labels is judged.
  let label: EvaluationOptions.Label?
  let keys: [String]
  let task: EvaluationOptions.Task
  /// The columns of probabilities, by class.
  let probabilities: [(name: String, column: String)]
  let hasPrediction: Bool
  /// The groupings whose columns are known.
  let groupings: [Grouping]

  init(predictions: Table, truth: Table, options: EvaluationOptions) throws {
    let given = predictions.columnNames.filter { $0.hasPrefix(Self.probabilityPrefix) }
    label = options.label
    if let label {
      // The label of a row follows from its probability.
      probabilities = [("yes", Self.probabilityPrefix + label.name)]
      hasPrediction = false
    } else {
      probabilities = given.map { (String($0.dropFirst(Self.probabilityPrefix.count)), $0) }
      hasPrediction = predictions.hasColumn(options.predictionColumn)
    }
    if !hasPrediction, probabilities.isEmpty || options.task == .regression {
      _ = try predictions.index(ofColumn: options.predictionColumn)
    }
    target = try Self.target(predictions, truth, options)
    let isNumeric = try truth.looksNumeric(target)
    task = options.task ?? (probabilities.isEmpty && isNumeric ? .regression : .classification)
    let made = Set(given + [options.predictionColumn, target])
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

  /// The rows of the truth that tell something of the target: of sets all, as a set may be empty.
  func measured(_ truth: Table) throws -> [Bool] {
    if case .member = label { return [Bool](repeating: true, count: truth.rowCount) }
    let column = try truth.index(ofColumn: target)
    let isNumeric = try truth.looksNumeric(target)
    return (0..<truth.rowCount).map {
      !(isNumeric
        ? truth.isMissingNumber(row: $0, column: column) : truth.isMissing(row: $0, column: column))
    }
  }

  /// The class of each row of the truth; of a label `no` or `yes`, and nothing where it is missing.
  func classes(_ truth: Table) throws -> [String] {
    let texts = try truth.strings(target)
    switch label {
    case nil: return texts
    case .member(let name): return texts.map { Labels.set($0).contains(name) ? "yes" : "no" }
    case .column:
      let column = try truth.index(ofColumn: target)
      return try texts.indices.map { row in
        if truth.isMissing(row: row, column: column) { return "" }
        switch Double(texts[row]) {
        case 0: return "no"
        case 1: return "yes"
        default:
          throw truth.error(
            row: row, column: column,
            "found \(FormatError.quoted(texts[row])) in column \(FormatError.quoted(target)), expected 0 or 1"
          )
        }
      }
    }
  }

  /// The column that is predicted.
  static func target(_ predictions: Table, _ truth: Table, _ options: EvaluationOptions) throws
    -> String
  {
    if let target = options.target {
      _ = try truth.index(ofColumn: target)
      return target
    }
    let taken = Set(options.keys ?? []).union(options.groupings.compactMap(\.column))
    let own = truth.columnNames.filter { !predictions.hasColumn($0) && !taken.contains($0) }
    let numeric = try own.filter(truth.looksNumeric)
    if numeric.count == 1 { return numeric[0] }
    if numeric.isEmpty && own.count == 1 { return own[0] }
    let choices: [String]
    if own.isEmpty {
      // Predictions may carry the target along: a shared column of numbers is then the only choice.
      choices = try truth.columnNames.filter { try !taken.contains($0) && truth.looksNumeric($0) }
      if choices.count == 1 { return choices[0] }
    } else {
      choices = numeric.isEmpty ? own : numeric
    }
    throw FormatError(
      .badData, path: truth.path, line: 1,
      "cannot tell which column is predicted, expected one of: "
        + FormatError.list(choices.isEmpty ? truth.columnNames : choices), remedy: .nameTargetColumn)
  }

  /// The groupings: by the column that is told, else by the words of the column's name. The last key column goes to the
  /// one of two groupings that is still open. Of two key columns that no grouping claims, that with fewer ids is the
  /// first grouping.
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
