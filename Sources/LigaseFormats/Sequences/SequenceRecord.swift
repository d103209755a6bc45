/// A record of FASTA or FASTQ, with its header kept byte for byte.
package struct SequenceRecord: Equatable, Sendable {
  /// The header line without `>` or `@`.
  package var header: [UInt8] = []
  /// The residues as written.
  package var sequence: [UInt8] = []
  /// The qualities of FASTQ, one character per base; empty for FASTA.
  package var qualities: [UInt8] = []
  /// The line of the header, counted from 1.
  package var line = 0

  /// Creates an empty record.
  package init() {}

  /// The header's first word.
  package var name: String {
    String(decoding: header.drop { $0 <= 0x20 }.prefix { $0 > 0x20 }, as: UTF8.self)
  }

  /// The rest of the header after the name, without surrounding white space.
  package var description: String {
    header.withUnsafeBufferPointer { SequenceHeader.split($0).description }
  }

  /// Replaces the name and keeps the description.
  package mutating func rename(_ name: String) {
    let rest = header.drop { $0 <= 0x20 }.drop { $0 > 0x20 }
    header = Array(name.utf8) + rest
  }

  /// Appends the record as FASTA in lines of `lineWidth` (0: one line), or as FASTQ.
  package func append(to text: inout [UInt8], as format: SequenceStatistics.Format, lineWidth: Int) {
    text.append(format == .fasta ? 0x3E : 0x40)
    text.append(contentsOf: header)
    text.append(0x0A)
    if format == .fasta {
      sequence.withUnsafeBufferPointer { FASTA.Writer.append(sequence: $0, lineWidth: lineWidth, to: &text) }
    } else {
      text.append(contentsOf: sequence)
      text.append(contentsOf: [0x0A, 0x2B, 0x0A])
      text.append(contentsOf: qualities)
      text.append(0x0A)
    }
  }
}

extension SequenceRecord {
  /// Writes the record in pieces, so that no second copy of it is in memory.
  func write(to output: OutputFile, as format: SequenceStatistics.Format, lineWidth: Int) throws {
    if format == .fastq || lineWidth == 0 {
      var text: [UInt8] = []
      append(to: &text, as: format, lineWidth: lineWidth)
      return try output.write(text)
    }
    try output.write([0x3E] + header + [0x0A])
    var text: [UInt8] = []
    let step = max(1, (1 << 16) / lineWidth) * lineWidth
    for start in stride(from: 0, to: sequence.count, by: step) {
      text.removeAll(keepingCapacity: true)
      sequence[start..<min(sequence.count, start + step)].withUnsafeBufferPointer {
        FASTA.Writer.append(sequence: $0, lineWidth: lineWidth, to: &text)
      }
      try output.write(text)
    }
  }
}
