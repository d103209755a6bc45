import LigaseFormats
import LigaseRuntime

/// One column of a clinical table as it was read.
package struct ClinicalColumn: Hashable, Sendable {
  /// The name in the header.
  package let name: String
  /// The kind.
  package let kind: ColumnKind
  /// A number for each row, not-a-number where it is missing: of numbers the value, of booleans 0 and 1, of ordered
  /// categories the place from 0. Empty for categories.
  package var numbers: [Float] = []
  /// The level of each row, nil where it is missing; empty for other kinds.
  package var levels: [String?] = []

  /// A column of numbers.
  package init(_ name: String, numbers: [Float]) {
    (self.name, kind, self.numbers) = (name, .number, numbers)
  }

  /// The number of rows.
  package var count: Int { kind == .category ? levels.count : numbers.count }

  /// The column with some of its rows.
  func selecting(_ rows: [Int]) -> ClinicalColumn {
    var chosen = self
    if kind == .category {
      chosen.levels = rows.map { levels[$0] }
    } else {
      chosen.numbers = rows.map { numbers[$0] }
    }
    return chosen
  }

  /// Whether a text of a column of names is missing: empty, or a spelling of a missing value, of which `None` is none here:
  /// no treatment is a treatment.
  static func isMissing(_ text: String) -> Bool {
    MissingValue.isMissing(text.utf8) && text != "None"
  }

  /// Reads a column.
  ///
  /// - Parameters:
  ///   - asked: the kind that the user or a model gives; nil is decided by the values.
  /// - Throws: `FormatError` with the place of a value that is not of the kind, and for dates and free text.
  init(_ name: String, of table: Table, kind asked: ColumnKind?) throws {
    let texts = try table.strings(name).map { $0[...].trimmed }
    let kind = try asked ?? Self.kind(name, texts, table)
    self.name = name
    self.kind = kind
    switch kind {
    case .skipped: break
    case .category:
      levels = texts.map { Self.isMissing($0) ? nil : $0 }
      try requireFewLevels(table)
    case .number: numbers = try Self.numbers(name, texts, table)
    case .boolean:
      numbers = try texts.enumerated().map { row, text in
        if Self.isMissing(text) { return .nan }
        if let value = BooleanText.value(text) { return value ? 1 : 0 }
        throw try Self.error(name, row, text, "yes or no", table)
      }
    case .ordered(let order):
      let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Float($0)) })
      numbers = try texts.enumerated().map { row, text in
        if Self.isMissing(text) { return .nan }
        if let value = place[text] { return value }
        throw try Self.error(name, row, text, "one of " + FormatError.list(order), table)
      }
    }
  }

  /// The most levels of a category; each with training rows enough is a feature.
  static let mostLevels = 1000

  /// Throws where a category has more levels than a linear layer should get as features.
  private func requireFewLevels(_ table: Table) throws {
    var counts: [String: Int] = [:]
    for level in levels { if let level { counts[level, default: 0] += 1 } }
    let common = counts.values.count { $0 >= FittedColumn.leastCount }
    guard common > Self.mostLevels else { return }
    var error = FormatError(
      .badData, path: table.path, line: 1, column: try table.index(ofColumn: name) + 1,
      "column \(FormatError.quoted(name)) has \(common.grouped) categories of \(FittedColumn.leastCount) rows and more, "
        + "expected at most \(Self.mostLevels.grouped)")
    error.remedy = .skipFeature(name)
    throw error
  }

  private static func numbers(_ name: String, _ texts: [String], _ table: Table) throws -> [Float] {
    try texts.enumerated().map { row, text in
      if MissingValue.isMissing(text.utf8) { return .nan }
      if case .success(let value) = LabelColumn.number(GroupedNumber.plain(text) ?? text),
        Float(value).isFinite
      {
        return Float(value)
      }
      throw try error(name, row, text, "a number", table)
    }
  }

  private static func error(
    _ name: String, _ row: Int, _ text: String, _ expected: String, _ table: Table
  ) throws -> FormatError {
    var error = table.error(
      row: row, column: try table.index(ofColumn: name),
      "found \(FormatError.quoted(text)) in column \(FormatError.quoted(name)), expected \(expected)")
    error.remedy = .chooseColumnKind(name)
    return error
  }

  /// The kind that the values have: numbers where most distinct values are, names otherwise.
  private static func kind(_ name: String, _ texts: [String], _ table: Table) throws -> ColumnKind {
    let column = LabelColumn(name, texts.map { GroupedNumber.plain($0) ?? $0 })
    if column.isNumeric { return .number }
    let levels = Set(texts.filter { !isMissing($0) })
    if levels.isEmpty { return .skipped }
    func refusal(_ what: String) throws -> FormatError {
      let row = texts.firstIndex { !isMissing($0) }!
      var error = table.error(
        row: row, column: try table.index(ofColumn: name),
        "column \(FormatError.quoted(name)) holds \(what) such as \(FormatError.quoted(texts[row])), expected numbers or "
          + "categories")
      error.remedy = .skipFeature(name)
      return error
    }
    if levels.count(where: DateText.isDate) * 2 > levels.count { throw try refusal("dates") }
    if levels.allSatisfy({ BooleanText.value($0) != nil }) { return .boolean }
    let known = texts.count { !isMissing($0) }
    // Sentences: most differ, and they have several words.
    let words = levels.reduce(0) { $0 + $1.split(separator: " ").count }
    if levels.count > 10, levels.count * 2 > known, words >= 4 * levels.count {
      throw try refusal("free text")
    }
    return KnownOrders.order(levels.sorted()).map { .ordered($0) } ?? .category
  }
}

extension ClinicalColumn {
  /// Why a column tells a model nothing, if so: it is constant, or names each row.
  var uselessness: String? {
    switch kind {
    case .skipped: return "empty"
    case .category:
      let known = levels.compactMap { $0 }, distinct = Set(known)
      if distinct.count <= 1, known.count == levels.count || known.isEmpty { return "constant" }
      return known.count > 10 && distinct.count == known.count ? "unique to each row" : nil
    default:
      let known = numbers.filter { !$0.isNaN }
      guard let low = known.min(), let high = known.max() else { return "empty" }
      if low == high, known.count == numbers.count { return "constant" }
      // A permutation of consecutive whole numbers counts the rows.
      guard kind == .number, known.count > 10, known.count == numbers.count,
        high - low == Float(known.count - 1)
      else { return nil }
      return Set(known).count == known.count && known.allSatisfy { $0 == $0.rounded() }
        ? "unique to each row" : nil
    }
  }
}
