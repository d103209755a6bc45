import LigaseRuntime

extension FASTA {
  /// A reader of one record at a time that accepts common deviations: CRLF, blank lines and spaces within
  /// sequences; lines that begin with `;` are comments. Text before the first `>` throws.
  ///
  /// ```swift
  /// let reader = try FASTA.Reader(contentsOf: "genome.fa.gz")
  /// while let record = try reader.next() { print(record.name, record.sequence.count) }
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
      var record = Record(name: "", sequence: [])
      return try next(into: &record) ? record : nil
    }

    /// Reads the next record into `record`, reusing its memory; returns false at the end.
    package func next(into record: inout Record) throws -> Bool {
      var header: [UInt8] = []
      guard try nextHeader(into: &header, line: &record.line) else { return false }
      (record.name, record.description) = header.withUnsafeBufferPointer { SequenceHeader.split($0) }
      try nextSequence(into: &record.sequence)
      return true
    }

    /// Reads the next header line without `>`; returns false at the end.
    func nextHeader(into header: inout [UInt8], line: inout Int) throws -> Bool {
      guard try skipToHeader() else { return false }
      line = window.line
      guard let text = try window.nextLine() else { return false }
      if FASTA.hasMacLineEnd(text) { throw FASTA.macLineEnd(window.path, line: line) }
      header.removeAll(keepingCapacity: true)
      header.append(contentsOf: text.dropFirst())
      return true
    }

    /// Reads the lines up to the next header.
    func nextSequence(into sequence: inout [UInt8]) throws {
      sequence.removeAll(keepingCapacity: true)
      while let first = try window.peek(), first != 0x3E {
        if first == 0x3B {
          _ = try window.nextLine()
        } else {
          try appendLine(to: &sequence)
        }
      }
    }

    private func skipToHeader() throws -> Bool {
      while let first = try window.peek() {
        if first == 0x3E { return true }
        let line = window.line
        guard let text = try window.nextLine(), let base = text.baseAddress else { continue }
        if first == 0x3B || Blanks.first(base, text.count) == 0 && text.allSatisfy({ $0 <= 0x20 }) {
          continue
        }
        throw FormatError(
          .badData, path: window.path, line: line,
          "found \(FormatError.quoted(text)), expected a line that begins with '>'")
      }
      return false
    }

    /// Appends the rest of the current line; a line longer than the window is read in pieces.
    private func appendLine(to sequence: inout [UInt8]) throws {
      while true {
        let piece = window.base + window.start
        let count = window.end - window.start
        if let newline = memchr(piece, 0x0A, count) {
          let length = UnsafeRawPointer(piece).distance(to: newline)
          if !Blanks.append(UnsafeBufferPointer(start: piece, count: length), to: &sequence) {
            throw FASTA.macLineEnd(window.path, line: window.line)
          }
          window.take(length + 1)
          window.line += 1
          return
        }
        if !Blanks.append(UnsafeBufferPointer(start: piece, count: count), to: &sequence) {
          throw FASTA.macLineEnd(window.path, line: window.line)
        }
        window.take(count)
        if try !window.fill() { return }
      }
    }
  }

  /// Writes records, with sequences in lines of equal length.
  ///
  /// ```swift
  /// let output = try OutputFile("short.fa.gz"), writer = FASTA.Writer(output, lineWidth: 80)
  /// try writer.write(FASTA.Record(name: "a", sequence: Array("GATTACA".utf8)))
  /// try output.close()
  /// ```
  public struct Writer {
    private let output: OutputFile
    private let lineWidth: Int

    /// Writes to `output`; a line width of 0 writes each sequence on one line.
    public init(_ output: OutputFile, lineWidth: Int = 60) {
      precondition(lineWidth >= 0, "FASTA.Writer: a line width of \(lineWidth)")
      self.output = output
      self.lineWidth = lineWidth
    }

    /// Writes one record.
    public func write(_ record: Record) throws {
      var text: [UInt8] = []
      Writer.append(name: record.name, description: record.description, to: &text)
      record.sequence.withUnsafeBufferPointer { Writer.append(sequence: $0, lineWidth: lineWidth, to: &text) }
      try output.write(text)
    }

    static func append(name: String, description: String, to text: inout [UInt8]) {
      text.append(0x3E)
      text.append(contentsOf: name.utf8)
      if !description.isEmpty {
        text.append(0x20)
        text.append(contentsOf: description.utf8)
      }
      text.append(0x0A)
    }

    static func append(sequence: UnsafeBufferPointer<UInt8>, lineWidth: Int, to text: inout [UInt8]) {
      let width = lineWidth == 0 ? max(1, sequence.count) : lineWidth
      text.reserveCapacity(text.count + sequence.count + sequence.count / width + 1)
      var i = 0
      while i < sequence.count {
        let count = min(width, sequence.count - i)
        text.append(contentsOf: UnsafeBufferPointer(rebasing: sequence[i..<i + count]))
        text.append(0x0A)
        i += count
      }
    }
  }
}
