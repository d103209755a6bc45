/// A file of sequences told apart by its first character: FASTA or FASTQ records, or a table with a column of sequences.
public enum SequenceInput {
  /// FASTA or FASTQ, read one record after the other.
  case records(SequenceReader)
  /// A table, read whole.
  case table(Table)

  /// Opens `path`; `-` or nil is standard input.
  public init(contentsOf path: String?, threads: Int = 1) throws {
    let reader = try ByteReader(contentsOf: path, threads: threads)
    let window = TextWindow(reader)
    if [.fasta, .fastq].contains(FileFormat.detected(try reader.peek(1 << 16))) {
      self = .records(try SequenceReader(window))
      return
    }
    self = .table(try Table(bytes: window.takeAll(), path: reader.path))
  }
}

extension TextWindow {
  /// All that has not been taken yet, to the end of the stream.
  func takeAll() throws -> [UInt8] {
    while try fill() {}
    let rest = Array(UnsafeBufferPointer(start: base + start, count: end - start))
    take(rest.count)
    return rest
  }
}

extension SequenceRecord {
  /// The name, or the whole header where the name is empty: `> chr1,+,100` is called `chr1,+,100`.
  public var id: String {
    let name = name
    if !name.isEmpty { return name }
    return String(decoding: header.drop { $0 <= 0x20 }.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
  }
}
