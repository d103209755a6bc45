/// The layout of a table, detected in its first lines: comments above the header, the delimiter, whether the
/// comma is the decimal mark, and whether each row ends with an additional delimiter.
///
/// A delimiter fits if the header has two fields or more and every examined row has as many, or one more (an
/// empty one after a trailing delimiter, or the row names of R). If several fit, that of the file's suffix
/// has priority, then tabs, commas, semicolons. Spaces are delimiters only if nothing else fits and it is
/// certain: every row has as many words as the header, and more than two of them with a column of numbers, or
/// columns that are aligned.
struct TableLayout: Equatable, Sendable {
  /// The field separator.
  var delimiter: Delimiter
  /// The lines above the header that begin with `#`.
  var commentLines = 0
  /// The byte offset of the header.
  var start = 0
  /// Whether the comma is the decimal mark of numbers.
  var hasDecimalCommas = false
  /// Whether all examined values of each column are numbers.
  var isNumeric: [Bool] = []
  /// The empty fields after the last delimiter of rows.
  var trailing = Trailing.none

  /// The positions of additional empty fields at the end.
  enum Trailing: Equatable, Sendable {
    /// No additional field.
    case none
    /// Each row has one, but not the header.
    case rows
    /// The header and each row have one.
    case headerAndRows
  }

  /// The number of examined rows.
  private static let rowLimit = 50
  /// The number of examined bytes, unless the header is longer.
  static let byteLimit = 1 << 18

  init(delimiter: Delimiter) { self.delimiter = delimiter }

  /// Detects the layout in the first bytes of a text.
  ///
  /// - Parameters:
  ///   - isWhole: whether these bytes are the whole text.
  ///   - suffix: the delimiter for the file's suffix.
  ///   - given: a known delimiter.
  ///   - hasHeader: whether the first row contains names.
  init(
    _ head: UnsafeBufferPointer<UInt8>, isWhole: Bool, suffix: Delimiter?, given: Delimiter?,
    hasHeader: Bool = true
  ) {
    // The first line of GCT is not a comment, and its delimiter is the tab.
    let isGCT = head.starts(with: "#1.2".utf8) || head.starts(with: "#1.3".utf8)
    self.init(delimiter: given ?? suffix ?? .comma)
    if isGCT { delimiter = .tab }
    // A spreadsheet's first line may name the delimiter: `sep=;`.
    let (named, namedEnd) = isGCT ? (nil, 0) : TableLayout.namedDelimiter(head)
    let given = given ?? named
    if let given { delimiter = given }
    let comments =
      isGCT ? [] : (named == nil ? [] : [namedEnd]) + TableLayout.commentLines(head, from: namedEnd)
    var text = UnsafeBufferPointer(rebasing: head[(comments.last ?? 0)...])
    let samples = Delimiter.allCases.map { TableSample(text, isWhole: isWhole, delimiter: $0) }
    if given == nil, !isGCT { delimiter = TableLayout.chosen(samples, suffix: suffix, text) }
    var sample = samples.first { $0.delimiter == delimiter } ?? samples[0]
    commentLines = comments.count
    start = comments.last ?? 0
    // The last comment is the header if it has as many fields as the row after it: `#chrom <tab> start`.
    if let last = comments.last, named == nil {
      let before = comments.count > 1 ? comments[comments.count - 2] : 0
      let line = UnsafeBufferPointer(rebasing: head[before..<last])
      let fields = TableSample(line, isWhole: true, delimiter: delimiter).rows.first ?? []
      if fields.count > 1, fields.count == sample.rows.first?.count, line.count > 1, line[1] != 0x23 {
        (commentLines, start) = (comments.count - 1, before)
        text = UnsafeBufferPointer(rebasing: head[start...])
        sample = TableSample(text, isWhole: isWhole, delimiter: delimiter)
      }
    }
    if !isGCT { describe(sample, hasHeader: hasHeader) }
  }

  /// Returns the number of bytes of the first five lines with their ends.
  static func firstLines(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var place = 0
    for _ in 0..<5 {
      guard place < text.count else { break }
      place += firstLine(UnsafeBufferPointer(rebasing: text[place...]))
    }
    return place
  }

  /// Returns the number of bytes of the first line with its end.
  static func firstLine(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    text.firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
  }

  /// Returns notices for the user.
  func notices(suffix: Delimiter?, given: Delimiter?) -> [TableNotice] {
    var notices: [TableNotice] = []
    if commentLines > 0 { notices.append(.skippedComments(commentLines)) }
    let isUsual = delimiter == suffix || suffix == nil && (delimiter == .tab || delimiter == .comma)
    if given == nil, !isUsual { notices.append(.delimiter(delimiter)) }
    if hasDecimalCommas { notices.append(.decimalCommas) }
    if trailing != .none { notices.append(.droppedTrailingField) }
    return notices
  }

  /// Returns the delimiter that the first line names, and the end of that line.
  private static func namedDelimiter(_ head: UnsafeBufferPointer<UInt8>) -> (Delimiter?, Int) {
    let line = head.prefix { $0 != 0x0A }
    let text = line.filter { $0 != 0x22 && $0 != 0x0D }
    guard line.count < head.count, text.count == 5, text.starts(with: "sep=".utf8),
      let delimiter = Delimiter.allCases.first(where: { $0 != .space && $0.byte == text[4] })
    else { return (nil, 0) }
    return (delimiter, line.count + 1)
  }

  /// Returns the end of each line, one byte after its line feed, among the lines at the start of the text
  /// that begin with `#`; blank lines between and after them are included.
  private static func commentLines(_ head: UnsafeBufferPointer<UInt8>, from start: Int) -> [Int] {
    var ends: [Int] = []
    var place = start
    while place < head.count, let newline = head[place...].firstIndex(of: 0x0A) {
      let isBlank = head[place..<newline].allSatisfy { $0 <= 0x20 }
      guard head[place] == 0x23 || isBlank && !ends.isEmpty else { break }
      place = newline + 1
      ends.append(place)
    }
    // In a text of only such lines one of them is the header.
    return place < head.count ? ends : []
  }

  private static func chosen(
    _ samples: [TableSample], suffix: Delimiter?, _ text: UnsafeBufferPointer<UInt8>
  ) -> Delimiter {
    let fitting = samples.filter { $0.delimiter != .space && $0.fits }
    if fitting.count > 1, let semicolons = fitting.first(where: { $0.delimiter == .semicolon }),
      let commas = fitting.first(where: { $0.delimiter == .comma }), semicolons.isMatrix, !commas.isMatrix
    {
      // `A;1,5;2,5` has commas at the same positions in each row.
      return .semicolon
    }
    if let suffix, fitting.contains(where: { $0.delimiter == suffix }) { return suffix }
    if let first = fitting.first { return first.delimiter }
    let line = text.prefix { $0 != 0x0A }
    let present = [Delimiter.tab, .comma, .semicolon].filter { line.contains($0.byte) }
    if present.isEmpty, samples.contains(where: { $0.delimiter == .space && $0.isCertain }) { return .space }
    if let suffix, present.contains(suffix) { return suffix }
    return present.first ?? suffix ?? .comma
  }

  private mutating func describe(_ sample: TableSample, hasHeader: Bool) {
    guard let header = sample.rows.first else { return }
    let rows = sample.rows.dropFirst()
    if let width = rows.first?.count, rows.allSatisfy({ $0.count == width && $0.last?.isEmpty == true }) {
      if width == header.count + 1 { trailing = .rows }
      if width == header.count, width > 1, header.last?.isEmpty == true { trailing = .headerAndRows }
    }
    let data = hasHeader ? rows : sample.rows[...]
    let width = data.map(\.count).max() ?? header.count
    var (proofs, contradictions) = (0, 0)
    isNumeric = (0..<width).map { column in
      let values = data.compactMap { column < $0.count ? TableSample.trimmed($0[column]) : nil }
        .filter { !MissingValue.isMissing($0) }
      guard !values.isEmpty, delimiter != .comma else { return false }
      let kinds = values.map { DecimalComma.kind(of: $0) }
      if kinds.contains(.other) { return false }
      proofs += kinds.count { $0 == .decimal }
      contradictions += kinds.count { $0 == .point }
      return true
    }
    hasDecimalCommas = proofs > 0 && contradictions == 0
  }
}

/// The detection of numbers in which the comma may be the decimal mark.
enum DecimalComma {
  /// The meaning of the comma in a text.
  enum Kind {
    /// A whole number, without a comma.
    case whole
    /// A number with a decimal point.
    case point
    /// A number whose comma can only be a decimal mark: `0,5`, `1,25`, `1234,567`.
    case decimal
    /// A number whose comma may be a thousands separator: `1,234`.
    case ambiguous
    /// Not a number.
    case other
  }

  static func kind(of text: some Collection<UInt8>) -> Kind {
    var bytes = Array(text)
    let commas = bytes.count { $0 == 0x2C }
    if commas > 1 {
      return kindOfGroups(bytes)
    }
    let comma = bytes.firstIndex(of: 0x2C)
    if let comma { bytes[comma] = 0x2E }
    guard case .success = bytes.withUnsafeBufferPointer(DecimalNumber.double) else { return .other }
    guard let comma else { return bytes.contains(0x2E) ? .point : .whole }
    if bytes.count(where: { $0 == 0x2E }) > 1 { return .other }
    let digits = bytes[..<comma].drop { $0 == 0x2B || $0 == 0x2D }
    let decimals = bytes[(comma + 1)...]
    let isGroup = decimals.count == 3 && decimals.allSatisfy { 0x30...0x39 ~= $0 }
    return isGroup && 1...3 ~= digits.count && digits.first != 0x30 ? .ambiguous : .decimal
  }

  /// Returns the kind of a text with several commas; `1,234,567` is a number with thousands separators.
  private static func kindOfGroups(_ bytes: [UInt8]) -> Kind {
    let parts = bytes.drop { $0 == 0x2B || $0 == 0x2D }.split(
      separator: 0x2C, omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { $0.allSatisfy { 0x30...0x39 ~= $0 } }
    return areDigits && 1...3 ~= parts[0].count && parts.dropFirst().allSatisfy { $0.count == 3 }
      ? .ambiguous : .other
  }

  /// Returns the expected value in place of an invalid field, for an error.
  static func expectation(_ field: some Collection<UInt8>, _ failure: DecimalNumber.Failure) -> String {
    switch failure {
    case .notFinite, .missing: "a finite number"
    case .notNumber:
      switch kind(of: field) {
      case .decimal:
        "a decimal point: the comma is read as one only where the first rows show it beyond doubt"
      case .ambiguous: "a number without commas: this one may set off thousands or decimals"
      default: "a number"
      }
    }
  }

  /// Returns the text with its only comma as a decimal dot; nil where it has none, or a dot too.
  static func pointed(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard let comma = text.firstIndex(of: 0x2C), !text.contains(0x2E), !text[(comma + 1)...].contains(0x2C)
    else {
      return nil
    }
    var bytes = Array(text)
    bytes[comma] = 0x2E
    guard case .success = bytes.withUnsafeBufferPointer(DecimalNumber.double) else { return nil }
    return bytes
  }
}

/// The first rows of a text, split by one delimiter.
struct TableSample {
  let delimiter: Delimiter
  /// The fields of the header and the rows, without blank lines.
  private(set) var rows: [[ArraySlice<UInt8>]] = []
  /// Whether any line has two spaces between words.
  private var isAligned = false

  init(_ text: UnsafeBufferPointer<UInt8>, isWhole: Bool, delimiter: Delimiter) {
    self.delimiter = delimiter
    let limit = 51
    var (row, field): ([ArraySlice<UInt8>], [UInt8]) = ([], [])
    var isQuoted = false
    var hasBytes = false
    var previous: UInt8 = 0x0A
    func isSeparator(_ byte: UInt8) -> Bool {
      delimiter == .space ? byte == 0x20 || byte == 0x09 : byte == delimiter.byte
    }
    func endField() {
      if delimiter != .space || !field.isEmpty { row.append(field[...]) }
      fieldCount += 1
      field.removeAll()
    }
    func endRow(_ rows: inout [[ArraySlice<UInt8>]]) {
      if field.last == 0x0D { field.removeLast() }
      endField()
      if hasBytes { rows.append(row) }
      row.removeAll()
      hasBytes = false
    }
    var fieldCount = 0
    for byte in text {
      if rows.count == limit || rows.count >= 4 && fieldCount > 50_000 { return }
      if byte == 0x22, delimiter != .tab, isQuoted || previous == 0x0A || isSeparator(previous) {
        isQuoted.toggle()
        hasBytes = true
      } else if byte == 0x0A, !isQuoted || delimiter == .space {
        isQuoted = false
        endRow(&rows)
      } else if !isQuoted, isSeparator(byte) {
        hasBytes = true
        if delimiter == .space, byte == 0x20, previous == 0x20, !row.isEmpty || !field.isEmpty {
          isAligned = true
        }
        endField()
      } else {
        hasBytes = hasBytes || byte > 0x20
        field.append(byte)
      }
      previous = byte
    }
    if isWhole || rows.isEmpty { endRow(&rows) }
  }

  /// Whether every row has as many fields as the header, or one more.
  var fits: Bool {
    guard let header = rows.first, header.count > 1 else { return false }
    let width = rows.count > 1 ? rows[1].count : header.count
    return (width == header.count || width == header.count + 1)
      && rows.dropFirst().allSatisfy { $0.count == width }
  }

  /// Whether all values except those of the first column are numbers, with dots or commas.
  var isMatrix: Bool {
    rows.count > 1
      && rows.dropFirst().allSatisfy { row in
        row.count > 1
          && row.dropFirst().allSatisfy {
            MissingValue.isMissing($0)
              || DecimalComma.kind(of: TableSample.trimmed($0)) != .other
          }
      }
  }

  /// Whether spaces can only be delimiters.
  var isCertain: Bool {
    guard fits, rows.count > 1 else { return false }
    if isAligned { return true }
    let width = rows[1].count
    return width > 2
      && (1..<width).contains { column in
        rows.dropFirst().allSatisfy { DecimalComma.kind(of: $0[column]) != .other }
      }
  }

  /// Returns a field without the spaces around it.
  static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field.drop { $0 == 0x20 }
    while field.last == 0x20 { field = field.dropLast() }
    return field
  }
}
