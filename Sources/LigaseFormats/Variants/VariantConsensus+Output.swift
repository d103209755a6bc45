extension IndexedFASTA {
  /// Returns the header of a sequence as in the file, without its line end: `>name description`.
  ///
  /// The found header must have the name in the index, else the name alone is returned.
  func header(of entry: FASTAIndex.Entry) throws -> [UInt8] {
    var start = entry.offset
    var text: [UInt8] = []
    while start > 0, text.count < 1 << 20 {
      let piece = max(0, start - 4096)
      text = try bytes(piece..<start) + text
      start = piece
      // The last line before the residues that begins with `>`.
      guard
        let mark = text.indices.last(where: {
          text[$0] == 0x3E && ($0 > 0 ? text[$0 - 1] == 0x0A : start == 0)
        })
      else { continue }
      let line = text[mark...].prefix { $0 != 0x0A && $0 != 0x0D }
      let words = [line.dropFirst(), line.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }]
      if words.contains(where: { $0.prefix { $0 > 0x20 }.elementsEqual(entry.name.utf8) }) {
        return Array(line)
      }
      break
    }
    return Array(">\(entry.name)".utf8)
  }
}

/// Divides residues into lines.
struct SequenceLines {
  private let output: OutputFile
  private let width: Int
  private var column = 0

  init(_ output: OutputFile, width: Int) {
    self.output = output
    self.width = width
  }

  mutating func write(_ residues: [UInt8]) throws {
    if width == 0 {
      column += residues.count
      return try output.write(residues)
    }
    var text: [UInt8] = []
    text.reserveCapacity(residues.count + residues.count / width + 1)
    var i = 0
    while i < residues.count {
      if column == width {
        text.append(0x0A)
        column = 0
      }
      let count = min(width - column, residues.count - i)
      text += residues[i..<i + count]
      column += count
      i += count
    }
    try output.write(text)
  }

  func end() throws { if column > 0 { try output.write("\n") } }
}
