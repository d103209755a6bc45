/// Strict validation of BED (GA4GH BED v1.0): three to nine columns, or twelve.
///
/// Errors: `column-count` (fewer than three, or another number than in the first line), `contig-name`,
/// `coordinates` (not numbers, or the end before the start), `name`, `score` (0 to 1000), `strand`, `thick`
/// (not within the interval), `color`, `blocks` (their number, order and ends). Warnings: `browser-line`
/// (`track` and `browser` lines belong to the genome browser, not to the format), `spaces` (spaces instead of
/// tabs), `custom-columns`, `no-records`.
package enum BEDCheck {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Reads `path` to its end and lists the problems; only a stream that cannot be read throws.
  package static func run(contentsOf path: String?, threads: Int = 1, into problems: inout ProblemList) throws
  {
    try run(TextWindow(try ByteReader(contentsOf: path, threads: threads)), into: &problems)
  }

  static func run(_ window: TextWindow, into problems: inout ProblemList) throws {
    var columnCount: Int?
    var hasSpaces = false
    while true {
      let line = window.line
      guard problems.begin(line) else { return }
      guard let text = try window.nextLine() else { break }
      if text.allSatisfy({ $0 <= 0x20 }) || text[0] == 0x23 { continue }
      if BED.isBrowserLine(text) {
        problems.add("browser-line", .warning, line: line, "found a line of a genome browser")
        continue
      }
      problems.addRecord()
      let hasTabs = text.contains(0x09)
      if !hasTabs, !hasSpaces, text.contains(0x20) {
        hasSpaces = true
        problems.add("spaces", .warning, line: line, "found blanks between columns, expected tabs")
      }
      let fields = text.split(omittingEmptySubsequences: !hasTabs) { $0 == 0x09 || !hasTabs && $0 == 0x20 }
        .map { Bytes(rebasing: $0) }
      let expected = columnCount ?? fields.count
      if fields.count < 3 || fields.count != expected {
        let wanted = fields.count < 3 ? "three at least" : "\(expected) as in the first line"
        problems.add("column-count", line: line, "found \(fields.count) columns, expected \(wanted)")
      }
      if fields.count < 3 { continue }
      if columnCount == nil {
        columnCount = fields.count
        if fields.count > 12 || fields.count == 10 || fields.count == 11 {
          problems.add(
            "custom-columns", .warning, line: line, "found \(fields.count) columns, expected 3 to 9 or 12")
        }
      }
      check(fields, line, &problems)
    }
    if problems.seenRecordCount == 0 {
      problems.add("no-records", .warning, line: 0, "found no interval, expected contig, start and end")
    }
  }

  private static func check(_ fields: [Bytes], _ line: Int, _ problems: inout ProblemList) {
    func add(_ name: String, _ column: Int, _ expected: String) {
      problems.add(
        name, line: line, column: column + 1,
        "found \(FormatError.quoted(fields[column])) in column \(column + 1), expected \(expected)")
    }
    let name = fields[0]
    if name.isEmpty || name.count > 255 || name.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      add("contig-name", 0, "the name of a contig, 255 bytes at most")
    }
    guard let start = number(fields[1]) else { return add("coordinates", 1, "a start counted from 0") }
    guard let end = number(fields[2]) else { return add("coordinates", 2, "an end, not included") }
    if end < start { return add("coordinates", 2, "an end that is not before the start \(start)") }
    if fields.count > 3,
      fields[3].isEmpty || fields[3].count > 255 || fields[3].contains(where: { $0 < 0x20 })
    {
      add("name", 3, "a name of 1 to 255 bytes")
    }
    if fields.count > 4, !fields[4].spells("."), number(fields[4]).map({ $0 > 1000 }) ?? true {
      add("score", 4, "a whole number from 0 to 1000")
    }
    if fields.count > 5, !(fields[5].count == 1 && [0x2B, 0x2D, 0x2E].contains(fields[5][0])) {
      add("strand", 5, "'+', '-' or '.'")
    }
    // With ten, eleven or more than twelve columns, those from the seventh on are custom columns.
    guard fields.count <= 9 || fields.count == 12 else { return }
    if fields.count > 6, number(fields[6]).map({ $0 < start || $0 > end }) ?? true {
      add("thick", 6, "a position within the interval")
    }
    if fields.count > 7, number(fields[7]).map({ $0 < (number(fields[6]) ?? start) || $0 > end }) ?? true {
      add("thick", 7, "a position within the interval, not before the thick start")
    }
    if fields.count > 8, !isColor(fields[8]) { add("color", 8, "0 or three numbers from 0 to 255") }
    if fields.count == 12 {
      if let fault = blockFault(fields, end - start) { add("blocks", fault.column, fault.expected) }
    }
  }

  private static func isColor(_ text: Bytes) -> Bool {
    if text.spells("0") || text.spells(".") { return true }
    guard let parts = numbers(text) else { return false }
    return parts.count == 3 && parts.allSatisfy { $0 <= 255 }
  }

  /// Returns the first problem of blocks, which must start at the start, end at the end, and not overlap.
  private static func blockFault(_ fields: [Bytes], _ length: Int) -> (column: Int, expected: String)? {
    guard let count = number(fields[9]), count > 0 else { return (9, "a number of blocks from 1 up") }
    guard let sizes = numbers(fields[10]), sizes.count == count else { return (10, "\(count) sizes") }
    guard let starts = numbers(fields[11]), starts.count == count else { return (11, "\(count) starts") }
    if starts[0] != 0 { return (11, "a first block that begins at the start") }
    for i in 1..<max(1, count) where starts[i] - starts[i - 1] < sizes[i - 1] {
      return (11, "blocks in order that do not overlap")
    }
    return starts[count - 1] + sizes[count - 1] == length ? nil : (10, "a last block that ends at the end")
  }

  private static func number(_ text: Bytes) -> Int? {
    guard !text.isEmpty, text.count <= 15, text.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Returns the numbers of a comma-separated list, which may end in a comma.
  private static func numbers(_ text: Bytes) -> [Int]? {
    var parts = text.split(separator: 0x2C, omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    let values = parts.compactMap { number(Bytes(rebasing: $0)) }
    return values.count == parts.count ? values : nil
  }
}
