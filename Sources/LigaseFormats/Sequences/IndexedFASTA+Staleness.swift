extension IndexedFASTA {
  /// Throws where the file disagrees with the index of a sequence: the bytes before the residues must end a
  /// header line with the sequence's name, and the residues must be followed by another header, or the end of
  /// the file.
  ///
  /// An index of an older version of the file is thereby refused, regardless of the file dates. A change that
  /// keeps all lengths does not affect the index.
  func checkEntry(_ number: Int) throws {
    let entry = index.entries[number]
    guard try headerName(before: entry.offset).map({ $0 == Array(entry.name.utf8) }) ?? false else {
      throw stale(
        number,
        "the index says that sequence \(FormatError.quoted(entry.name)) begins at byte \(entry.offset), "
          + "where no line '>\(FormatError.printable(entry.name.utf8))' ends")
    }
    let end = entry.length == 0 ? entry.offset : entry.offset(ofResidue: entry.length - 1) + 1
    guard try isBorder(end, beginsLine: entry.length == 0) else {
      throw stale(
        number,
        "the index says that sequence \(FormatError.quoted(entry.name)) has \(entry.length) residues, "
          + "behind which another header or the end of the file is expected")
    }
  }

  /// Throws where the file has content after the last sequence of the index.
  func checkEnd() throws {
    guard let number = index.entries.indices.max(by: { index.entries[$0].offset < index.entries[$1].offset })
    else { return }
    try checkEntry(number)
    let last = index.entries[number]
    var place = last.length == 0 ? last.offset : last.offset(ofResidue: last.length - 1) + 1
    while true {
      let bytes = try part(place..<place + 4096)
      if bytes.isEmpty { return }
      if bytes.contains(where: { $0 > 0x20 }) {
        throw stale(number, "found more data after the last sequence of the index")
      }
      place += bytes.count
    }
  }

  private func stale(_ number: Int, _ message: String) -> FormatError {
    FormatError(
      .badData, path: path + ".fai", line: number + 1,
      "the index is not of this version of \(FormatError.printable(path.utf8)): \(message)",
      remedy: .rebuildIndex)
  }

  /// Returns the bytes of a range, as far as the file contains them.
  private func part(_ range: Range<Int>) throws -> [UInt8] {
    let end = min(range.upperBound, size)
    return end > range.lowerBound ? try bytes(range.lowerBound..<end) : []
  }

  /// Returns the name in the header line that ends before a byte; nil if there is none.
  private func headerName(before offset: Int) throws -> [UInt8]? {
    guard offset <= size else { return nil }
    var reach = 256
    while true {
      let start = max(0, offset - reach)
      let bytes = try bytes(start..<offset)
      // The last line of a file may have no line end.
      guard bytes.last == 0x0A || offset == size else { return nil }
      let line = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
      let first = line.lastIndex(of: 0x0A).map { $0 + 1 } ?? (start == 0 ? line.startIndex : nil)
      if let first {
        var header = line[first...]
        if start == 0, first == line.startIndex, header.starts(with: StreamHead.mark) {
          header = header.dropFirst(3)
        }
        guard header.first == 0x3E else { return nil }
        return Array(header.dropFirst().drop { $0 <= 0x20 }.prefix { $0 > 0x20 })
      }
      if start == 0 || reach > 1 << 24 { return nil }
      reach *= 8
    }
  }

  /// Returns whether there is only white space between a byte and the next header or the end of the file.
  private func isBorder(_ place: Int, beginsLine: Bool) throws -> Bool {
    var place = place
    var isLineStart = beginsLine
    while true {
      let bytes = try part(place..<place + 256)
      if bytes.isEmpty { return true }
      for byte in bytes {
        if byte > 0x20 { return byte == 0x3E && isLineStart }
        isLineStart = byte == 0x0A
      }
      place += bytes.count
    }
  }
}
