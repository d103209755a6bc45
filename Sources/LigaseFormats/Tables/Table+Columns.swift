/// The treatment of a missing value (`MissingValue`) in a column of numbers.
///
/// ```swift
/// let table = try Table(contentsOf: "response.tsv")
/// let values = try table.floats("ln_IC50", missing: .nan)
/// ```
public enum MissingNumber: Sendable {
  /// An error with the position.
  case refuse
  /// NaN.
  case nan
}

extension Table {
  /// Returns whether the table has a column of this name.
  package func hasColumn(_ name: String) -> Bool { columnIndices[name] != nil }

  /// Returns the index of a column, counted from 0; an unknown name throws with the existing ones.
  package func index(ofColumn name: String) throws -> Int {
    if let index = columnIndices[name] { return index }
    throw FormatError(
      .badData, path: path, line: firstLine > 1 ? 1 : nil,
      "found no column \(FormatError.quoted(name)), expected one of: \(FormatError.list(columnNames))")
  }

  /// Returns the fields of a column as text, without the spaces around them; decimal commas are replaced by
  /// dots.
  public func strings(_ name: String) throws -> [String] {
    let column = try index(ofColumn: name)
    let hasCommas = layout.hasDecimalCommas && column < layout.isNumeric.count && layout.isNumeric[column]
    return (0..<rowCount).map { row in
      let text = string(row: row, column: column).withoutSurroundingSpaces
      guard hasCommas, let pointed = Array(text.utf8).withUnsafeBufferPointer(DecimalComma.pointed) else {
        return text
      }
      return String(decoding: pointed, as: UTF8.self)
    }
  }

  /// Returns the fields of a column as Float32, each the nearest to the written number.
  ///
  /// A field that is not a finite number throws with its line and column; a missing one is treated according
  /// to `missing`.
  public func floats(_ name: String, missing: MissingNumber = .refuse) throws -> [Float] {
    try numbers(index(ofColumn: name), missing, DecimalNumber.float)
  }

  /// Returns the fields of a column as Float64, each the nearest to the written number.
  ///
  /// A field that is not a finite number throws with its line and column; a missing one is treated according
  /// to `missing`.
  public func doubles(_ name: String, missing: MissingNumber = .refuse) throws -> [Double] {
    try numbers(index(ofColumn: name), missing, DecimalNumber.double)
  }

  /// Returns the fields of a column as whole numbers; any other field throws with its line and column.
  public func integers(_ name: String) throws -> [Int] {
    let column = try index(ofColumn: name)
    return try (0..<rowCount).map { row in
      let field = string(row: row, column: column)
      guard let value = Int(field) else {
        throw error(
          row: row, column: column,
          "found \(FormatError.quoted(field)) in column \(FormatError.quoted(name)), expected a whole number")
      }
      return value
    }
  }

  /// Returns whether a field of text is missing: empty or `NA`. Other words, such as `None`, may be names.
  package func isMissing(row: Int, column: Int) -> Bool {
    ["", "NA"].contains(string(row: row, column: column).withoutSurroundingSpaces)
  }

  /// Returns whether a field of a column of numbers is missing.
  package func isMissingNumber(row: Int, column: Int) -> Bool {
    text.withUnsafeBufferPointer { MissingValue.isMissing($0[range(row: row, column: column)]) }
  }

  /// Returns the number in a field, nil where it is missing or not a number; the comma may be the decimal
  /// mark as in `doubles`.
  package func double(row: Int, column: Int) -> Double? {
    text.withUnsafeBufferPointer { text in
      let field = UnsafeBufferPointer(rebasing: text[range(row: row, column: column)])
      return try? number(field, DecimalNumber.double).get()
    }
  }

  @inline(__always)
  private func numbers<Value: BinaryFloatingPoint>(
    _ column: Int, _ missing: MissingNumber,
    _ parse: (UnsafeBufferPointer<UInt8>) -> Result<Value, DecimalNumber.Failure>
  ) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(rowCount)
    try text.withUnsafeBufferPointer { text in
      for row in 0..<rowCount {
        let field = UnsafeBufferPointer(rebasing: text[range(row: row, column: column)])
        switch number(field, parse) {
        case .success(let value): values.append(value)
        case .failure(.missing) where missing == .nan: values.append(.nan)
        case .failure(let failure): throw numberError(row, column, field, failure)
        }
      }
    }
    return values
  }

  /// Returns a number; its comma is the decimal mark if the first rows of the table show this.
  @inline(__always)
  private func number<Value>(
    _ field: UnsafeBufferPointer<UInt8>,
    _ parse: (UnsafeBufferPointer<UInt8>) -> Result<Value, DecimalNumber.Failure>
  ) -> Result<Value, DecimalNumber.Failure> {
    let result = parse(field)
    if case .failure(.notNumber) = result, layout.hasDecimalCommas, let pointed = DecimalComma.pointed(field)
    {
      return pointed.withUnsafeBufferPointer(parse)
    }
    return result
  }

  private func numberError(
    _ row: Int, _ column: Int, _ field: UnsafeBufferPointer<UInt8>, _ failure: DecimalNumber.Failure
  ) -> FormatError {
    let place = "in column \(FormatError.quoted(columnNames[column]))"
    let found = field.isEmpty ? "an empty field" : FormatError.quoted(field)
    return error(
      row: row, column: column,
      "found \(found) \(place), expected \(DecimalComma.expectation(field, failure))")
  }
}

extension String {
  /// The text without spaces at its ends; unchanged if there are none.
  var withoutSurroundingSpaces: String {
    guard utf8.first == 0x20 || utf8.last == 0x20 else { return self }
    var text = self[...]
    while text.utf8.first == 0x20 { text = text.dropFirst() }
    while text.utf8.last == 0x20 { text = text.dropLast() }
    return String(text)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The bytes without spaces at their ends.
  var withoutSurroundingSpaces: UnsafeBufferPointer<UInt8> {
    var (first, last) = (0, count)
    while first < last, self[first] == 0x20 { first += 1 }
    while last > first, self[last - 1] == 0x20 { last -= 1 }
    return UnsafeBufferPointer(rebasing: self[first..<last])
  }
}
