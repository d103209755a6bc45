import LigaseRuntime

/// A delimited matrix of numbers as in its file: names of the columns, and rows of a name and values.
///
/// The text is read in chunks that end at the end of a line; threads parse them into tiles, and the result
/// does not depend on the assignment of chunks to threads.
struct MatrixText {
  /// The column of the row names.
  enum NameColumn {
    case first
    case named(String)
    case none
  }

  let path: String
  /// The header's name of the column of row names; empty where it has none.
  var cornerName = ""
  /// The line number of the header.
  private(set) var headerLine = 1
  /// The names of the columns that hold values.
  var columnNames: [String] = []
  var tiles: [MatrixTile] = []
  /// The first lines of a GCT file.
  private(set) var gct: GCTPreamble?
  /// Notices about skipped rows and unusual formats.
  private(set) var notices: [TableNotice] = []

  var rowCount: Int { tiles.reduce(0) { $0 + $1.rowCount } }

  /// Reads the whole matrix, starting with the rest of the text in `window`.
  ///
  /// - Parameters:
  ///   - skipped: names of columns without values; they must exist.
  ///   - skippable: names, in lower case, of columns without values if they come second.
  ///   - isSeries: whether the rows end at the last line of a GEO series matrix.
  ///   - hasHeader: false where the first line is data; columns are called `column1` and so on.
  init(
    _ window: TextWindow, _ reader: ByteReader, delimiter: Delimiter?, names: NameColumn, skipped: [String],
    skippable: Set<String>, isSeries: Bool = false, hasHeader: Bool = true, threads: Int
  ) throws {
    path = reader.path
    var chunks = TextChunks(
      reader,
      layout: isSeries ? .known(TableLayout(delimiter: .tab)) : .found(given: delimiter, hasHeader: hasHeader)
    )
    chunks.begin(
      with: UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start),
      line: window.line)
    guard let first = try chunks.next() else {
      throw FormatError(.badData, path: path, "found an empty file, expected a header row")
    }
    gct = try GCTPreamble(first, path: path)
    let layout = chunks.layout ?? TableLayout(delimiter: .tab)
    let header = try MatrixHeader(
      first, path: path, names: names, skipped: skipped, skippable: skippable, layout: layout,
      hasHeader: hasHeader,
      preamble: gct)
    if !isSeries { notices = layout.notices(suffix: Delimiter.named(by: path), given: delimiter) }
    notices += header.notices
    (cornerName, headerLine) = (header.cornerName, header.firstLine - 1)
    columnNames = header.columnNames
    first.start = header.firstRow
    first.line = header.firstLine
    let parser = MatrixRows(path: path, header: header, layout: layout, isSeries: isSeries)
    tiles = try MatrixText.parse(first, &chunks, parser, threads: threads)
    if isSeries, !tiles.contains(where: \.endsTable) {
      throw FormatError(
        .inputOutput, path: path, "truncated: found the end of the file, expected !series_matrix_table_end")
    }
    if let gct, gct.rows != rowCount || gct.columns != columnNames.count {
      throw FormatError(
        .badData, path: path, line: 2,
        "found \(rowCount) rows and \(columnNames.count) samples, expected \(gct.rows) and \(gct.columns) as given on this line"
      )
    }
  }

  private final class Slot: @unchecked Sendable {
    let chunk: TextChunk
    var result: Result<MatrixTile, FormatError>?
    init(_ chunk: TextChunk) { self.chunk = chunk }
  }

  private static func parse(
    _ first: TextChunk, _ chunks: inout TextChunks, _ parser: MatrixRows, threads: Int
  ) throws -> [MatrixTile] {
    let queue = BoundedQueue<Slot>(capacity: threads + 1)
    let work: @Sendable (Slot) -> Void = { slot in
      slot.result = parser.parse(slot.chunk)
      slot.chunk.free()
    }
    let workers =
      threads > 1 ? Threads(threads) { while let slot = queue.pop() { work(slot) } } : .init()
    var slots: [Slot] = []
    var readingError: (any Error)?
    var chunk: TextChunk? = first
    while let current = chunk {
      let slot = Slot(current)
      slots.append(slot)
      if workers.count > 0 { queue.push(slot) } else { work(slot) }
      if workers.count == 0, case .failure = slot.result { break }
      do { chunk = try chunks.next() } catch {
        readingError = error
        chunk = nil
      }
    }
    queue.close()
    workers.wait()
    let tiles = try slots.map { try $0.result!.get() }
    if let readingError { throw readingError }
    for (i, tile) in tiles.enumerated() {
      if let line = tile.blankLine, tiles[(i + 1)...].contains(where: { $0.rowCount > 0 }) {
        throw parser.blank(line)
      }
      if tile.endsTable, tiles[(i + 1)...].contains(where: { $0.rowCount > 0 || $0.endsTable }) {
        throw FormatError(
          .badData, path: parser.path, "found rows below !series_matrix_table_end, expected none")
      }
    }
    return tiles.filter { $0.rowCount > 0 || $0.endsTable }
  }
}
