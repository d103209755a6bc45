/// FASTA: named sequences as text (Pearson and Lipman, 1988; NCBI's description).
///
///     file   = { blank line | record }
///     record = ">" name [ blanks description ] newline { sequence line }
///
/// The name ends at the first blank and may be empty, as in `> description`. A sequence is the bytes of its
/// lines without blanks; letters of either case, `*`, `-` and `.` are usual, and lower case often means
/// masked.
public enum FASTA {
  /// One named sequence.
  public struct Record: Equatable, Sendable {
    /// The header's first word, after `>`.
    public var name: String
    /// What follows the name in the header, blanks around it taken off.
    public var description: String
    /// The residues as they are written, in ASCII.
    public var sequence: [UInt8]
    /// The line of the header, counted from 1; 0 for a record that comes from no file.
    public var line: Int

    /// A record; `sequence` is ASCII.
    public init(name: String, description: String = "", sequence: [UInt8], line: Int = 0) {
      self.name = name
      self.description = description
      self.sequence = sequence
      self.line = line
    }

    /// The sequence as text.
    public var text: String { String(decoding: sequence, as: UTF8.self) }
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
    let nameEnd = Blanks.first(base, line.count)
    var start = nameEnd
    var end = line.count
    while start < end, base[start] <= 0x20 { start += 1 }
    while end > start, base[end - 1] <= 0x20 { end -= 1 }
    return (
      String(decoding: UnsafeBufferPointer(start: base, count: nameEnd), as: UTF8.self),
      String(decoding: UnsafeBufferPointer(start: base + start, count: end - start), as: UTF8.self)
    )
  }
}
