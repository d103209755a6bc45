import LigaseRuntime

/// Bytes in pages of their own, which go back to the system as soon as the object goes away.
final class PageMemory: @unchecked Sendable {
  let base: UnsafeMutablePointer<Int8>
  let count: Int

  /// Pages that are not touched cost nothing; nil if the system has none.
  init?(count: Int) {
    let memory = mmap(nil, max(1, count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    base = memory.assumingMemoryBound(to: Int8.self)
    self.count = count
  }

  deinit { munmap(base, max(1, count)) }
}
