import LigaseFormats

/// A column of labels as it is understood: text without blanks around it, numbers under one spelling.
package struct LabelColumn: Sendable {
  /// Its name.
  package let name: String
  /// A label for each example: nil where it is missing. Whole numbers are written without a fraction, `1.0` as `1`.
  package let values: [String?]
  /// Whether the labels are numbers: more than half of the distinct labels are.
  package let isNumeric: Bool
  /// The first example whose label is no number although the column holds numbers.
  package let firstOther: Int?

  /// Understands the texts of a column.
  ///
  /// - Parameters:
  ///   - asText: whether numbers are names like any other.
  ///   - missing: the texts that mean a missing label, besides the empty one; nil is `NA`, and among numbers every
  ///     spelling of a missing number.
  package init(_ name: String, _ texts: [String], asText: Bool = false, missing: [String]? = nil) {
    let texts = texts.map { $0[...].trimmed }
    let distinct = Set(texts)
    var numbers: [String: Double] = [:]
    var others = 0
    for text in distinct where !Labels.isMissing(text, amongNumbers: true, missing) {
      switch Self.number(text) {
      case .success(let value): numbers[text] = value
      // An infinite number is one all the same, and refused where its value is asked for.
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

  /// The number that a text spells.
  package static func number(_ text: String) -> Result<Double, DecimalNumber.Failure> {
    Array(text.utf8).withUnsafeBufferPointer(DecimalNumber.double)
  }

  /// The one spelling of a number: of a whole number its digits. Digits alone stay as they are: `01` may be a code.
  private static func spelling(_ value: Double, of text: String) -> String {
    if text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == 0x2D }) { return text }
    return Int(exactly: value).map(String.init) ?? text
  }

  /// The class that a text names, under the one spelling of numbers.
  package static func name(_ text: String) -> String {
    guard case .success(let value) = number(text) else { return text }
    return spelling(value, of: text)
  }
}
