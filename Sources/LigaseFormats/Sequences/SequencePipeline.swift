import LigaseRuntime

/// Reads records, changes them in several threads and writes them in order, batch by batch.
package struct SequencePipeline: Sendable {
  /// The number of threads that change and format records; the result does not depend on it.
  package var threads = 1
  /// The number of residues in a line of FASTA; 0 writes each sequence in one line.
  package var lineWidth = 60
  /// Whether reads of FASTQ are written as FASTA, without their qualities.
  package var writesFASTA = false

  /// Creates a pipeline with one thread and 60 residues per line.
  package init() {}

  private final class Batch: @unchecked Sendable {
    var records: [SequenceRecord] = []
    var isKept: [Bool] = []
    var count = 0
    var firstIndex = 0
    var text: [UInt8] = []
    var size = 0
    /// Whether the records are written directly, because their text would need as much memory again.
    var isLarge: Bool { size > 1 << 20 }
    let done = BoundedQueue<Bool>(capacity: 1)
  }

  /// The output and its error, used by the writing thread alone.
  private final class Sink: @unchecked Sendable {
    let output: OutputFile
    var failure: (any Error)?
    init(_ output: OutputFile) { self.output = output }
  }

  /// Writes the records of `reader` after `change`; a record for which it returns false is skipped.
  ///
  /// `change` gets records in any order and in any thread, with their position in the file. One more thread
  /// writes.
  package func run(
    _ reader: SequenceReader, to output: OutputFile,
    _ change: @escaping @Sendable (_ record: inout SequenceRecord, _ index: Int) -> Bool
  ) throws {
    let (format, lineWidth) = (writesFASTA ? .fasta : reader.format, lineWidth)
    let work: @Sendable (Batch) -> Void = { batch in
      batch.text.removeAll(keepingCapacity: true)
      batch.isKept.removeAll(keepingCapacity: true)
      for i in 0..<batch.count {
        let isKept = change(&batch.records[i], batch.firstIndex + i)
        batch.isKept.append(isKept)
        if isKept && !batch.isLarge {
          batch.records[i].append(to: &batch.text, as: format, lineWidth: lineWidth)
        }
      }
    }
    let sink = Sink(output)
    let write: @Sendable (Batch) throws -> Void = { batch in
      if !batch.isLarge { return try sink.output.write(batch.text) }
      for i in 0..<batch.count where batch.isKept[i] {
        try batch.records[i].write(to: sink.output, as: format, lineWidth: lineWidth)
      }
    }
    let queue = BoundedQueue<Batch>(capacity: threads + 2)
    let written = BoundedQueue<Batch>(capacity: threads + 2)
    let free = BoundedQueue<Batch>(capacity: threads + 2)
    let workers =
      threads > 1
      ? Threads(threads) {
        while let batch = queue.pop() {
          work(batch)
          batch.done.push(true)
        }
      } : .init()
    let writer =
      workers.count == 0
      ? .init()
      : Threads(1) {
        while let batch = written.pop() {
          _ = batch.done.pop()
          if sink.failure == nil {
            do { try write(batch) } catch {
              sink.failure = error
              // Stops the reading.
              free.cancel()
            }
          }
          free.push(batch)
        }
      }
    let isParallel = writer.count > 0
    func finish() {
      queue.close()
      written.close()
      workers.wait()
      writer.wait()
    }
    for _ in 0..<(isParallel ? threads + 1 : 1) { free.push(Batch()) }
    var index = reader.selection.range.lowerBound
    do {
      while let batch = free.pop() {
        batch.firstIndex = index
        try SequencePipeline.fill(batch, from: reader)
        index += batch.count
        if batch.count == 0 { break }
        if isParallel {
          queue.push(batch)
          written.push(batch)
        } else {
          work(batch)
          try write(batch)
          free.push(batch)
        }
      }
    } catch {
      finish()
      throw sink.failure ?? error
    }
    finish()
    if let failure = sink.failure { throw failure }
  }

  private static func fill(_ batch: Batch, from reader: SequenceReader) throws {
    batch.count = 0
    batch.size = 0
    while batch.size < 1 << 19 && batch.count < 4096 {
      if batch.count == batch.records.count { batch.records.append(SequenceRecord()) }
      guard try reader.next(into: &batch.records[batch.count]) else { return }
      batch.size += batch.records[batch.count].sequence.count + batch.records[batch.count].header.count
      batch.count += 1
    }
  }
}
