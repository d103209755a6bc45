import LigaseRuntime

/// The entries of a MatrixMarket file after its header: indices counted from 1, and values.
///
///     entry = row blanks column [ blanks value ]         coordinate
///     entry = value                                      array, column by column
struct MatrixMarketEntries {
  let window: TextWindow
  let header: MatrixMarketHeader

  /// Calls `body` with the row and column, counted from 0, and the value of every nonzero entry (NaN where
  /// missing), in the order of the file, and with the line number. A number of entries that differs from the
  /// header throws.
  func forEach(_ body: (_ row: Int, _ column: Int, _ value: Float, _ line: Int) throws -> Void) throws {
    var count = 0
    while true {
      let line = window.line
      guard let text = try window.nextLine() else { break }
      guard let base = text.baseAddress, let start = firstVisible(base, 0, text.count) else { continue }
      if base[start] == 0x25 { continue }
      if count == header.entryCount {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found an entry more, expected \(header.entryCount) as given on line \(header.line)")
      }
      var i = start
      let (row, column): (Int, Int)
      if header.isArray {
        (row, column) = (count % header.rows, count / header.rows)
      } else {
        row = try place(base, &i, text.count, header.rows, "row", line)
        column = try place(base, &i, text.count, header.columns, "column", line)
      }
      count += 1
      let value = header.field == .pattern ? 1 : try number(base, &i, text.count, line)
      if firstVisible(base, i, text.count) != nil { throw surplus(text, line) }
      if value != 0 { try body(row, column, value, line) }
    }
    if count < header.entryCount {
      throw FormatError(
        .badData, path: window.path, line: window.line,
        "found the end of the file after \(count) entries, expected \(header.entryCount) as given on line \(header.line)"
      )
    }
  }

  @inline(__always)
  private func firstVisible(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int? {
    var i = from
    while i < end, base[i] <= 0x20 { i &+= 1 }
    return i < end ? i : nil
  }

  /// Converts an index counted from 1 to one counted from 0.
  @inline(__always)
  private func place(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ limit: Int, _ what: String, _ line: Int
  ) throws -> Int {
    while i < end, base[i] <= 0x20 { i &+= 1 }
    let start = i
    var number = 0
    while i < end {
      let digit = Int(base[i]) &- 0x30
      if digit < 0 || digit > 9 || i &- start > 11 { break }
      number = number &* 10 &+ digit
      i &+= 1
    }
    guard i > start, number >= 1, number <= limit, i == end || base[i] <= 0x20 else {
      throw badPlace(base, start, end, limit, what, line)
    }
    return number &- 1
  }

  @inline(__always)
  private func number(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ line: Int
  ) throws -> Float {
    while i < end, base[i] <= 0x20 { i &+= 1 }
    let start = i
    var number: Int32 = 0
    while i < end, i &- start < 7 {
      let digit = Int32(base[i]) &- 0x30
      if digit < 0 || digit > 9 { break }
      number = number &* 10 &+ digit
      i &+= 1
    }
    if i > start, i == end || base[i] <= 0x20 { return Float(number) }
    while i < end, base[i] > 0x20 { i &+= 1 }
    let field = UnsafeBufferPointer(start: base + start, count: i - start)
    switch DecimalNumber.float(field) {
    case .success(let value): return value
    case .failure(.missing) where !field.isEmpty: return .nan
    case .failure(let failure):
      throw FormatError(
        .badData, path: window.path, line: line,
        "found \(FormatError.quoted(field)), expected \(failure == .notFinite ? "a finite value" : "a value")"
      )
    }
  }

  @inline(never)
  private func badPlace(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ limit: Int, _ what: String, _ line: Int
  ) -> FormatError {
    var last = start
    while last < end, base[last] > 0x20 { last += 1 }
    let field = UnsafeBufferPointer(start: base + start, count: last - start)
    return FormatError(
      .badData, path: window.path, line: line,
      "found \(FormatError.quoted(field)), expected a \(what) from 1 to \(limit)"
        + (field.elementsEqual("0".utf8) ? " (MatrixMarket counts from 1)" : ""))
  }

  @inline(never)
  private func surplus(_ text: UnsafeBufferPointer<UInt8>, _ line: Int) -> FormatError {
    let expected =
      header.isArray ? "a value" : header.field == .pattern ? "row and column" : "row, column and value"
    return FormatError(
      .badData, path: window.path, line: line, "found \(FormatError.quoted(text)), expected \(expected)")
  }
}
