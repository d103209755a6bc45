import LigaseRuntime

/// An iterator over the records of a reader, for `for record in reader`. A damaged file stops the program
/// with its position, as a subscript out of range does; `while let record = try reader.next()` throws the
/// error instead.
public struct RecordIterator<Record>: IteratorProtocol {
  private let read: () throws -> Record?

  init(_ read: @escaping () throws -> Record?) { self.read = read }

  /// Returns the next record, nil at the end.
  public mutating func next() -> Record? {
    do { return try read() } catch {
      fatalError("\(error) (to catch it: while let record = try reader.next())")
    }
  }
}

extension FASTA.Reader: Sequence {
  /// Returns the remaining records.
  public func makeIterator() -> RecordIterator<FASTA.Record> { RecordIterator { try self.next() } }
}

extension FASTQ.Reader: Sequence {
  /// Returns the remaining records.
  public func makeIterator() -> RecordIterator<FASTQ.Record> { RecordIterator { try self.next() } }
}

extension BED.Reader: Sequence {
  /// Returns the remaining records.
  public func makeIterator() -> RecordIterator<BED.Record> { RecordIterator { try self.next() } }
}

extension VCF.Reader: Sequence {
  /// Returns the remaining records.
  public func makeIterator() -> RecordIterator<VCF.Record> { RecordIterator { try self.next() } }
}
