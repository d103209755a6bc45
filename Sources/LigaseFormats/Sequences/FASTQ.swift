import LigaseRuntime

/// FASTQ: reads with a quality for each base (Cock and others, 2010).
///
///     record = "@" name [ blanks description ] newline { sequence line } "+" [ header again ] newline { quality line }
///
/// Sequence and quality may be wrapped; the quality ends when it is as long as the sequence, so its lines may
/// begin with `@` or `+`.
public enum FASTQ {
  /// One read.
  public struct Record: Equatable, Sendable {
    /// The header's first word, after `@`.
    public var name: String
    /// The rest of the header after the name (CASAVA's `1:N:0:ATCACG`, SAM tags), without surrounding white
    /// space.
    public var description: String
    /// The bases as written, in ASCII.
    public var sequence: [UInt8]
    /// The qualities as written, one character per base.
    public var qualities: [UInt8]
    /// The line number of the header, counted from 1; 0 for a record that was not read from a file.
    package var line: Int

    /// Creates a read; qualities are the characters of the file.
    public init(name: String, description: String = "", sequence: [UInt8], qualities: [UInt8], line: Int = 0)
    {
      self.name = name
      self.description = description
      self.sequence = sequence
      self.qualities = qualities
      self.line = line
    }

    /// Returns the Phred quality of each base: the character minus `offset`, 33 since Illumina 1.8 and in
    /// Sanger's files.
    package func phredQualities(offset: UInt8 = 33) -> [Int] { qualities.map { Int($0) - Int(offset) } }
  }

  /// A reader of one record at a time. A read without a `+` line, and a quality shorter or longer than its
  /// sequence, throw.
  ///
  /// ```swift
  /// let reader = try FASTQ.Reader(contentsOf: "reads.fq.gz")
  /// while let read = try reader.next() { print(read.name, read.sequence.count, read.qualities.min() ?? 0) }
  /// ```
  public final class Reader {
    private let window: TextWindow

    /// Opens `path`; `-` or nil is standard input. Threads decompress where the file is blocked gzip.
    public init(contentsOf path: String?, threads: Int = 1) throws {
      window = TextWindow(try ByteReader(contentsOf: path, threads: threads))
    }

    init(_ window: TextWindow) { self.window = window }

    /// Returns the next record, nil at the end.
    public func next() throws -> Record? {
      var record = Record(name: "", sequence: [], qualities: [])
      return try next(into: &record) ? record : nil
    }

    /// Reads the next record into `record`, reusing its memory; returns false at the end.
    package func next(into record: inout Record) throws -> Bool {
      var parts = SequenceRecord()
      swap(&parts.sequence, &record.sequence)
      swap(&parts.qualities, &record.qualities)
      defer {
        swap(&parts.sequence, &record.sequence)
        swap(&parts.qualities, &record.qualities)
      }
      guard try next(into: &parts) else { return false }
      record.line = parts.line
      (record.name, record.description) = parts.header.withUnsafeBufferPointer { SequenceHeader.split($0) }
      return true
    }

    func next(into record: inout SequenceRecord) throws -> Bool {
      guard try skipToHeader() else { return false }
      record.line = window.line
      guard let header = try window.nextLine() else { return false }
      record.header.removeAll(keepingCapacity: true)
      record.header.append(contentsOf: header.dropFirst())
      record.sequence.removeAll(keepingCapacity: true)
      record.qualities.removeAll(keepingCapacity: true)
      while true {
        guard let first = try window.peek() else {
          throw failure(record, "found the end of the file, expected a line that begins with '+'")
        }
        if first == 0x2B { break }
        guard let line = try window.nextLine() else { continue }
        Blanks.append(line, to: &record.sequence)
      }
      _ = try window.nextLine()
      repeat {
        guard let line = try window.nextLine() else {
          if record.sequence.isEmpty { return true }
          throw failure(
            record,
            "found a quality string of \(record.qualities.count) characters at the end of the file, "
              + "expected \(record.sequence.count) as in the sequence")
        }
        Blanks.append(line, to: &record.qualities)
      } while record.qualities.count < record.sequence.count
      if record.qualities.count > record.sequence.count {
        throw failure(
          record,
          "found a quality string of \(record.qualities.count) characters, expected \(record.sequence.count) "
            + "as in the sequence")
      }
      return true
    }

    private func skipToHeader() throws -> Bool {
      while let first = try window.peek() {
        if first == 0x40 { return true }
        let line = window.line
        guard let text = try window.nextLine() else { continue }
        if text.allSatisfy({ $0 <= 0x20 }) { continue }
        throw FormatError(
          .badData, path: window.path, line: line,
          "found \(FormatError.quoted(text)), expected a line that begins with '@'")
      }
      return false
    }

    private func failure(_ record: SequenceRecord, _ message: String) -> FormatError {
      FormatError(
        .badData, path: window.path, line: window.line,
        "\(message) (the read begins on line \(record.line))")
    }
  }

  /// Writes reads, with four lines each.
  ///
  /// ```swift
  /// let output = try OutputFile("reads.fq.gz"), writer = FASTQ.Writer(output)
  /// try writer.write(FASTQ.Record(name: "r1", sequence: Array("ACGT".utf8), qualities: Array("IIII".utf8)))
  /// try output.close()
  /// ```
  public struct Writer {
    private let output: OutputFile

    /// Creates a writer to `output`.
    public init(_ output: OutputFile) { self.output = output }

    /// Writes one read, which must have a quality for each base.
    public func write(_ record: Record) throws {
      precondition(
        record.sequence.count == record.qualities.count,
        "FASTQ.Writer: \(record.qualities.count) qualities for \(record.sequence.count) bases")
      var text: [UInt8] = [0x40]
      text += Array(record.name.utf8)
      if !record.description.isEmpty { text += [0x20] + Array(record.description.utf8) }
      text.append(0x0A)
      text += record.sequence
      text += [0x0A, 0x2B, 0x0A]
      text += record.qualities
      text.append(0x0A)
      try output.write(text)
    }
  }
}
