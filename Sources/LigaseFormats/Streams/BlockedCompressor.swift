import LigaseRuntime

/// Compresses a stream of bytes as BGZF blocks, in several threads, with the empty block at the end.
///
/// Blocks depend on length alone, so the output does not depend on the number of threads.
final class BlockedCompressor {
  private let path: String
  private let threads: Int
  private let queue: BoundedQueue<Job>
  private var workers: Threads?
  private lazy var codec = BlockCodec()
  private var job = Job()
  private var pending: [Job] = []
  /// The number of bytes that a thread compresses at a time.
  private static let jobLength = 8 * BGZF.contentCapacity

  private final class Job: @unchecked Sendable {
    var content: [UInt8] = []
    var blocks: [UInt8] = []
    var failed = false
    let done = BoundedQueue<Bool>(capacity: 1)

    func compress(_ codec: BlockCodec) {
      content.withUnsafeBufferPointer { content in
        var start = 0
        while start < content.count, !failed {
          let end = min(content.count, start + BGZF.contentCapacity)
          failed = !codec.deflate(UnsafeBufferPointer(rebasing: content[start..<end]), appendingTo: &blocks)
          start = end
        }
      }
      content = []
    }
  }

  init(path: String, threads: Int) {
    self.path = path
    self.threads = threads
    queue = BoundedQueue(capacity: threads + 2)
  }

  deinit {
    queue.cancel()
    workers?.wait()
  }

  func write(_ bytes: UnsafeRawBufferPointer, to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = bytes
    while rest.count > 0 {
      if job.content.isEmpty { job.content.reserveCapacity(BlockedCompressor.jobLength) }
      let part = UnsafeRawBufferPointer(
        rebasing: rest.prefix(BlockedCompressor.jobLength - job.content.count))
      job.content.append(contentsOf: part)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      if job.content.count == BlockedCompressor.jobLength { try submit(to: emit) }
    }
  }

  func finish(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    if !job.content.isEmpty { try submit(to: emit) }
    while !pending.isEmpty { try emitFirst(to: emit) }
    try BGZF.endBlock.withUnsafeBytes { try emit($0) }
  }

  /// Passes collected bytes to the threads, and writes the oldest pending result.
  private func submit(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    if workers == nil, threads > 1 {
      workers = Threads(threads) { [queue] in
        let codec = BlockCodec()
        while let job = queue.pop() {
          job.compress(codec)
          job.done.push(true)
        }
      }
    }
    pending.append(job)
    if let workers, workers.count > 0 {
      queue.push(job)
      if pending.count == threads + 2 { try emitFirst(to: emit) }
    } else {
      job.compress(codec)
      job.done.push(true)
      try emitFirst(to: emit)
    }
    job = Job()
  }

  private func emitFirst(to emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    let first = pending.removeFirst()
    _ = first.done.pop()
    if first.failed { throw FormatError(.inputOutput, path: path, "cannot compress") }
    try first.blocks.withUnsafeBytes { try emit($0) }
  }
}
