import LigaseGenomics

/// The index of a FASTA file, `.fai`: the position of each sequence and the length of its lines (the format
/// of samtools).
///
///     line = name TAB length TAB offset TAB lineBases TAB lineWidth
///
/// The offset counts bytes of the (decompressed) text; the width includes the end of the line.
package struct FASTAIndex: Equatable, Sendable {
  /// One sequence.
  package struct Entry: Equatable, Sendable {
    /// The header's first word.
    package var name: String
    /// The number of residues.
    package var length: Int
    /// The byte offset of the first residue.
    package var offset: Int
    /// The number of residues of each line but the last.
    package var lineBases: Int
    /// The number of bytes of each line but the last, including its end.
    package var lineWidth: Int

    /// Returns the byte offset of residue `index`, counted from 0.
    package func offset(ofResidue index: Int) -> Int {
      lineBases == 0 ? offset : offset + index / lineBases * lineWidth + index % lineBases
    }
  }

  /// The sequences in the order of the file.
  package private(set) var entries: [Entry] = []
  private var positions: [String: Int] = [:]

  /// Returns the sequence of this name.
  package subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// Returns the index of a sequence among the entries.
  func number(of name: String) -> Int? { positions[name] }

  /// Creates the index of `path` by reading it; `-` or nil is standard input.
  ///
  /// All lines of a record but the last must have the same number of residues and bytes, without white space
  /// before or between residues and without comments, and names must be distinct: anything else throws,
  /// because residues could not be located by an index. White space at the ends of lines counts as bytes but
  /// not as residues.
  package init(indexing path: String?, threads: Int = 1) throws {
    let reader = try ByteReader(contentsOf: path, threads: threads)
    let window = TextWindow(reader)
    var builder = FASTAIndexBuilder(path: reader.path, offset: reader.skippedMark)
    while try window.peek() != nil {
      let line = window.line
      var width = 0
      guard let text = try window.nextLine(width: &width) else { break }
      if text.first == 0x3E, FASTA.hasMacLineEnd(text) { throw FASTA.macLineEnd(reader.path, line: line) }
      if let entry = try builder.take(text, width: width, line: line) {
        try add(entry, path: reader.path, line: builder.headerLine)
      }
      builder.begin(text, line: line)
    }
    if let entry = builder.entry { try add(entry, path: reader.path, line: builder.headerLine) }
  }

  /// Reads an index from a `.fai` file.
  package init(contentsOf path: String) throws {
    let window = TextWindow(try ByteReader(contentsOf: path))
    while true {
      let line = window.line
      guard let text = try window.nextLine() else { break }
      let fields = String(decoding: text, as: UTF8.self).split(
        separator: "\t", omittingEmptySubsequences: false)
      let numbers = fields.dropFirst().compactMap { Int($0) }
      guard fields.count >= 5, numbers.count >= 4, numbers.allSatisfy({ $0 >= 0 }),
        numbers[2] <= numbers[3], numbers[0] == 0 || numbers[2] > 0, numbers[3] < 1 << 40,
        numbers[1] < 1 << 56, numbers[0] < 1 << 56,
        // No offset of a residue may overflow.
        numbers[0] == 0 || numbers[3] == 0 || numbers[0] / numbers[2] <= (1 << 56) / numbers[3]
      else {
        throw FormatError(
          .badData, path: path, line: line,
          "found \(FormatError.quoted(text)), expected name, length, offset, line bases and line width")
      }
      try add(
        Entry(
          name: String(fields[0]), length: numbers[0], offset: numbers[1], lineBases: numbers[2],
          lineWidth: numbers[3]), path: path, line: line)
    }
  }

  /// Writes the index as a `.fai` file.
  package func write(to output: OutputFile) throws {
    for e in entries {
      try output.write("\(e.name)\t\(e.length)\t\(e.offset)\t\(e.lineBases)\t\(e.lineWidth)\n")
    }
  }

  private mutating func add(_ entry: Entry, path: String, line: Int) throws {
    if positions.updateValue(entries.count, forKey: entry.name) != nil {
      throw FormatError(
        .badData, path: path, line: line,
        "found sequence \(FormatError.quoted(entry.name)) twice, expected unique names")
    }
    entries.append(entry)
  }
}

/// Collects the lines of the records.
private struct FASTAIndexBuilder {
  let path: String
  /// The byte offset of the current line; after it once it has been added.
  private(set) var offset: Int
  private(set) var entry: FASTAIndex.Entry?
  private(set) var headerLine = 0
  /// Whether no further line of residues may follow in the record.
  private var isLast = false

  init(path: String, offset: Int) {
    self.path = path
    self.offset = offset
  }

  /// Adds a line; returns the record that it ends.
  mutating func take(_ text: UnsafeBufferPointer<UInt8>, width: Int, line: Int) throws -> FASTAIndex.Entry? {
    offset += width
    if text.first == 0x3E { return entry }
    var count = text.count
    while count > 0, text[count - 1] <= 0x20 { count -= 1 }
    if count == 0 {
      isLast = true
      return nil
    }
    if text.first == 0x3B {
      // A comment before the first header has no effect.
      if entry == nil { return nil }
      throw refuse(line, "found a comment within a record, which no index can skip")
    }
    guard var entry else {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(FormatError.quoted(text)), expected a line that begins with '>'")
    }
    let blank = Blanks.first(text.baseAddress!, count)
    if blank < count {
      throw refuse(
        line,
        "found a blank \(blank == 0 ? "before" : "between") residues (byte \(blank + 1)), which no index can skip"
      )
    }
    if isLast || entry.lineBases > 0 && count > entry.lineBases {
      let expected =
        entry.lineBases > 0
        ? ", expected lines of \(entry.lineBases) residues in \(entry.lineWidth) bytes" : ""
      throw refuse(
        line,
        "found a line of another length before the last one of sequence \(FormatError.quoted(entry.name))\(expected)"
      )
    }
    if entry.lineBases == 0 { (entry.lineBases, entry.lineWidth) = (count, width) }
    if count < entry.lineBases || width != entry.lineWidth { isLast = true }
    entry.length += count
    self.entry = entry
    return nil
  }

  /// Starts a record, if an added line is a header.
  mutating func begin(_ text: UnsafeBufferPointer<UInt8>, line: Int) {
    guard text.first == 0x3E else { return }
    let name = UnsafeBufferPointer(rebasing: text.dropFirst())
    entry = .init(
      name: SequenceHeader.split(name).name, length: 0, offset: offset, lineBases: 0, lineWidth: 0)
    (headerLine, isLast) = (line, false)
  }

  private func refuse(_ line: Int, _ message: String) -> FormatError {
    FormatError(.badData, path: path, line: line, message, remedy: .wrapSequences)
  }
}
