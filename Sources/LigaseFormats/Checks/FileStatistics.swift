/// Summary statistics of a file of any kind.
package enum FileStatistics: Sendable {
  /// FASTA or FASTQ.
  case sequences(SequenceStatistics)
  /// VCF or BCF.
  case variants(VariantStatistics)
  /// An expression matrix.
  case expression(ExpressionStatistics)

  /// Reads `path` to its end; `-` or nil is standard input. The kind is detected by the first bytes, then by
  /// the suffix; any other table is read as an expression matrix.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    let reader = try ByteReader(variants: path, threads: threads)
    let head = try reader.peek(1 << 16)
    let name = FileFormat.named(by: reader.path)
    switch FileFormat.detected(head) ?? name {
    case .vcf: self = .variants(try VariantStatistics(TextWindow(reader)))
    case .bed where name == .bed:
      throw FormatError(
        .badData, path: reader.path, "found BED, expected sequences, variants or an expression matrix")
    case .fasta, .fastq: self = .sequences(try SequenceStatistics(reader, threads: threads))
    case .bed, nil:
      // A text without columns is reported as the reader of sequences reports it.
      if FileStatistics.isTable(head, path: reader.path) {
        self = .expression(try ExpressionStatistics(reader, threads: threads))
      } else {
        self = .sequences(try SequenceStatistics(reader, threads: threads))
      }
    }
  }

  /// Returns whether a text has columns, or begins like MatrixMarket or GCT.
  private static func isTable(_ head: [UInt8], path: String) -> Bool {
    let text = head.drop { $0 <= 0x20 }
    if text.starts(with: "#1.".utf8) || text.starts(with: "%".utf8) || text.starts(with: "!".utf8) {
      return true
    }
    return Array(text).withUnsafeBufferPointer { bytes in
      let layout = TableLayout(bytes, isWhole: false, suffix: Delimiter.named(by: path), given: nil)
      let header = UnsafeBufferPointer(rebasing: bytes[layout.start...])
      return (TableSample(header, isWhole: true, delimiter: layout.delimiter).rows.first?.count ?? 0) > 1
    }
  }
}
