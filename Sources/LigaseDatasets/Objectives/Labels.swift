import LigaseFormats

/// What examples are labelled with, as text, and how it becomes a target.
package enum Labels {
  /// How labels are to be understood.
  package enum Kind: String, CaseIterable, Sendable {
    /// Each example is of one class.
    case classes
    /// Each example has any of several labels.
    case labels
    /// Numbers.
    case values
  }

  /// Makes a target of label columns.
  ///
  /// One column of text, or of at most twenty distinct whole numbers, names classes; other numbers are values. Several
  /// columns of 0 and 1 are labels, other several columns are values. A field in which every label stands, separated by
  /// `;`, is a set of labels where `kind` says so. Missing (empty or `NA`) classes are not allowed; missing values and
  /// labels are left out of the loss.
  ///
  /// - Parameters:
  ///   - columns: a name and a text for each example.
  ///   - kind: nil finds out.
  /// - Returns: target, observations, and a line for people that says what was found out.
  package static func target(
    _ columns: [(name: String, values: [String])], kind: Kind?, describe: (Int) -> String
  ) throws -> (target: TargetDescription, observations: Observations, note: String) {
    let isNumeric = columns.allSatisfy { areNumbers($0.values) }
    let kind = kind ?? guess(columns.map(\.values), isNumeric: isNumeric)
    let names = columns.map(\.name).joined(separator: ", ")
    if let name = columns.indices.lazy.map({ columns[$0].name }).first(where: { name in
      columns.count { $0.name == name } > 1
    }) {
      throw JoinError("found the column '\(name)' twice, expected each once")
    }
    switch kind {
    case .classes:
      guard columns.count == 1 else {
        throw JoinError("found \(columns.count) columns of classes, expected one (\(names))")
      }
      let values = columns[0].values
      if let row = values.firstIndex(where: { isMissing($0, amongNumbers: isNumeric) }) {
        throw JoinError("found no class in \(names) for \(describe(row)), expected one for every example")
      }
      let classes = order(Set(values))
      let number = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
      guard classes.count > 1 else {
        throw JoinError("found only the class '\(classes.first ?? "")' in \(names), expected two or more")
      }
      return (
        TargetDescription("classes", classes),
        Observations(numbers: values.map { Float(number[$0]!) }, width: 1),
        "\(names): \(classes.count) classes"
      )
    case .labels where columns.count == 1:
      let sets = columns[0].values.map(set)
      let labels = order(Set(sets.joined()))
      guard !labels.isEmpty else { throw JoinError("found no label in \(names), expected one or more") }
      let number = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
      var values = [Float](repeating: 0, count: sets.count * labels.count)
      for (row, set) in sets.enumerated() {
        for label in set { values[row * labels.count + number[label]!] = 1 }
      }
      return (
        TargetDescription("labels", labels), Observations(numbers: values, width: labels.count),
        "\(names): any of \(labels.count) labels"
      )
    case .labels, .values:
      var values = [Float](repeating: .nan, count: (columns.first?.values.count ?? 0) * columns.count)
      for (t, column) in columns.enumerated() {
        for (row, text) in column.values.enumerated() where !isMissing(text, amongNumbers: true) {
          guard let value = Float(text), value.isFinite else {
            throw JoinError("found '\(text)' in \(column.name) for \(describe(row)), expected a number")
          }
          guard kind == .values || value == 0 || value == 1 else {
            throw JoinError("found '\(text)' in \(column.name) for \(describe(row)), expected 0 or 1")
          }
          values[row * columns.count + t] = value
        }
      }
      if kind == .labels {
        return (
          TargetDescription("labels", columns.map(\.name)),
          Observations(numbers: values, width: columns.count),
          "\(names): \(columns.count) labels, yes or no"
        )
      }
      return (
        TargetDescription("values", columns.map(\.name)),
        Observations(numbers: values, width: columns.count), "\(names): numbers"
      )
    }
  }

  /// The examples with a label in one column at least; all of them where a field is a set of labels, which may be empty.
  package static func labelled(_ columns: [(name: String, values: [String])], kind: Kind?) -> [Int] {
    let count = columns.first?.values.count ?? 0
    if kind == .labels, columns.count == 1 { return Array(0..<count) }
    let areNumbers = columns.map { Labels.areNumbers($0.values) }
    return (0..<count).filter { row in
      !zip(columns, areNumbers).allSatisfy { isMissing($0.values[row], amongNumbers: $1) }
    }
  }

  private static func guess(_ columns: [[String]], isNumeric: Bool) -> Kind {
    guard isNumeric else { return .classes }
    let known = columns.map { Set($0.filter { !isMissing($0, amongNumbers: true) }) }
    if columns.count > 1 { return known.allSatisfy { $0.isSubset(of: ["0", "1"]) } ? .labels : .values }
    let isWhole = known[0].allSatisfy { Int($0) != nil }
    return isWhole && known[0].count <= 20 ? .classes : .values
  }

  /// `1 sample`, `2 samples`.
  static func number(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// The labels that stand in a field, separated by `;`.
  package static func set(_ text: String) -> [String] {
    isMissing(text) ? [] : text.split(separator: ";").map { $0.trimmed }.filter { !$0.isEmpty }
  }

  /// Whether a label is missing: among numbers by the rule for numbers, else empty or `NA`; `None` may be a class.
  static func isMissing(_ text: String, amongNumbers: Bool = false) -> Bool {
    amongNumbers ? MissingValue.isMissing(text.utf8) : text.isEmpty || text == "NA"
  }

  /// Whether all labels that are not missing are numbers.
  static func areNumbers(_ values: [String]) -> Bool {
    values.allSatisfy { text in
      // A number that is not finite is one all the same, and refused where its value is asked for.
      switch Array(text.utf8).withUnsafeBufferPointer(DecimalNumber.double) {
      case .success, .failure(.missing), .failure(.notFinite): true
      case .failure(.notNumber): false
      }
    }
  }

  /// Classes as people list them: whole numbers by value, other text by its bytes.
  static func order(_ names: Set<String>) -> [String] {
    if names.allSatisfy({ Int($0) != nil }) { return names.sorted { (Int($0)!, $0) < (Int($1)!, $1) } }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension Substring {
  /// The text without blanks at its ends.
  var trimmed: String {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
