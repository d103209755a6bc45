import LigaseFormats

/// Labels of examples, as text, and their conversion to a target.
package enum Labels {
  /// The kinds of labels.
  package enum Kind: String, CaseIterable, Sendable {
    /// One class for each example.
    case classes
    /// Any of several labels for each example.
    case labels
    /// Numbers.
    case values
  }

  /// The interpretation of label columns.
  package struct Reading: Sendable {
    /// The kind of labels; nil detects it automatically.
    package var kind: Kind?
    /// The texts that mean a missing label, besides the empty text; nil is `NA`, and in numeric columns every
    /// spelling of a missing number.
    package var missing: [String]?
    /// The columns of a time to an event, which replace all others.
    package var survival: SurvivalLabels?

    package init(_ kind: Kind? = nil, missing: [String]? = nil, survival: SurvivalLabels? = nil) {
      (self.kind, self.missing, self.survival) = (kind, missing, survival)
    }

    /// Returns the interpreted columns.
    func columns(_ texts: [(name: String, values: [String])]) -> [LabelColumn] {
      texts.map { LabelColumn($0.name, $0.values, asText: kind == .classes, missing: missing) }
    }
  }

  /// A target, the observation of each example, and a note about the interpretation of the labels.
  package typealias Target = (target: TargetDescription, observations: Observations, note: String)

  /// Creates a target from label columns.
  ///
  /// One column of text, or of at most twenty distinct whole numbers, contains classes; other numbers are
  /// values. Several columns of 0 and 1 are labels, other numeric columns are values. A single field of
  /// labels separated by `;` is a set of labels only if `reading` specifies this. Missing classes are not
  /// allowed; missing values and labels are ignored in the loss.
  ///
  /// - Parameters:
  ///   - columns: the name and the texts of each column.
  ///   - describe: returns the description of an example in messages.
  package static func target(
    _ columns: [(name: String, values: [String])], _ reading: Reading = Reading(), describe: (Int) -> String
  ) throws -> Target {
    let names = columns.map(\.name).joined(separator: ", ")
    if let survival = reading.survival { return try survival.target(columns, describe) }
    if let name = columns.indices.lazy.map({ columns[$0].name }).first(where: { name in
      columns.count { $0.name == name } > 1
    }) {
      throw JoinError("found the column '\(name)' twice, expected each once")
    }
    if reading.kind == .labels, columns.count == 1 {
      return try sets(columns[0].name, columns[0].values.map { set($0, reading.missing) })
    }
    let read = reading.columns(columns), kind = reading.kind ?? guess(read)
    for column in read {
      guard let row = column.firstOther else { continue }
      throw JoinError(
        "found \(FormatError.quoted(column.values[row]!)) in \(column.name) for \(describe(row)), expected a number as in "
          + "most rows", remedy: .chooseTarget)
    }
    guard kind == .classes else { return try numbers(read, kind, describe) }
    guard read.count == 1 else {
      throw JoinError("found \(read.count) columns of classes, expected one (\(names))")
    }
    return try classes(read[0], describe)
  }

  private static func classes(_ column: LabelColumn, _ describe: (Int) -> String) throws -> Target {
    let name = column.name
    if let row = column.values.firstIndex(where: { $0 == nil }) {
      throw JoinError("found no class in \(name) for \(describe(row)), expected one for every example")
    }
    let values = column.values.compactMap { $0 }, classes = order(Set(values))
    guard classes.count > 1 else {
      throw JoinError("found only the class '\(classes.first ?? "")' in \(name), expected two or more")
    }
    // Two examples of two classes are the smallest valid data.
    guard classes.count < values.count || values.count == 2 else {
      throw JoinError(
        "found \(classes.count) classes in \(name) for \(number(values.count, "example")), expected several examples of each class"
      )
    }
    let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Float($0)) })
    return (
      TargetDescription("classes", classes, columns: [name]),
      Observations(numbers: values.map { index[$0]! }, width: 1), "\(name): \(classes.count) classes"
    )
  }

  private static func sets(_ name: String, _ sets: [[String]]) throws -> Target {
    let labels = order(Set(sets.joined()))
    guard !labels.isEmpty else { throw JoinError("found no label in \(name), expected one or more") }
    let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    var values = [Float](repeating: 0, count: sets.count * labels.count)
    for (row, set) in sets.enumerated() {
      for label in set { values[row * labels.count + index[label]!] = 1 }
    }
    return (
      TargetDescription("labels", labels, columns: [name]),
      Observations(numbers: values, width: labels.count),
      "\(name): any of \(labels.count) labels"
    )
  }

  /// Returns values, or labels that are 0 or 1, one for each column.
  private static func numbers(_ columns: [LabelColumn], _ kind: Kind, _ describe: (Int) -> String) throws
    -> Target
  {
    var values = [Float](repeating: .nan, count: (columns.first?.values.count ?? 0) * columns.count)
    for (t, column) in columns.enumerated() {
      for (row, text) in column.values.enumerated() {
        guard let text else { continue }
        guard case .success(let number) = LabelColumn.number(text), Float(number).isFinite else {
          throw JoinError(
            "found \(FormatError.quoted(text)) in \(column.name) for \(describe(row)), expected a number")
        }
        guard kind == .values || number == 0 || number == 1 else {
          throw JoinError(
            "found \(FormatError.quoted(text)) in \(column.name) for \(describe(row)), expected 0 or 1")
        }
        values[row * columns.count + t] = Float(number)
      }
    }
    let names = columns.map(\.name), observations = Observations(numbers: values, width: columns.count)
    let text = names.joined(separator: ", ")
    return kind == .labels
      ? (
        TargetDescription("labels", names, columns: names), observations,
        "\(text): \(columns.count) labels, yes or no"
      )
      : (TargetDescription("values", names, columns: names), observations, "\(text): numbers")
  }

  /// Returns the examples with a label in at least one column. A field that is a set of labels may be empty.
  package static func labelled(_ columns: [(name: String, values: [String])], _ reading: Reading) -> [Int] {
    let count = columns.first?.values.count ?? 0
    if reading.survival != nil { return SurvivalLabels.labelled(columns) }
    if reading.kind == .labels, columns.count == 1 {
      return (0..<count).filter {
        columns[0].values[$0][...].trimmed.isEmpty
          || !isMissing(columns[0].values[$0][...].trimmed, reading.missing)
      }
    }
    let read = reading.columns(columns)
    return (0..<count).filter { row in read.contains { $0.values[row] != nil } }
  }

  private static func guess(_ columns: [LabelColumn]) -> Kind {
    guard columns.allSatisfy(\.isNumeric) else { return .classes }
    let known = columns.map { Set($0.values.compactMap { $0 }) }
    if columns.count > 1 { return known.allSatisfy { $0.isSubset(of: ["0", "1"]) } ? .labels : .values }
    let isWhole = known[0].allSatisfy { Int($0) != nil }
    return isWhole && known[0].count <= 20 ? .classes : .values
  }

  /// Returns `1 sample`, `2 samples`.
  static func number(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// Returns the labels in a field, separated by `;`.
  package static func set(_ text: String, _ missing: [String]? = nil) -> [String] {
    isMissing(text[...].trimmed, missing)
      ? [] : text.split(separator: ";").map { $0.trimmed }.filter { !$0.isEmpty }
  }

  /// Returns whether a label is missing: it is empty, or one of the texts that mean so. Without such texts it
  /// is missing in numeric columns by the rule for numbers, else where it is `NA`; `None` may be a class.
  static func isMissing(_ text: String, amongNumbers: Bool = false, _ missing: [String]? = nil) -> Bool {
    if text.isEmpty { return true }
    if let missing { return missing.contains(text) }
    return amongNumbers ? MissingValue.isMissing(text.utf8) : text == "NA"
  }

  /// Returns classes in display order: whole numbers by value, other text by its bytes.
  package static func order(_ names: Set<String>) -> [String] {
    let numbers = Dictionary(
      uniqueKeysWithValues: names.map { name in (name, try? LabelColumn.number(name).get()) })
    if numbers.values.allSatisfy({ $0 != nil }) {
      return names.sorted { (numbers[$0]!!, $0) < (numbers[$1]!!, $1) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension Substring {
  /// The text without white space at its ends.
  var trimmed: String {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
