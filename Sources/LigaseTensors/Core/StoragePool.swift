internal import Glibc

/// Keeps larger blocks released by tensors, so that the next training step finds its memory mapped already,
/// and the system does not have to clear new pages. It contains at most `limit` bytes.
final class StoragePool: @unchecked Sendable {
  static let shared = StoragePool()

  /// The largest size of the pool in bytes.
  private static let limit = 512 << 20
  /// The smallest size of a block in the pool; smaller ones are left to the allocator.
  private static let smallest = 32 << 10

  /// The addresses of free blocks by size.
  private struct Free {
    var blocks: [Int: [UInt]] = [:]
    var bytes = 0
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var free = Free()

  private init() { pthread_mutex_init(mutex, nil) }

  private func locked<Result>(_ body: (inout Free) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&free)
  }

  /// Returns the size of the block for `bytes`: in steps of an eighth of a power of two, so that batches of
  /// about the same size share blocks.
  private static func blockSize(for bytes: Int) -> Int {
    guard bytes >= smallest else { return bytes }
    let step = 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount - 3)
    return (bytes + step - 1) & ~(step - 1)
  }

  /// Returns a block of at least `bytes`, aligned to 64; nil when there is no memory.
  func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let size = StoragePool.blockSize(for: bytes)
    if size >= StoragePool.smallest {
      let kept: UInt? = locked { free in
        guard let address = free.blocks[size]?.popLast() else { return nil }
        free.bytes -= size
        return address
      }
      if let kept { return UnsafeMutableRawPointer(bitPattern: kept) }
    }
    var raw: UnsafeMutableRawPointer?
    return posix_memalign(&raw, 64, size) == 0 ? raw : nil
  }

  /// Takes back a block that was returned for `bytes`.
  func give(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
    let size = StoragePool.blockSize(for: bytes)
    let isKept =
      size >= StoragePool.smallest
      && locked { free in
        guard free.bytes + size <= StoragePool.limit else { return false }
        free.blocks[size, default: []].append(UInt(bitPattern: block))
        free.bytes += size
        return true
      }
    if !isKept { Glibc.free(block) }
  }
}
