/// Strict validation of FASTQ.
///
/// Errors: `no-header` (a record does not begin with `@`), `truncated`, `name-mismatch` (the `+` line repeats
/// another header), `quality-length`, `invalid-quality` (outside `!`...`~`), `invalid-character` (a base is a
/// letter, `*`, `-` or `.`), `control-character`, `blank-line`, `no-records`. Warnings: `empty-name`,
/// `empty-sequence`, `wrapped` (sequence on several lines). Reading ends at the first structural error,
/// because the meaning of later lines is uncertain.
package enum FASTQCheck {
  /// Reads `path` to its end and lists the problems; only a stream that cannot be read throws.
  package static func run(contentsOf path: String?, threads: Int = 1, into problems: inout ProblemList) throws
  {
    try run(TextWindow(try ByteReader(contentsOf: path, threads: threads)), into: &problems)
  }

  static func run(_ window: TextWindow, into problems: inout ProblemList) throws {
    var header: [UInt8] = []
    while problems.begin(window.line), try checkRecord(window, &header, &problems) {}
    if !problems.isCut, problems.seenRecordCount == 0, !problems.hasSeenError {
      problems.add("no-records", line: 0, "found no record, expected a line that begins with '@'")
    }
  }

  /// Checks one record; returns false at the end, or where later lines cannot be interpreted.
  private static func checkRecord(
    _ window: TextWindow, _ header: inout [UInt8], _ problems: inout ProblemList
  ) throws -> Bool {
    let start = window.line
    guard let title = try window.nextLine() else { return false }
    if title.isEmpty {
      // Blank lines are allowed at the end of a file.
      while let text = try window.nextLine() {
        if !text.isEmpty {
          problems.add("blank-line", line: start, "found a blank line between records")
          return false
        }
      }
      return false
    }
    guard title[0] == 0x40 else {
      problems.add(
        "no-header", line: start, "found \(FormatError.quoted(title)), expected a line that begins with '@'")
      return false
    }
    problems.addRecord()
    checkTitle(title, start, &problems)
    header.removeAll(keepingCapacity: true)
    header.append(contentsOf: title.dropFirst())
    guard let length = try checkBases(window, &problems) else { return false }
    guard try checkPlus(window, header, &problems) else { return false }
    return try checkQualities(window, length, start, &problems)
  }

  private static func checkTitle(
    _ title: UnsafeBufferPointer<UInt8>, _ line: Int, _ problems: inout ProblemList
  ) {
    if let index = title.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      problems.add(
        "control-character", line: line, column: index + 1,
        "found \(FormatError.quoted([title[index]])) in a header, expected text")
    }
    if title.count == 1 || title[1] <= 0x20 {
      problems.add("empty-name", .warning, line: line, "found a header without a name")
    }
  }

  /// Returns the number of bases up to the `+` line, nil if there is none.
  private static func checkBases(_ window: TextWindow, _ problems: inout ProblemList) throws -> Int? {
    let start = window.line
    var length = 0
    while true {
      guard let first = try window.peek() else {
        problems.add(
          "truncated", line: window.line, "found the end of the file, expected a line that begins with '+'")
        return nil
      }
      if first == 0x2B { break }
      let line = window.line
      guard let text = try window.nextLine() else { break }
      for (i, byte) in text.enumerated() {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E: break
        default:
          problems.add(
            "invalid-character", line: line, column: i + 1,
            "found \(FormatError.quoted([byte])), expected a letter, '*', '-' or '.'")
        }
      }
      length += text.count
    }
    if window.line - start > 1 {
      problems.add(
        "wrapped", .warning, line: start, "found a sequence on \(window.line - start) lines, expected one")
    }
    if length == 0 { problems.add("empty-sequence", .warning, line: start, "found a read without bases") }
    return length
  }

  private static func checkPlus(
    _ window: TextWindow, _ header: [UInt8], _ problems: inout ProblemList
  ) throws -> Bool {
    let line = window.line
    guard let plus = try window.nextLine() else { return false }
    if window.isAtEnd && window.start == window.end && plus.count > 1 && plus.dropFirst().count < header.count
    {
      problems.add("truncated", line: line, "found the end of the file in a line that begins with '+'")
      return false
    }
    if plus.count > 1, !plus.dropFirst().elementsEqual(header) {
      problems.add(
        "name-mismatch", line: line,
        "found \(FormatError.quoted(plus)), expected '+' alone or the header \(FormatError.quoted(header)) again"
      )
    }
    return true
  }

  private static func checkQualities(
    _ window: TextWindow, _ length: Int, _ start: Int, _ problems: inout ProblemList
  ) throws -> Bool {
    var found = 0
    repeat {
      let line = window.line
      guard let text = try window.nextLine() else {
        if length == 0 { return false }
        problems.add(
          "truncated", line: line,
          "found \(found) qualities at the end of the file, expected \(length) as in the read of line \(start)"
        )
        return false
      }
      for (i, byte) in text.enumerated() where byte < 0x21 || byte > 0x7E {
        problems.add(
          "invalid-quality", line: line, column: i + 1,
          "found \(FormatError.quoted([byte])), expected a character from '!' to '~'")
      }
      found += text.count
    } while found < length
    if found > length {
      problems.add(
        "quality-length", line: window.line - 1,
        "found \(found) qualities, expected \(length) as in the read of line \(start)")
      return false
    }
    return true
  }
}
