import LigaseFormats

/// A column of labels: text without white space at the ends, with one spelling for equal numbers.
package struct LabelColumn: Sendable {
  /// The name of the column.
  package let name: String
  /// The label of each example, nil where it is missing. Whole numbers are written without a fraction, `1.0`
  /// as `1`.
  package let values: [String?]
  /// Whether the labels are numbers: more than half of the distinct labels are.
  package let isNumeric: Bool
  /// The first example whose label is not a number in a numeric column.
  package let firstOther: Int?

  /// Interprets the texts of a column.
  ///
  /// - Parameters:
  ///   - asText: whether numbers are names of classes.
  ///   - missing: the texts that mean a missing label, besides the empty text; nil is `NA`, and in numeric
  ///     columns every spelling of a missing number.
  package init(_ name: String, _ texts: [String], asText: Bool = false, missing: [String]? = nil) {
    let texts = texts.map { $0[...].trimmed }
    let distinct = Set(texts)
    var numbers: [String: Double] = [:]
    var others = 0
    for text in distinct where !Labels.isMissing(text, amongNumbers: true, missing) {
      switch Self.number(text) {
      case .success(let value): numbers[text] = value
      // An infinite number counts as a number here, and is refused where its value is used.
      case .failure(.notFinite): numbers[text] = .infinity
      case .failure: others += 1
      }
    }
    let isNumeric = numbers.count > others
    self.name = name
    self.isNumeric = isNumeric
    var spellings: [String: String?] = [:]
    for text in distinct {
      let number = isNumeric ? numbers[text] : nil
      spellings[text] =
        Labels.isMissing(text, amongNumbers: isNumeric, missing)
        ? .some(nil) : .some(number.map { Self.spelling($0, of: text) } ?? text)
    }
    let values = texts.map { spellings[$0]! }
    self.values = values
    firstOther =
      isNumeric && others > 0 && !asText
      ? texts.indices.first { values[$0] != nil && numbers[texts[$0]] == nil } : nil
  }

  /// Returns the number that a text spells.
  package static func number(_ text: String) -> Result<Double, DecimalNumber.Failure> {
    Array(text.utf8).withUnsafeBufferPointer(DecimalNumber.double)
  }

  /// Returns the standard spelling of a number: digits for a whole number. A text of digits stays unchanged:
  /// `01` may be a code.
  private static func spelling(_ value: Double, of text: String) -> String {
    if text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == 0x2D }) { return text }
    return Int(exactly: value).map(String.init) ?? text
  }

  /// Returns the class that a text names, with the standard spelling of numbers.
  package static func name(_ text: String) -> String {
    guard case .success(let value) = number(text) else { return text }
    return spelling(value, of: text)
  }
}
