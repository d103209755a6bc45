import LigaseGenomics

/// The index of a FASTA file, `.fai`: where each sequence begins and how its lines are cut (samtools'
/// format).
///
///     line = name TAB length TAB offset TAB lineBases TAB lineWidth
///
/// The offset counts bytes of the (decompressed) text; the width counts the line's end too.
public struct FASTAIndex: Equatable, Sendable {
  /// One sequence.
  public struct Entry: Equatable, Sendable {
    /// The header's first word.
    public var name: String
    /// The number of residues.
    public var length: Int
    /// The byte where the residues begin.
    public var offset: Int
    /// The residues of each line but the last.
    public var lineBases: Int
    /// The bytes of each line but the last, with its end.
    public var lineWidth: Int

    /// The byte where residue `index`, counted from 0, stands.
    public func offset(ofResidue index: Int) -> Int {
      lineBases == 0 ? offset : offset + index / lineBases * lineWidth + index % lineBases
    }
  }

  /// The sequences in the order of the file.
  public private(set) var entries: [Entry] = []
  private var positions: [String: Int] = [:]

  /// The sequence of this name.
  public subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// Makes the index of `path` by reading it through; `-` or nil is standard input.
  ///
  /// Lines of a record must be equally long but for the last, and names must differ: anything else throws,
  /// for no index could find its residues.
  public init(indexing path: String?, threads: Int = 1) throws {
    let reader = try ByteReader(contentsOf: path, threads: threads)
    let window = TextWindow(reader)
    var offset = 0
    var entry: Entry?
    var isLast = false
    while try window.peek() != nil {
      let line = window.line
      let (text, width) = try FASTAIndex.nextLine(window)
      defer { offset += width }
      if text.first == 0x3E {
        if let entry { try add(entry, path: reader.path, line: line) }
        let name = String(decoding: text.dropFirst().prefix { $0 > 0x20 }, as: UTF8.self)
        entry = Entry(name: name, length: 0, offset: offset + width, lineBases: 0, lineWidth: 0)
        isLast = false
        continue
      }
      if text.isEmpty {
        isLast = true
        continue
      }
      guard entry != nil else {
        throw FormatError(
          .badData, path: reader.path, line: line,
          "found \(FormatError.quoted(text)), expected a line that begins with '>'")
      }
      if isLast || entry!.lineBases > 0 && text.count > entry!.lineBases {
        throw FormatError(
          .badData, path: reader.path, line: line,
          "found a line of another length before the last one of sequence \(FormatError.quoted(entry!.name)), "
            + "expected lines of \(entry!.lineBases) (`ligase seq wrap` makes them equal)")
      }
      if entry!.lineBases == 0 { (entry!.lineBases, entry!.lineWidth) = (text.count, width) }
      if text.count < entry!.lineBases || width != entry!.lineWidth { isLast = true }
      entry!.length += text.count
    }
    if let entry { try add(entry, path: reader.path, line: window.line) }
  }

  /// Reads an index from a `.fai` file.
  public init(contentsOf path: String) throws {
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
        // No residue's place is beyond what a number holds.
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
  public func write(to output: OutputFile) throws {
    for e in entries {
      try output.write("\(e.name)\t\(e.length)\t\(e.offset)\t\(e.lineBases)\t\(e.lineWidth)\n")
    }
  }

  private mutating func add(_ entry: Entry, path: String, line: Int) throws {
    if positions.updateValue(entries.count, forKey: entry.name) != nil {
      throw FormatError(
        .badData, path: path, line: line,
        "found sequence \(FormatError.quoted(entry.name)) twice, expected names that differ")
    }
    entries.append(entry)
  }

  /// The next line and its width with its end.
  private static func nextLine(_ window: TextWindow) throws -> (UnsafeBufferPointer<UInt8>, Int) {
    var width = 0
    let line = try window.nextLine(width: &width)
    return (line ?? .init(start: nil, count: 0), width)
  }
}
