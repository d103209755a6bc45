/// Writes the tables that commands exchange: strict TSV, UTF-8, a header row, no quoting, with empty fields
/// for missing values.
///
///     let writer = try TSVWriter(output, columns: ["sample", "prediction"])
///     try writer.field("ACH-000001"); writer.field(-0.25 as Float); try writer.endRow()
///
/// A tab or a line break inside a value cannot be written and throws bad data. Numbers are the shortest
/// decimals that read back as the same value.
package final class TSVWriter {
  private let output: OutputFile
  private let columnCount: Int
  private var row: [UInt8] = []
  private var fieldCount = 0
  private var line = 1

  /// Writes the header row, unless an earlier part of a sharded run has it.
  package init(_ output: OutputFile, columns: [String]) throws {
    precondition(!columns.isEmpty, "TSVWriter: a table without columns")
    self.output = output
    columnCount = columns.count
    for name in columns { try field(name) }
    try endRow { try output.writeHeader($0) }
  }

  /// Appends a field of text.
  package func field(_ text: String) throws {
    separate()
    var text = text
    try text.withUTF8 { try append($0) }
  }

  /// Appends a field of text, given as UTF-8.
  package func field(_ text: UnsafeBufferPointer<UInt8>) throws {
    separate()
    try append(text)
  }

  /// Appends a field of text, given as UTF-8.
  package func field(_ text: [UInt8]) throws {
    try text.withUnsafeBufferPointer { try field($0) }
  }

  /// Appends a field of text in which tabs and line breaks are replaced by spaces: for remarks, never for
  /// keys.
  package func plainField(_ text: String) throws {
    try field(text.utf8.map { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
  }

  /// Appends a number; one that is not finite is written as missing.
  package func field(_ value: Float) {
    separate()
    if value.isFinite { DecimalText.append(value, to: &row) }
  }

  /// Appends a number; one that is not finite is written as missing.
  package func field(_ value: Double) {
    separate()
    if value.isFinite { DecimalText.append(value, to: &row) }
  }

  /// Appends a whole number.
  package func field(_ value: Int) {
    separate()
    DecimalText.append(value, to: &row)
  }

  /// Appends a missing value: an empty field.
  package func missing() { separate() }

  /// Ends the row, which must have as many fields as the header.
  package func endRow() throws { try endRow { try output.write($0) } }

  private func endRow(_ write: ([UInt8]) throws -> Void) throws {
    precondition(fieldCount == columnCount, "TSVWriter: \(fieldCount) fields in a row of \(columnCount)")
    row.append(0x0A)
    try write(row)
    row.removeAll(keepingCapacity: true)
    fieldCount = 0
    line += 1
  }

  private func separate() {
    if fieldCount > 0 { row.append(0x09) }
    fieldCount += 1
  }

  private func append(_ text: UnsafeBufferPointer<UInt8>) throws {
    for byte in text where byte == 0x09 || byte == 0x0A || byte == 0x0D {
      throw FormatError(
        .badData, path: output.path, line: line, column: fieldCount,
        "found a tab or line break inside \(FormatError.quoted(text)), which is not allowed in a tab-separated table"
      )
    }
    row.append(contentsOf: text)
  }
}
