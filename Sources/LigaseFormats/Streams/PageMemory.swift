import LigaseRuntime

/// Bytes in their own memory pages, which are returned to the system when the object is released.
final class PageMemory: @unchecked Sendable {
  let base: UnsafeMutablePointer<Int8>
  let count: Int

  /// Pages that are not touched need no memory; nil if the system has none.
  init?(count: Int) {
    let memory = mmap(nil, max(1, count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    base = memory.assumingMemoryBound(to: Int8.self)
    self.count = count
  }

  deinit { munmap(base, max(1, count)) }
}
