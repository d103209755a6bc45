/// FASTA: named sequences as text (Pearson and Lipman, 1988; NCBI's description).
///
///     file   = { blank line | record }
///     record = ">" name [ blanks description ] newline { sequence line }
///
/// The name is the first word behind `>`, as in samtools: `> a` is called `a`. A sequence is the bytes of its lines
/// without blanks; letters of either case, `*`, `-` and `.` are usual, and lower case often means masked.
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
    /// What follows the name in the header, blanks around it taken off.
    public var description: String
    /// The residues as they are written, in ASCII.
    public var sequence: [UInt8]
    /// The line of the header, counted from 1; 0 for a record that comes from no file.
    package var line: Int

    /// A record; `sequence` is ASCII.
    public init(name: String, description: String = "", sequence: [UInt8], line: Int = 0) {
      self.name = name
      self.description = description
      self.sequence = sequence
      self.line = line
    }

    /// The sequence as text.
    package var text: String { String(decoding: sequence, as: UTF8.self) }
  }

  /// The error of a header that follows a line end of old Mac text.
  static func macLineEnd(_ path: String, line: Int?) -> FormatError {
    FormatError(
      .badData, path: path, line: line,
      "found a header behind blanks, or behind a line end of old Mac text (CR alone), expected '>' at the beginning of a line",
      remedy: .convert(with: "tr '\\r' '\\n' < FILE"))
  }

  /// Whether a header line goes on behind a CR: lines of old Mac text follow it.
  static func hasMacLineEnd(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = line.firstIndex(of: 0x0D) else { return false }
    return line[first...].contains { $0 != 0x0D }
  }

  /// All records of a file, where they fit into memory; `-` or nil is standard input.
  public static func read(contentsOf path: String?) throws -> [Record] {
    let reader = try Reader(contentsOf: path)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }
}

/// A header line without its first byte, in two parts.
enum SequenceHeader {
  /// The first word, and the rest without blanks around it.
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

  /// Where the first word begins.
  static func start(of line: UnsafeBufferPointer<UInt8>) -> Int {
    line.firstIndex { $0 > 0x20 } ?? line.count
  }
}
