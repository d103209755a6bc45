import LigaseRuntime

/// The content of a BGZF stream, decompressed by several threads and returned in order.
///
/// Data that are not a whole BGZF block (another gzip member, padding, a truncation) are passed to
/// `GzipMembers`, which decides about the end of the stream.
final class BlockedMembers {
  private let input: FileInput
  private let queue: BoundedQueue<Job>
  private let workers: Threads
  private var pending: [Job] = []
  private var current: Job?
  /// Jobs whose memory is reused: fresh pages would cost as much time as reading.
  private var free: [Job] = []
  private var position = 0
  private var blocksRead = 0
  private var lacksEndBlock = false
  private var rest: GzipMembers?
  private let depth: Int

  private final class Job: @unchecked Sendable {
    var compressed: [UInt8] = []
    /// The offset of each block in `compressed` and in the file, and the position of its content.
    var blocks: [(start: Int, size: Int, offset: Int, target: Int, length: Int)] = []
    var contentLength = 0
    /// The content, with capacity for the blocks of a job.
    let content = UnsafeMutablePointer<UInt8>.allocate(capacity: Job.blockLimit << 16)
    /// The number of content bytes.
    var contentCount = 0
    var failure: (offset: Int, reason: String)?
    let done = BoundedQueue<Bool>(capacity: 1)
    static let blockLimit = 16

    deinit { content.deallocate() }

    func reset() {
      compressed.removeAll(keepingCapacity: true)
      blocks.removeAll(keepingCapacity: true)
      (contentLength, contentCount) = (0, 0)
    }
  }

  init(_ input: FileInput, threads: Int) {
    self.input = input
    depth = threads + 2
    let queue = BoundedQueue<Job>(capacity: threads + 2)
    self.queue = queue
    workers = Threads(threads) {
      let codec = BlockCodec()
      while let job = queue.pop() {
        BlockedMembers.decompress(job, codec)
        job.done.push(true)
      }
    }
  }

  deinit {
    queue.close()
    workers.wait()
  }

  /// Whether the system provided any thread.
  var hasWorkers: Bool { workers.count > 0 }

  /// Copies content into `target`; returns 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < target.count {
      if let job = current {
        let count = min(target.count - filled, job.contentCount - position)
        target.baseAddress!.advanced(by: filled).copyMemory(from: job.content + position, byteCount: count)
        filled += count
        position += count
        if position == job.contentCount {
          free.append(job)
          current = nil
        }
        continue
      }
      if rest == nil { try submit() }
      if pending.isEmpty {
        guard let rest else { continue }
        if filled > 0 { return filled }
        return try rest.read(into: target)
      }
      let job = pending.removeFirst()
      _ = job.done.pop()
      if let failure = job.failure {
        throw FormatError(
          .inputOutput, path: input.path, offset: failure.offset, "corrupt gzip stream: \(failure.reason)")
      }
      position = 0
      if job.contentCount > 0 { current = job } else { free.append(job) }
    }
    return filled
  }

  /// Passes blocks to the threads until enough are pending or the blocks end.
  private func submit() throws {
    while pending.count < depth && rest == nil {
      let job = free.popLast() ?? Job()
      job.reset()
      while job.blocks.count < Job.blockLimit {
        guard let size = try BGZF.blockSize(at: input), size >= 26 else {
          try endBlocks()
          break
        }
        try input.require(size)
        let window = input.window
        guard window.count >= size else {
          try endBlocks()
          break
        }
        let tail = window.baseAddress! + (size - 4)
        let length = Int(tail[0]) | Int(tail[1]) << 8 | Int(tail[2]) << 16 | Int(tail[3]) << 24
        guard length <= 1 << 16 else {
          try endBlocks()
          break
        }
        job.blocks.append((job.compressed.count, size, input.offset, job.contentLength, length))
        job.compressed.append(contentsOf: UnsafeBufferPointer(rebasing: window[..<size]))
        job.contentLength += length
        lacksEndBlock = length > 0
        blocksRead += 1
        input.consume(size)
      }
      if job.blocks.isEmpty { return }
      pending.append(job)
      queue.push(job)
    }
  }

  private func endBlocks() throws {
    rest = try GzipMembers(input, membersRead: blocksRead, lacksEndBlock: lacksEndBlock)
  }

  private static func decompress(_ job: Job, _ codec: BlockCodec) {
    for block in job.blocks {
      let reason = job.compressed.withUnsafeBufferPointer { compressed in
        codec.inflate(
          UnsafeBufferPointer(rebasing: compressed[block.start..<block.start + block.size]),
          into: UnsafeMutableBufferPointer(start: job.content + block.target, count: block.length))
      }
      if let reason {
        job.failure = (block.offset, reason)
        return
      }
      job.contentCount = block.target + block.length
    }
  }
}
