import Glibc

/// The header row of a matrix: which column names the rows, which hold values and which do not.
struct MatrixHeader: Sendable {
  var cornerName = ""
  var columnNames: [String] = []
  /// The column of row names, nil if there is none.
  var nameColumn: Int?
  /// For every column of a row, whether it holds values.
  var isValue: [Bool] = []
  /// Where the rows begin, in bytes of the first chunk and in lines.
  var firstRow = 0
  var firstLine = 1

  init(
    _ chunk: TextChunk, path: String, names: MatrixText.NameColumn, skipped: [String], skippable: Set<String>,
    delimiter: Delimiter, preamble: GCTPreamble? = nil
  ) throws {
    let base = UnsafePointer(chunk.base!)
    var position = preamble?.end ?? 0
    if chunk.end >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { position = 3 }
    if position >= chunk.end {
      throw FormatError(
        .badData, path: path, line: chunk.line + (preamble == nil ? 0 : 2),
        "found the end of the file, expected a header row")
    }
    var fields = FieldScanner(
      base, position, chunk.end, delimiter: delimiter, line: chunk.line + (preamble == nil ? 0 : 2),
      path: path,
      stripsQuotes: true)
    var all: [String] = []
    while let field = try fields.next() { all.append(try fields.string(field)) }
    firstRow = fields.position
    firstLine = fields.line
    if all.count == 1 && all[0].isEmpty {
      throw FormatError(.badData, path: path, line: chunk.line, "found a blank line, expected a header row")
    }
    var firstFields = FieldScanner(
      base, firstRow, chunk.end, delimiter: delimiter, line: firstLine, path: path,
      stripsQuotes: true)
    var count = 0
    if firstRow < chunk.end { while try firstFields.next() != nil { count += 1 } }
    // R writes no name over the row names: the header is one field short.
    if case .first = names, count == all.count + 1 { all.insert("", at: 0) }
    isValue = [Bool](repeating: true, count: all.count)
    switch names {
    case .first: nameColumn = 0
    case .none: nameColumn = nil
    case .named(let name):
      guard let index = all.firstIndex(of: name) else { throw MatrixHeader.unknown(name, all, path) }
      nameColumn = index
    }
    if let nameColumn {
      cornerName = all[nameColumn]
      isValue[nameColumn] = false
      let second = nameColumn + 1
      if second < all.count, skippable.contains(all[second].lowercased()) { isValue[second] = false }
    }
    if let preamble {
      for column in 1..<max(1, min(all.count, 1 + preamble.rowMetadata)) { isValue[column] = false }
      for _ in 0..<preamble.columnMetadata where firstRow < chunk.end {
        var row = FieldScanner(base, firstRow, chunk.end, delimiter: delimiter, line: firstLine, path: path)
        while try row.next() != nil {}
        (firstRow, firstLine) = (row.position, row.line)
      }
    }
    for name in skipped {
      guard let index = all.firstIndex(of: name) else { throw MatrixHeader.unknown(name, all, path) }
      isValue[index] = false
    }
    columnNames = all.indices.filter { isValue[$0] }.map { all[$0] }
    if columnNames.isEmpty {
      throw FormatError(
        .badData, path: path, line: chunk.line,
        "found no column of values, expected a column of names and then values (found: \(FormatError.list(all)))"
      )
    }
  }

  private static func unknown(_ name: String, _ all: [String], _ path: String) -> FormatError {
    FormatError(
      .badData, path: path, line: 1,
      "found no column \(FormatError.quoted(name)), expected one of: \(FormatError.list(all))")
  }
}
