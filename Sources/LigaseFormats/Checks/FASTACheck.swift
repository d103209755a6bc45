/// Strict validation of FASTA.
///
/// Errors: `text-before-header`, `comment-line`, `invalid-character` (a residue is a letter, `*`, `-` or
/// `.`), `control-character` (in a header), `no-records`. Warnings: `empty-name`, `space-before-name`,
/// `duplicate-name`, `empty-sequence`, `space-in-sequence`, `not-utf8`, `uneven-lines` (no index can be
/// created).
package enum FASTACheck {
  /// Reads `path` to its end and lists the problems; only a stream that cannot be read throws.
  package static func run(contentsOf path: String?, threads: Int = 1, into problems: inout ProblemList) throws
  {
    try run(TextWindow(try ByteReader(contentsOf: path, threads: threads)), into: &problems)
  }

  private static let isResidue: [Bool] = (0..<256).map { byte in
    switch UInt8(byte) {
    case 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E: true
    default: false
    }
  }

  static func run(_ window: TextWindow, into problems: inout ProblemList) throws {
    var names: Set<Int> = []
    var header = 0
    var length = 0
    var lineLength: Int?
    var shorter = false
    var isUneven = false
    func endRecord(_ problems: inout ProblemList) {
      if header > 0 && length == 0 {
        problems.add("empty-sequence", .warning, line: header, "found no residue below the header")
      }
    }
    while true {
      let line = window.line
      guard problems.begin(line) else { return }
      guard let text = try window.nextLine() else { break }
      guard let first = text.first else { continue }
      if first == 0x3E {
        endRecord(&problems)
        (header, length, lineLength, shorter, isUneven) = (line, 0, nil, false, false)
        problems.addRecord()
        checkHeader(text, line, &names, &problems)
      } else if first == 0x3B {
        problems.add("comment-line", line: line, "found a comment, expected '>' or residues")
      } else if header == 0 {
        if text.contains(where: { $0 > 0x20 }) {
          problems.add(
            "text-before-header", line: line,
            "found \(FormatError.quoted(text)), expected a line that begins with '>'")
        }
      } else {
        // Before the lines of a part only whether there are residues matters.
        length += problems.isActive || length == 0 ? checkResidues(text, line, &problems) : 1
        if (shorter || text.count > lineLength ?? .max) && !isUneven {
          isUneven = true
          problems.add(
            "uneven-lines", .warning, line: line,
            "found a line of another length before the last of its record")
        }
        if let lineLength, text.count < lineLength { shorter = true }
        if lineLength == nil { lineLength = text.count }
      }
    }
    endRecord(&problems)
    if problems.seenRecordCount == 0 {
      problems.add("no-records", line: 0, "found no record, expected a line that begins with '>'")
    }
  }

  private static func checkHeader(
    _ text: UnsafeBufferPointer<UInt8>, _ line: Int, _ names: inout Set<Int>, _ problems: inout ProblemList
  ) {
    if let index = text.firstIndex(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x01 || $0 == 0x7F }) {
      problems.add(
        "control-character", line: line, column: index + 1,
        "found \(FormatError.quoted([text[index]])) in a header, expected text")
    }
    if UTF8Scan.firstInvalid(text) != nil {
      problems.add("not-utf8", .warning, line: line, "found a header that is not UTF-8")
    }
    let name = text.dropFirst().drop { $0 <= 0x20 }.prefix { $0 > 0x20 }
    if name.isEmpty {
      return problems.add("empty-name", .warning, line: line, "found a header without a name")
    }
    if name.startIndex > 1 {
      problems.add(
        "space-before-name", .warning, line: line,
        "found a blank before the name, which some tools take for an empty name")
    }
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: name)))
    if !names.insert(hasher.finalize()).inserted {
      problems.add(
        "duplicate-name", .warning, line: line, "found the name \(FormatError.quoted(name)) again")
    }
  }

  private static func checkResidues(
    _ text: UnsafeBufferPointer<UInt8>, _ line: Int, _ problems: inout ProblemList
  ) -> Int {
    var allowed = 0
    isResidue.withUnsafeBufferPointer { isResidue in
      for byte in text { allowed &+= isResidue[Int(byte)] ? 1 : 0 }
    }
    if allowed == text.count { return allowed }
    for (i, byte) in text.enumerated() where !isResidue[Int(byte)] {
      if byte == 0x20 || byte == 0x09 {
        problems.add(
          "space-in-sequence", .warning, line: line, column: i + 1, "found a blank between residues")
      } else {
        problems.add(
          "invalid-character", line: line, column: i + 1,
          "found \(FormatError.quoted([byte])), expected a letter, '*', '-' or '.'")
      }
    }
    return allowed
  }
}
