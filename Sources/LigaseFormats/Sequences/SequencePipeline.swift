/// Reads records, changes them on several threads and writes them in their order, a batch at a time.
public struct SequencePipeline: Sendable {
  /// Threads that change and format records; the result does not depend on their number.
  public var threads = 1
  /// Residues a line of FASTA; 0 writes each sequence on one line.
  public var lineWidth = 60
  /// Whether reads of FASTQ are written as FASTA, without their qualities.
  public var writesFASTA = false

  /// One thread, 60 residues a line.
  public init() {}

  private final class Batch: @unchecked Sendable {
    var records: [SequenceRecord] = []
    var count = 0
    var firstIndex = 0
    var text: [UInt8] = []
    let done = BoundedQueue<Bool>(capacity: 1)
  }

  /// Writes what `change` makes of each record of `reader`; a record for which it says false is left out.
  ///
  /// `change` sees records in any order and on any thread, with their position in the file.
  public func run(
    _ reader: SequenceReader, to output: OutputFile,
    _ change: @escaping @Sendable (_ record: inout SequenceRecord, _ index: Int) -> Bool
  ) throws {
    let (format, lineWidth) = (writesFASTA ? .fasta : reader.format, lineWidth)
    let work: @Sendable (Batch) -> Void = { batch in
      batch.text.removeAll(keepingCapacity: true)
      for i in 0..<batch.count where change(&batch.records[i], batch.firstIndex + i) {
        batch.records[i].append(to: &batch.text, as: format, lineWidth: lineWidth)
      }
    }
    let queue = BoundedQueue<Batch>(capacity: threads + 2)
    let workers =
      threads > 1
      ? Threads.start(threads) { _ in
        while let batch = queue.pop() {
          work(batch)
          batch.done.push(true)
        }
      } : .init()
    defer {
      queue.close()
      workers.wait()
    }
    var pending: [Batch] = []
    var free: [Batch] = []
    var index = 0
    while true {
      let batch = free.popLast() ?? Batch()
      batch.firstIndex = index
      try SequencePipeline.fill(batch, from: reader)
      index += batch.count
      if batch.count == 0 { break }
      pending.append(batch)
      if workers.count > 0 { queue.push(batch) } else { work(batch) }
      if workers.count == 0 || pending.count > threads {
        let first = pending.removeFirst()
        if workers.count > 0 { _ = first.done.pop() }
        try output.write(first.text)
        free.append(first)
      }
    }
    for batch in pending {
      if workers.count > 0 { _ = batch.done.pop() }
      try output.write(batch.text)
    }
  }

  private static func fill(_ batch: Batch, from reader: SequenceReader) throws {
    batch.count = 0
    var size = 0
    while size < 1 << 19 && batch.count < 4096 {
      if batch.count == batch.records.count { batch.records.append(SequenceRecord()) }
      guard try reader.next(into: &batch.records[batch.count]) else { return }
      size += batch.records[batch.count].sequence.count + batch.records[batch.count].header.count
      batch.count += 1
    }
  }
}
