import LigaseRuntime

/// One pass over the text of a table, which finds rows and fields, removes quotes in place, and checks the
/// shape.
struct TableScan {
  let path: String
  private(set) var layout: TableLayout
  private(set) var notices: [TableNotice] = []
  private let given: Delimiter?
  private let hasHeader: Bool
  private(set) var columnNames: [String] = []
  private(set) var columnIndices: [String: Int] = [:]
  private(set) var rowStarts: [Int] = []
  private(set) var fieldEnds: [UInt32] = []
  private(set) var lineJumps: [Table.LineJump] = []
  private(set) var headerLines = 1
  private var line = 1

  init(path: String, delimiter: Delimiter?, hasHeader: Bool) {
    self.path = path
    given = delimiter
    layout = TableLayout(delimiter: delimiter ?? .comma)
    self.hasHeader = hasHeader
  }

  mutating func run(_ bytes: inout [UInt8]) throws {
    try checkEncoding(bytes)
    try bytes.withUnsafeMutableBufferPointer { try prepare($0) }
    if layout.delimiter == .space {
      let count = bytes.withUnsafeMutableBufferPointer {
        Delimiter.normalizeBlanks($0.baseAddress!, $0.count)
      }
      bytes.removeLast(bytes.count - count)
      // Comments and spaces have moved: the header begins after as many lines as before.
      layout.start = TableScan.start(ofLine: layout.commentLines, bytes)
    }
    try bytes.withUnsafeMutableBufferPointer { try scan($0) }
  }

  /// Throws for NUL bytes and bytes that are not UTF-8.
  private func checkEncoding(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      if let zero = memchr(base, 0, buffer.count) {
        throw badByte(buffer, UnsafeRawPointer(base).distance(to: zero), "found a NUL byte, expected text")
      }
      if let index = UTF8Scan.firstInvalid(buffer) {
        throw badByte(buffer, index, "found bytes that are not UTF-8, expected text in UTF-8")
      }
    }
  }

  private func badByte(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ message: String) -> FormatError {
    var line = 1
    for byte in bytes[..<index] where byte == 0x0A { line += 1 }
    return FormatError(.badData, path: path, line: line, offset: index, message)
  }

  /// Returns the byte offset of a line, counted from 0.
  private static func start(ofLine line: Int, _ bytes: [UInt8]) -> Int {
    var place = 0
    for _ in 0..<line { place = (bytes[place...].firstIndex(of: 0x0A) ?? place) + 1 }
    return place
  }

  /// Detects the layout in the first rows.
  private mutating func prepare(_ bytes: UnsafeMutableBufferPointer<UInt8>) throws {
    let mark = bytes.starts(with: StreamHead.mark) ? StreamHead.mark.count : 0
    let text = UnsafeBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[mark...]))
    if text.isEmpty {
      throw FormatError(
        .badData, path: path, hasHeader ? "found an empty file, expected a header row" : "found an empty file"
      )
    }
    let suffix = Delimiter.named(by: path)
    layout = TableLayout(
      UnsafeBufferPointer(rebasing: text.prefix(max(TableLayout.byteLimit, TableLayout.firstLines(text)))),
      isWhole: text.count <= max(TableLayout.byteLimit, TableLayout.firstLines(text)), suffix: suffix,
      given: given,
      hasHeader: hasHeader)
    layout.start += mark
    notices = layout.notices(suffix: suffix, given: given)
  }

  private mutating func scan(_ bytes: UnsafeMutableBufferPointer<UInt8>) throws {
    var position = layout.start
    line = layout.commentLines + 1
    var end = bytes.count
    var ends: [UInt32] = []
    let headerStart = position
    position = try scanRow(bytes, position, end, &ends)
    headerLines = line - 1 - layout.commentLines
    if layout.trailing == .headerAndRows { ends.removeLast() }
    var start = headerStart
    for fieldEnd in ends {
      let field = UnsafeBufferPointer(rebasing: bytes[start..<headerStart + Int(fieldEnd)])
      columnNames.append(
        hasHeader
          ? String(decoding: field, as: UTF8.self).withoutSurroundingSpaces : "column\(columnNames.count + 1)"
      )
      start = headerStart + Int(fieldEnd) + 1
    }
    if hasHeader, columnNames == [""] {
      throw FormatError(
        .badData, path: path, line: layout.commentLines + 1, "found a blank line, expected a header row")
    }
    try indexColumns()
    if columnNames.count > 1 {
      // Blank lines at the end are not rows.
      while end > position, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    }
    if hasHeader {
      ends.removeAll()
    } else {
      rowStarts.append(headerStart)
      noteJump(row: 0, lines: headerLines)
    }
    ends.reserveCapacity(max(0, (end - position) / 8))
    while position < end {
      let rowLine = line
      let before = ends.count
      rowStarts.append(position)
      position = try scanRow(bytes, position, end, &ends)
      var found = ends.count - before
      if layout.trailing != .none, found == columnNames.count + 1 {
        // An additional field must be empty.
        guard ends[ends.count - 1] == ends[ends.count - 2] + 1 else {
          throw FormatError(
            .badData, path: path, line: rowLine, column: found,
            "found a value after the last column of the header, which is empty in the first rows")
        }
        ends.removeLast()
        found -= 1
      }
      if found != columnNames.count { throw ragged(rowLine, found, isBlank: found == 1 && ends.last == 0) }
      if line - rowLine > 1 { noteJump(row: rowStarts.count - 1, lines: line - rowLine) }
    }
    fieldEnds = ends
  }

  private mutating func noteJump(row: Int, lines: Int) {
    if lines > 1 { lineJumps.append(.init(row: row, total: (lineJumps.last?.total ?? 0) + lines - 1)) }
  }

  private mutating func indexColumns() throws {
    for (i, name) in columnNames.enumerated() {
      if let first = columnIndices[name] {
        throw FormatError(
          .badData, path: path, line: 1, column: i + 1,
          "found a second column \(FormatError.quoted(name)) (the first is column \(first + 1)), "
            + "expected unique names")
      }
      columnIndices[name] = i
    }
  }

  private func ragged(_ line: Int, _ found: Int, isBlank: Bool) -> FormatError {
    let what = isBlank ? "a blank line" : found == 1 ? "1 field" : "\(found) fields"
    return FormatError(
      .badData, path: path, line: line, "found \(what), expected \(columnNames.count) as in the first row")
  }

  /// Appends the end of each field of the row at `position`, relative to that, and returns the position of
  /// the next row. Quoted fields are moved over their quotes.
  private mutating func scanRow(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, _ position: Int, _ end: Int, _ ends: inout [UInt32]
  ) throws -> Int {
    let base = bytes.baseAddress!
    let separator = layout.delimiter.byte
    let quotes = layout.delimiter.hasQuotes
    var i = position
    while true {
      // Up to the first quote nothing has to move.
      if quotes, i < end, base[i] == 0x22 { return try scanQuoted(base, position, i, end, &ends) }
      while i < end, base[i] != separator, base[i] != 0x0A { i &+= 1 }
      if i < end, base[i] == separator {
        ends.append(try offset(i - position))
        i &+= 1
        continue
      }
      var last = i
      while last > position, base[last &- 1] == 0x0D { last &-= 1 }
      ends.append(try offset(last - position))
      line &+= 1
      return i &+ 1
    }
  }

  /// Continues `scanRow` at a quoted field, which begins at `from`.
  private mutating func scanQuoted(
    _ base: UnsafeMutablePointer<UInt8>, _ position: Int, _ from: Int, _ end: Int, _ ends: inout [UInt32]
  ) throws -> Int {
    let separator = layout.delimiter.byte
    var i = from
    var to = from
    while true {
      if i < end, base[i] == 0x22 {
        let openLine = line
        i += 1
        while true {
          guard i < end else {
            throw FormatError(
              .badData, path: path, line: openLine, column: columnNumber(ends, position),
              "found no closing quote before the end of the file")
          }
          if base[i] == 0x22 {
            guard i + 1 < end, base[i + 1] == 0x22 else { break }
            i += 1
          }
          if base[i] == 0x0A { line += 1 }
          base[to] = base[i]
          to += 1
          i += 1
        }
        i += 1
        var after = i
        while after < end, base[after] == 0x0D { after += 1 }
        if after == end || base[after] == 0x0A { i = after }
        if i < end, base[i] != separator, base[i] != 0x0A {
          throw FormatError(
            .badData, path: path, line: line, column: columnNumber(ends, position),
            "found \(FormatError.quoted([base[i]])) after a closing quote, expected a delimiter or the end of the line"
          )
        }
        ends.append(try offset(to - position))
      } else {
        while i < end, base[i] != separator, base[i] != 0x0A {
          base[to] = base[i]
          to += 1
          i += 1
        }
        let atEnd = i >= end || base[i] == 0x0A
        var last = to
        if atEnd { while last > position, last > from, base[last - 1] == 0x0D { last -= 1 } }
        ends.append(try offset(last - position))
      }
      guard i < end, base[i] == separator else {
        line += 1
        return i + 1
      }
      base[to] = separator
      to += 1
      i += 1
    }
  }

  private func columnNumber(_ ends: [UInt32], _ position: Int) -> Int? {
    columnNames.isEmpty ? ends.count + 1 : ends.count % columnNames.count + 1
  }

  private func offset(_ distance: Int) throws -> UInt32 {
    guard let offset = UInt32(exactly: distance) else {
      throw FormatError(.badData, path: path, line: line, "found a row of more than 4 GiB")
    }
    return offset
  }
}
