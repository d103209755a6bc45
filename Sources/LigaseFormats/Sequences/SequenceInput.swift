/// A file of sequences whose format is detected by its first character: FASTA or FASTQ records, or a table
/// with a column of sequences.
package enum SequenceInput {
  /// FASTA or FASTQ, read record by record.
  case records(SequenceReader)
  /// A table, read as a whole.
  case table(Table)

  /// Opens `path`; `-` or nil is standard input. A table may lack a header: its columns are called `column1` and so on.
  package init(contentsOf path: String?, hasHeader: Bool = true, threads: Int = 1) throws {
    let reader = try ByteReader(contentsOf: path, threads: threads)
    let window = TextWindow(reader)
    if [.fasta, .fastq].contains(FileFormat.detected(try reader.peek(1 << 16))) {
      self = .records(try SequenceReader(window))
      return
    }
    self = .table(try Table(bytes: window.takeAll(), path: reader.path, hasHeader: hasHeader))
  }
}

extension TextWindow {
  /// Returns the rest of the stream.
  func takeAll() throws -> [UInt8] {
    while try fill() {}
    let rest = Array(UnsafeBufferPointer(start: base + start, count: end - start))
    take(rest.count)
    return rest
  }
}
