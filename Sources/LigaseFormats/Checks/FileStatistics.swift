/// Summary statistics of a file of any kind.
package enum FileStatistics: Sendable {
  /// FASTA or FASTQ.
  case sequences(SequenceStatistics)
  /// VCF or BCF.
  case variants(VariantStatistics)
  /// An expression matrix.
  case expression(ExpressionStatistics)

  /// Reads `path` to its end; `-` or nil is standard input. The first bytes tell the kind, then the suffix; a
  /// table of any other kind is taken for an expression matrix.
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
      // A table has columns; whatever has none is what the reader of sequences says it is.
      if FileStatistics.isTable(head, path: reader.path) {
        self = .expression(try ExpressionStatistics(reader, threads: threads))
      } else {
        self = .sequences(try SequenceStatistics(reader, threads: threads))
      }
    }
  }

  /// Whether a text has columns, or begins as MatrixMarket or GCT do.
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
