/// BED: intervals of contigs, three to twelve columns (GA4GH BED v1.0).
///
///     line = contig TAB start TAB end [ TAB name [ TAB score [ TAB strand [ TAB … ] ] ] ]
///
/// Starts count from 0 and ends are not included. Blank lines, `#` comments, and lines for a genome browser
/// are skipped: the word `track` or `browser`, then white space. Fields may be separated by tabs or, in a
/// line without tabs, by spaces.
///
/// ```swift
/// for interval in try BED.read(contentsOf: "peaks.bed.gz") {
///   print(interval.contig, interval.start + 1, interval.end, interval.name ?? ".")  // from 1, both ends included
/// }
/// ```
public enum BED {
  /// One interval.
  public struct Record: Equatable, Sendable {
    /// The contig's name.
    public var contig: String
    /// The first position, counted from 0.
    public var start: Int
    /// The position after the last one, counted from 0.
    public var end: Int
    /// The fourth column; nil if it is absent or `.`.
    public var name: String?
    /// The fifth column as written.
    package var score: String?
    /// Whether the interval is on the reverse strand; nil if the column is absent or `.`.
    public var isReverse: Bool?
    /// The columns from the seventh on, as written.
    package var rest: [String]
    /// The line number, counted from 1; 0 for an interval that was not read from a file.
    package var line: Int

    /// Creates an interval; positions count from 0, and the end is not included.
    public init(
      contig: String, start: Int, end: Int, name: String? = nil, score: String? = nil, isReverse: Bool? = nil,
      rest: [String] = [], line: Int = 0
    ) {
      precondition(start >= 0 && end >= start, "BED.Record: \(start)-\(end)")
      self.contig = contig
      self.start = start
      self.end = end
      self.name = name
      self.score = score
      self.isReverse = isReverse
      self.rest = rest
      self.line = line
    }
  }

  /// A reader of one record at a time.
  ///
  /// ```swift
  /// let reader = try BED.Reader(contentsOf: "peaks.bed.gz")
  /// while let interval = try reader.next() { print(interval.contig, interval.end - interval.start) }
  /// ```
  public final class Reader {
    private let window: TextWindow
    /// The number of columns of the last interval.
    package private(set) var columnCount = 0
    /// The number of lines for a genome browser skipped so far.
    package private(set) var browserLineCount = 0
    /// The `type` of the last `track` line, such as `narrowPeak`.
    package private(set) var trackType: String?

    /// Opens `path`; `-` or nil is standard input.
    public init(contentsOf path: String?, threads: Int = 1) throws {
      window = TextWindow(try ByteReader(contentsOf: path, threads: threads))
    }

    /// Returns the next interval, nil at the end; an invalid line throws.
    public func next() throws -> Record? {
      while true {
        let line = window.line
        guard let text = try window.nextLine() else { return nil }
        if text.allSatisfy({ $0 <= 0x20 }) || text[0] == 0x23 { continue }
        if BED.isBrowserLine(text) {
          browserLineCount += 1
          noteType(text)
          continue
        }
        return try record(text, line)
      }
    }

    private func noteType(_ text: UnsafeBufferPointer<UInt8>) {
      for word in text.split(whereSeparator: { $0 <= 0x20 }) where word.starts(with: "type=".utf8) {
        trackType = String(decoding: word.dropFirst(5).filter { $0 != 0x22 }, as: UTF8.self)
      }
    }

    private func record(_ text: UnsafeBufferPointer<UInt8>, _ line: Int) throws -> Record {
      let hasTabs = text.contains(0x09)
      let fields = text.split(omittingEmptySubsequences: !hasTabs) { $0 == 0x09 || !hasTabs && $0 == 0x20 }
        .map { String(decoding: $0, as: UTF8.self) }
      func failure(_ column: Int, _ message: String) -> FormatError {
        FormatError(.badData, path: window.path, line: line, column: column, message)
      }
      columnCount = fields.count
      if fields.count < 3 {
        throw failure(fields.count, "found \(fields.count) fields, expected contig, start and end at least")
      }
      guard !fields[0].isEmpty else { throw failure(1, "found an empty field, expected a contig") }
      guard let start = Int(fields[1]), start >= 0 else {
        throw failure(2, "found \(FormatError.quoted(fields[1])), expected a start counted from 0")
      }
      guard let end = Int(fields[2]), end >= start else {
        throw failure(
          3, "found \(FormatError.quoted(fields[2])), expected an end that is not below the start \(start)")
      }
      var isReverse: Bool?
      if fields.count > 5 {
        switch fields[5] {
        case "+": isReverse = false
        case "-": isReverse = true
        case ".", "": break
        default:
          throw failure(6, "found \(FormatError.quoted(fields[5])), expected a strand: '+', '-' or '.'")
        }
      }
      return Record(
        contig: fields[0], start: start, end: end,
        name: fields.count > 3 && fields[3] != "." && !fields[3].isEmpty ? fields[3] : nil,
        score: fields.count > 4 ? fields[4] : nil, isReverse: isReverse, rest: Array(fields.dropFirst(6)),
        line: line)
    }
  }

  /// Returns whether a line is for a genome browser: `track` or `browser` and white space. A contig may have
  /// such a name, before a tab and two numbers.
  static func isBrowserLine(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    for word in ["track", "browser"] where text.starts(with: word.utf8) {
      guard text.count > word.utf8.count else { return true }
      let next = text[word.utf8.count]
      if next == 0x20 { return true }
      let fields = text.split(separator: 0x09, maxSplits: 3, omittingEmptySubsequences: false)
      let isInterval =
        fields.count >= 3
        && fields[1...2].allSatisfy { !$0.isEmpty && $0.allSatisfy { 0x30...0x39 ~= $0 } }
      return next == 0x09 && !isInterval
    }
    return false
  }

  /// Returns all intervals of a file; `-` or nil is standard input.
  public static func read(contentsOf path: String?) throws -> [Record] {
    let reader = try Reader(contentsOf: path)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }
}
