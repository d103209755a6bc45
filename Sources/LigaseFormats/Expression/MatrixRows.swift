import LigaseRuntime

/// Parses whole lines of a matrix into a tile: the inner loop of reading expression data.
struct MatrixRows: Sendable {
  let path: String
  let header: MatrixHeader
  let layout: TableLayout
  /// Whether the rows are those of a GEO series matrix.
  let isSeries: Bool
  private let blocks: ColumnBlocks

  init(path: String, header: MatrixHeader, layout: TableLayout, isSeries: Bool = false) {
    self.isSeries = isSeries
    self.path = path
    self.header = header
    self.layout = layout
    blocks = ColumnBlocks(columnCount: header.columnNames.count)
  }

  /// Returns the tile of a chunk, or the first error in it.
  func parse(_ chunk: TextChunk) -> Result<MatrixTile, FormatError> {
    guard let base = chunk.base else { preconditionFailure("MatrixRows: a chunk that was freed") }
    let lines = LineCount.newlines(base + chunk.start, chunk.end - chunk.start)
    guard let tile = MatrixTile(capacity: lines, blocks: blocks) else {
      return .failure(FormatError(.inputOutput, path: path, line: chunk.line, "no memory for \(lines) rows"))
    }
    do {
      var position = chunk.start
      var line = chunk.line
      while position < chunk.end {
        if isSeries, isBlank(base, position) {
          // Blank lines around the table and its rows are ignored.
          while base[position] != 0x0A { position += 1 }
          (position, line) = (position + 1, line + 1)
          continue
        }
        if isBlank(base, position) {
          try endBlank(base, position, chunk.end, line, tile)
          break
        }
        if isSeries, base[position] == 0x21 {
          try endTable(base, position, chunk.end, line, tile)
          break
        }
        try parseRow(UnsafePointer(base), &position, chunk.end, &line, tile)
      }
      return .success(tile)
    } catch let error as FormatError {
      return .failure(error)
    } catch {
      return .failure(FormatError(.badData, path: path, "\(error)"))
    }
  }

  /// Returns the error of a blank line among the rows.
  func blank(_ line: Int) -> FormatError {
    FormatError(
      .badData, path: path, line: line, "found a blank line, expected \(header.isValue.count) fields")
  }

  private func endBlank(
    _ base: UnsafeMutablePointer<UInt8>, _ position: Int, _ end: Int, _ line: Int, _ tile: MatrixTile
  ) throws {
    for i in position..<end where base[i] != 0x0A && base[i] != 0x0D {
      if isSeries, base[i] == 0x20 || base[i] == 0x09 { continue }
      guard isSeries, base[i] == 0x21, !tile.endsTable else { throw blank(line) }
      return try endTable(base, i, end, line + LineCount.newlines(base + position, i - position), tile)
    }
    tile.blankLine = line
  }

  /// Returns whether a line is empty, or in a series matrix only white space.
  private func isBlank(_ base: UnsafeMutablePointer<UInt8>, _ position: Int) -> Bool {
    var i = position
    if isSeries { while base[i] == 0x20 || base[i] == 0x09 { i += 1 } }
    return base[i] == 0x0A || base[i] == 0x0D && base[i + 1] == 0x0A
  }

  /// Handles the last line of a series matrix, after which only blank lines are allowed.
  private func endTable(
    _ base: UnsafeMutablePointer<UInt8>, _ position: Int, _ end: Int, _ line: Int, _ tile: MatrixTile
  ) throws {
    let rest = UnsafeBufferPointer(start: base + position, count: end - position)
    guard rest.starts(with: GEOSeries.tableEnd), rest[GEOSeries.tableEnd.count] <= 0x20 else {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(FormatError.quoted(rest.prefix { $0 != 0x0A })), expected a row or !series_matrix_table_end")
    }
    tile.endsTable = true
    try endBlank(base, position + GEOSeries.tableEnd.count, end, line + 1, tile)
  }

  private func parseRow(
    _ base: UnsafePointer<UInt8>, _ position: inout Int, _ end: Int, _ line: inout Int, _ tile: MatrixTile
  ) throws {
    let separator = layout.delimiter.byte
    let row = tile.rowCount
    let rowLine = line
    let columnCount = header.isValue.count
    let isPlain = !layout.hasDecimalCommas
    var block = -1
    var target = tile.values(ofBlock: 0)
    var targetEnd = target
    try header.isValue.withUnsafeBufferPointer { isValue in
      var column = 0
      while true {
        var endsLine: Bool
        var p = base + position
        if isPlain, column < columnCount, isValue[column], let x = DecimalNumber.plainFloat(&p),
          p.pointee == separator || p.pointee == 0x0A
        {
          if target == targetEnd { nextBlock(&block, &target, &targetEnd, tile, row) }
          target.pointee = x
          target += 1
          endsLine = p.pointee == 0x0A
          position = p - base + 1
          if endsLine { line += 1 }
        } else {
          var fields = FieldScanner(
            base, position, end, delimiter: layout.delimiter, line: line, path: path, column: column,
            stripsQuotes: true)
          guard let field = try fields.next() else {
            preconditionFailure("FieldScanner: a line without fields")
          }
          endsLine = base[fields.position - 1] == 0x0A
          if column < columnCount, isValue[column] {
            if target == targetEnd { nextBlock(&block, &target, &targetEnd, tile, row) }
            target.pointee = try number(field, column, line, tile)
            target += 1
          } else if column == header.nameColumn {
            tile.names.append(try name(fields.string(field), line, column))
          } else if column == header.emptyColumn {
            guard field.bytes.isEmpty else { throw surplus(line, column) }
          }
          position = fields.position
          line = fields.line
        }
        column += 1
        if endsLine {
          if column == columnCount || column == columnCount + 1 && layout.trailing == .rows { break }
          throw FormatError(
            .badData, path: path, line: rowLine,
            "found \(column == 1 ? "1 field" : "\(column) fields"), expected \(columnCount) as in the header")
        }
      }
    }
    tile.rowCount += 1
  }

  /// Returns the name of a row, without the spaces around it; an empty one throws.
  private func name(_ text: String, _ line: Int, _ column: Int) throws -> String {
    let name = text.withoutSurroundingSpaces
    if name.isEmpty {
      throw FormatError(
        .badData, path: path, line: line, column: column + 1, "found a row without a name, expected one")
    }
    return name
  }

  private func surplus(_ line: Int, _ column: Int) -> FormatError {
    FormatError(
      .badData, path: path, line: line, column: column + 1,
      "found a value after the last column of the header, which is empty in the first rows")
  }

  @inline(never)
  private func nextBlock(
    _ block: inout Int, _ target: inout UnsafeMutablePointer<Float>,
    _ targetEnd: inout UnsafeMutablePointer<Float>, _ tile: MatrixTile, _ row: Int
  ) {
    block += 1
    let width = blocks.columns(ofBlock: block).count
    target = tile.values(ofBlock: block) + row * width
    targetEnd = target + width
  }

  private func number(
    _ field: FieldScanner.Field, _ column: Int, _ line: Int, _ tile: MatrixTile
  ) throws -> Float {
    if layout.hasDecimalCommas, field.bytes.contains(0x2E) {
      throw FormatError(
        .badData, path: path, line: line, column: column + 1,
        "found \(FormatError.quoted(field.bytes)), expected a number with a decimal comma as in the first rows"
      )
    }
    switch DecimalNumber.float(field.bytes) {
    case .success(let value): return value
    case .failure(.missing):
      tile.missingCount += 1
      if tile.firstMissing == nil { tile.firstMissing = (line, column + 1) }
      return .nan
    case .failure(let failure):
      if layout.hasDecimalCommas, let pointed = DecimalComma.pointed(field.bytes),
        case .success(let value) = pointed.withUnsafeBufferPointer(DecimalNumber.float)
      {
        return value
      }
      let values = header.isValue[..<column].count { $0 }
      throw FormatError(
        .badData, path: path, line: line, column: column + 1,
        "found \(FormatError.quoted(field.bytes)) in column \(FormatError.quoted(header.columnNames[values])), "
          + "expected \(DecimalComma.expectation(field.bytes, failure))",
        remedy: failure == .notNumber && layout.delimiter != .comma && field.bytes.contains(0x2C)
          ? .nameDelimiter : failure == .notNumber ? .skipColumn(header.columnNames[values]) : nil)
    }
  }
}
