import LigaseRuntime

/// Record after record of a reader, for `for record in reader`. A file that is damaged stops the program with its place, as a
/// subscript out of range does; `while let record = try reader.next()` throws the error instead.
public struct RecordIterator<Record>: IteratorProtocol {
  private let read: () throws -> Record?

  init(_ read: @escaping () throws -> Record?) { self.read = read }

  /// The next record, nil at the end.
  public mutating func next() -> Record? {
    do { return try read() } catch {
      fatalError("\(error) (to catch it: while let record = try reader.next())")
    }
  }
}

extension FASTA.Reader: Sequence {
  /// The records from here on.
  public func makeIterator() -> RecordIterator<FASTA.Record> { RecordIterator { try self.next() } }
}

extension FASTQ.Reader: Sequence {
  /// The records from here on.
  public func makeIterator() -> RecordIterator<FASTQ.Record> { RecordIterator { try self.next() } }
}

extension BED.Reader: Sequence {
  /// The records from here on.
  public func makeIterator() -> RecordIterator<BED.Record> { RecordIterator { try self.next() } }
}

extension VCF.Reader: Sequence {
  /// The records from here on.
  public func makeIterator() -> RecordIterator<VCF.Record> { RecordIterator { try self.next() } }
}
