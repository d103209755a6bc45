import LigaseRuntime

/// A delimited table that is read row by row in constant memory, whatever its length.
///
/// The rules are those of `Table`. Fields are written without the spaces around them. Decimal commas are
/// written as dots, in columns that contain only numbers in the first rows.
package final class TableStream {
  /// The file as the user named it; `-` is standard input.
  package let path: String
  /// The names in the header row, or `column1`, `column2`, … where the table has none.
  package private(set) var columnNames: [String] = []
  private var chunks: TextChunks
  private var chunk: TextChunk?
  private var position = 0
  private var line = 1
  private let layout: TableLayout
  private var blankLine: Int?
  /// The rows to write.
  package var selection = RecordSelection()
  /// Notices about skipped rows and unusual formats.
  package let notices: [TableNotice]

  /// Opens `path` (`-` or nil is standard input) and reads the header row.
  package init(contentsOf path: String?, delimiter: Delimiter? = nil, hasHeader: Bool = true) throws {
    let reader = try ByteReader(contentsOf: path)
    self.path = reader.path
    chunks = TextChunks(reader, layout: .found(given: delimiter, hasHeader: hasHeader))
    chunk = try chunks.next()
    guard let chunk, let base = chunk.base, let layout = chunks.layout, chunk.start < chunk.end else {
      throw FormatError(.badData, path: reader.path, "found an empty file, expected a header row")
    }
    self.layout = layout
    notices = layout.notices(suffix: Delimiter.named(by: reader.path), given: delimiter)
    (position, line) = (chunk.start, chunk.line)
    let headerLine = line
    var fields = FieldScanner(
      base, position, chunk.end, delimiter: layout.delimiter, line: line, path: reader.path)
    while let field = try fields.next() {
      columnNames.append(
        hasHeader ? try fields.string(field).withoutSurroundingSpaces : "column\(columnNames.count + 1)")
    }
    if layout.trailing == .headerAndRows { columnNames.removeLast() }
    if hasHeader {
      if columnNames == [""] {
        throw FormatError(
          .badData, path: reader.path, line: headerLine, "found a blank line, expected a header row")
      }
      position = fields.position
      line = fields.line
      var seen: [String: Int] = [:]
      for (i, name) in columnNames.enumerated() {
        if let first = seen.updateValue(i, forKey: name) {
          throw FormatError(
            .badData, path: reader.path, line: headerLine, column: i + 1,
            "found a second column \(FormatError.quoted(name)) (the first is column \(first + 1)), "
              + "expected unique names")
        }
      }
    }
  }
}

extension TableStream {
  /// Whether all names but the first are numbers, and the first is not a usual name of a column: the header
  /// may be data.
  package var hasNumericHeader: Bool {
    columnNames.count > 1 && !MatrixHeader.isNameOfColumn(columnNames[0])
      && columnNames.dropFirst().allSatisfy { DecimalComma.kind(of: $0.utf8) != .other }
  }

  /// Writes the rest of the table as strict TSV and returns the number of rows. The header is optional.
  ///
  /// A value that contains a tab or a line break cannot be written and throws with its position, as does a
  /// row with another number of fields.
  package func writeTSV(to output: OutputFile, writesHeader: Bool = true) throws -> Int {
    if writesHeader {
      var row: [UInt8] = []
      for (i, name) in columnNames.enumerated() {
        var name = name
        try name.withUTF8 { try append($0, to: &row, line: 1, column: i + 1) }
        row.append(i + 1 < columnNames.count ? 0x09 : 0x0A)
      }
      try output.writeHeader(row)
    }
    return try forEachRow { try output.write($0) }
  }

  /// Reads to the end and returns the number of rows.
  package func countRows() throws -> Int { try forEachRow { _ in } }

  private func forEachRow(_ body: ([UInt8]) throws -> Void) throws -> Int {
    var rowCount = 0
    while let chunk {
      try checkEncoding(chunk)
      rowCount += try readRows(chunk, body)
      self.chunk = nil
      chunk.free()
      self.chunk = try chunks.next()
      position = self.chunk?.start ?? 0
    }
    return rowCount
  }

  private func readRows(_ chunk: TextChunk, _ body: ([UInt8]) throws -> Void) throws -> Int {
    guard let start = chunk.base else { return 0 }
    let base = UnsafePointer(start)
    var row: [UInt8] = []
    var rowCount = 0
    while position < chunk.end {
      let isBlank = base[position] == 0x0A || base[position] == 0x0D && base[position + 1] == 0x0A
      if isBlank, columnNames.count > 1 {
        if blankLine == nil { blankLine = line }
        position += base[position] == 0x0A ? 1 : 2
        line += 1
        continue
      }
      if let blankLine {
        throw FormatError(
          .badData, path: path, line: blankLine,
          "found a blank line, expected \(columnNames.count) fields as in the first row")
      }
      row.removeAll(keepingCapacity: true)
      let rowLine = line
      var fields = FieldScanner(
        base, position, chunk.end, delimiter: layout.delimiter, line: line, path: path)
      var count = 0
      while let field = try fields.next() {
        if layout.trailing != .none, count == columnNames.count {
          guard field.bytes.isEmpty else { throw surplus(rowLine, count + 1) }
          continue
        }
        if count > 0 { row.append(0x09) }
        count += 1
        try append(field, of: fields, to: &row, line: rowLine, column: count)
      }
      position = fields.position
      line = fields.line
      guard count == columnNames.count else {
        throw FormatError(
          .badData, path: path, line: rowLine,
          "found \(count == 1 ? "1 field" : "\(count) fields"), expected \(columnNames.count) as in the first row"
        )
      }
      row.append(0x0A)
      guard selection.takes() else { continue }
      try body(row)
      rowCount += 1
    }
    return rowCount
  }

  private func surplus(_ line: Int, _ column: Int) -> FormatError {
    FormatError(
      .badData, path: path, line: line, column: column,
      "found a value after the last column of the header, which is empty in the first rows")
  }

  private func append(
    _ field: FieldScanner.Field, of fields: FieldScanner, to row: inout [UInt8], line: Int, column: Int
  ) throws {
    if field.hasDoubledQuotes {
      var text = try fields.string(field).withoutSurroundingSpaces
      return try text.withUTF8 { try append($0, to: &row, line: line, column: column) }
    }
    let bytes = field.bytes.withoutSurroundingSpaces
    if layout.hasDecimalCommas, column <= layout.isNumeric.count, layout.isNumeric[column - 1] {
      if let pointed = DecimalComma.pointed(bytes) {
        row += pointed
        return
      }
      if bytes.contains(0x2E) || DecimalComma.kind(of: bytes) == .ambiguous {
        throw FormatError(
          .badData, path: path, line: line, column: column,
          "found \(FormatError.quoted(field.bytes)), expected a number with a decimal comma as in the rows above"
        )
      }
    }
    try append(bytes, to: &row, line: line, column: column)
  }

  private func append(
    _ text: UnsafeBufferPointer<UInt8>, to row: inout [UInt8], line: Int, column: Int
  ) throws {
    for byte in text where byte == 0x09 || byte == 0x0A || byte == 0x0D {
      throw FormatError(
        .badData, path: path, line: line, column: column,
        "found a tab or line break inside \(FormatError.quoted(text)), which is not allowed in tab-separated text"
      )
    }
    row.append(contentsOf: text)
  }

  private func checkEncoding(_ chunk: TextChunk) throws {
    let text = UnsafeBufferPointer(start: UnsafePointer(chunk.base), count: chunk.end)
    let zero = memchr(chunk.base!, 0, chunk.end).map { UnsafeRawPointer(chunk.base!).distance(to: $0) }
    guard let bad = zero ?? UTF8Scan.firstInvalid(text) else { return }
    let line = chunk.line + text[..<bad].count { $0 == 0x0A }
    throw FormatError(
      .badData, path: path, line: line,
      zero == nil
        ? "found bytes that are not UTF-8, expected text in UTF-8" : "found a NUL byte, expected text")
  }
}
