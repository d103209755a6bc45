/// The numbers of one tensor: a 64-byte aligned block with a single owner.
///
/// A block is written only while one `Tensor` holds it (copy-on-write), so sharing it between threads is safe.
final class TensorStorage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Allocates `count` uninitialised numbers.
  init(uninitialized count: Int) {
    require(count >= 0, "a tensor cannot hold \(count) numbers")
    self.count = count
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: 4)
    guard !overflow, bytes <= Int.max / 2, let raw = StoragePool.shared.take(bytes) else {
      fatalError("out of memory: a tensor of \(count) numbers")
    }
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { StoragePool.shared.give(pointer, max(count, 1) * 4) }
}
