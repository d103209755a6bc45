/// FASTA: named sequences as text (Pearson and Lipman, 1988; NCBI's description).
///
///     file   = { blank line | record }
///     record = ">" name [ blanks description ] newline { sequence line }
///
/// The name is the first word after `>`, as in samtools: `> a` is called `a`. A sequence is the bytes of its
/// lines without white space; letters of either case, `*`, `-` and `.` are usual, and lower case often means
/// masked.
///
/// ```swift
/// for record in try FASTA.read(contentsOf: "genes.fa") {
///   print(record.name, record.sequence.count)
/// }
/// ```
public enum FASTA {
  /// One named sequence.
  public struct Record: Equatable, Sendable {
    /// The first word of the header; empty where there is none.
    public var name: String
    /// The rest of the header after the name, without surrounding white space.
    public var description: String
    /// The residues as written, in ASCII.
    public var sequence: [UInt8]
    /// The line number of the header, counted from 1; 0 for a record that was not read from a file.
    package var line: Int

    /// Creates a record; `sequence` is ASCII.
    public init(name: String, description: String = "", sequence: [UInt8], line: Int = 0) {
      self.name = name
      self.description = description
      self.sequence = sequence
      self.line = line
    }

    /// The sequence as text.
    package var text: String { String(decoding: sequence, as: UTF8.self) }
  }

  /// Returns the error of a header with a line end of old Mac text.
  static func macLineEnd(_ path: String, line: Int?) -> FormatError {
    FormatError(
      .badData, path: path, line: line,
      "found a header behind blanks, or behind a line end of old Mac text (CR alone), expected '>' at the beginning of a line",
      remedy: .convert(with: "tr '\\r' '\\n' < FILE"))
  }

  /// Returns whether a header line continues after a CR, followed by lines of old Mac text.
  static func hasMacLineEnd(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = line.firstIndex(of: 0x0D) else { return false }
    return line[first...].contains { $0 != 0x0D }
  }

  /// Returns all records of a file, in memory; `-` or nil is standard input.
  public static func read(contentsOf path: String?) throws -> [Record] {
    let reader = try Reader(contentsOf: path)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }
}

/// Splits a header line without its first byte.
enum SequenceHeader {
  /// Returns the first word, and the rest without surrounding white space.
  static func split(_ line: UnsafeBufferPointer<UInt8>) -> (name: String, description: String) {
    guard let base = line.baseAddress else { return ("", "") }
    var end = line.count
    let nameStart = start(of: line)
    let nameEnd = nameStart + Blanks.first(base + nameStart, end - nameStart)
    var start = nameEnd
    while start < end, base[start] <= 0x20 { start += 1 }
    while end > start, base[end - 1] <= 0x20 { end -= 1 }
    return (
      String(
        decoding: UnsafeBufferPointer(start: base + nameStart, count: nameEnd - nameStart), as: UTF8.self),
      String(decoding: UnsafeBufferPointer(start: base + start, count: end - start), as: UTF8.self)
    )
  }

  /// Returns the index of the first word.
  static func start(of line: UnsafeBufferPointer<UInt8>) -> Int {
    line.firstIndex { $0 > 0x20 } ?? line.count
  }
}
