/// A delimited text table (TSV, CSV, semicolons or spaces) with a header row, stored compactly as its text,
/// and four bytes per field.
///
/// ```swift
/// let responses = try Table(contentsOf: "response.csv")
/// let drugs = try responses.strings("drug_name"), values = try responses.floats("ln_IC50")
/// ```
///
/// Tab-separated text is strict, without quoting. Comma- and semicolon-separated text follows RFC 4180. A
/// UTF-8 byte-order mark, CRLF and gzip are accepted; lines above the header that begin with `#` are skipped.
/// Every row has as many fields as the header (or all rows have an additional empty one, which is dropped),
/// the text is UTF-8 without NUL bytes, and column names are distinct; anything else throws a `FormatError`
/// with the line number. Blank lines at the end are ignored (in a table of one column they are rows with an
/// empty field). Skipped or guessed properties are reported in `notices`.
public struct Table: Sendable {
  /// The file as the user named it; `-` is standard input.
  package let path: String
  /// The field separator.
  package var delimiter: Delimiter { layout.delimiter }
  /// Notices about skipped rows and unusual formats.
  package let notices: [TableNotice]
  /// The names in the header row, or `column1`, `column2`, … where the table has none.
  public private(set) var columnNames: [String]
  /// The number of rows without the header.
  public var rowCount: Int { rowStarts.count }
  /// The number of columns.
  package var columnCount: Int { columnNames.count }

  /// The text, with quotes removed in place.
  let text: [UInt8]
  /// The offset of each row in the text.
  private(set) var rowStarts: [Int]
  /// The end of each field, relative to the start of its row; the next field begins one byte later.
  private(set) var fieldEnds: [UInt32]
  /// The rows after which line numbers jump, because one of their fields contains newlines.
  let lineJumps: [LineJump]
  let firstLine: Int
  let layout: TableLayout
  private(set) var columnIndices: [String: Int]
  /// The line number of each row, where rows were selected from a larger table.
  private var selectedLines: [Int]?

  struct LineJump {
    var row: Int
    var total: Int
  }

  /// Reads `path`; `-` or nil is standard input.
  ///
  /// - Parameters:
  ///   - path: the file, plain or compressed.
  ///   - delimiter: nil detects the delimiter in the first rows; if several fit, that of the file's suffix.
  ///   - hasHeader: false if the first line is data.
  public init(contentsOf path: String?, delimiter: Delimiter? = nil, hasHeader: Bool = true) throws {
    let reader = try ByteReader(contentsOf: path)
    let bytes = try reader.readAll()
    try self.init(bytes: bytes, path: reader.path, delimiter: delimiter, hasHeader: hasHeader)
  }

  /// Reads a table from `bytes`, with `path` as its name in errors.
  package init(
    bytes: consuming [UInt8], path: String = "table", delimiter: Delimiter? = nil, hasHeader: Bool = true
  ) throws {
    var scan = TableScan(path: path, delimiter: delimiter, hasHeader: hasHeader)
    try scan.run(&bytes)
    self.path = path
    layout = scan.layout
    notices = scan.notices
    columnNames = scan.columnNames
    columnIndices = scan.columnIndices
    rowStarts = scan.rowStarts
    fieldEnds = scan.fieldEnds
    lineJumps = scan.lineJumps
    firstLine = scan.layout.commentLines + (hasHeader ? scan.headerLines + 1 : 1)
    text = bytes
  }

  /// Throws if the table has only a header.
  package func requireRows() throws {
    if rowCount == 0 {
      throw FormatError(.badData, path: path, line: firstLine, "found no row below the header, expected data")
    }
  }

  /// Returns the line number, counted from 1, of the start of a row.
  package func line(ofRow row: Int) -> Int {
    if let selectedLines { return selectedLines[row] }
    var low = 0
    var high = lineJumps.count
    while low < high {
      let middle = (low + high) / 2
      if lineJumps[middle].row < row { low = middle + 1 } else { high = middle }
    }
    return firstLine + row + (low == 0 ? 0 : lineJumps[low - 1].total)
  }

  /// Returns the text of one field.
  package func string(row: Int, column: Int) -> String {
    text.withUnsafeBufferPointer { text in
      String(decoding: UnsafeBufferPointer(rebasing: text[range(row: row, column: column)]), as: UTF8.self)
    }
  }

  /// Returns an error at one field; `message` states the value found and the value expected.
  package func error(row: Int, column: Int, _ message: String) -> FormatError {
    FormatError(.badData, path: path, line: line(ofRow: row), column: column + 1, message)
  }

  /// Returns the table with another name for a column; the name must not be in use.
  package func renaming(_ column: String, to name: String) throws -> Table {
    let index = try index(ofColumn: column)
    precondition(!hasColumn(name), "Table: two columns called \(name)")
    var renamed = self
    renamed.columnNames[index] = name
    renamed.columnIndices[column] = nil
    renamed.columnIndices[name] = index
    return renamed
  }

  /// Returns the table with some of its rows.
  package func selecting(rows: [Int]) -> Table {
    var selected = self
    selected.selectedLines = rows.map { line(ofRow: $0) }
    selected.rowStarts = rows.map { rowStarts[$0] }
    selected.fieldEnds = rows.flatMap { fieldEnds[($0 * columnCount)..<(($0 + 1) * columnCount)] }
    return selected
  }

  /// Returns the range of a field in the text.
  @inline(__always)
  func range(row: Int, column: Int) -> Range<Int> {
    precondition(column >= 0 && column < columnCount, "Table: column \(column) of \(columnCount)")
    let start = rowStarts[row]
    let k = row &* columnCount &+ column
    return start &+ (column == 0 ? 0 : Int(fieldEnds[k &- 1]) &+ 1)..<start &+ Int(fieldEnds[k])
  }
}
