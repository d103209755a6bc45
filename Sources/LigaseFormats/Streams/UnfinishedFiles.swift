import LigaseRuntime
import Synchronization

/// The temporary files that are being written, which an interrupted command removes.
package enum UnfinishedFiles {
  /// A name as the address of a C string, 0 if the slot is free: a signal handler can read it without a lock.
  private final class Slot: Sendable {
    let name = Atomic<UInt>(0)
  }

  private static let slots = (0..<64).map { _ in Slot() }

  package static func add(_ name: String) {
    guard let copy = strdup(name) else { return }
    for slot in slots {
      let (exchanged, _) = slot.name.compareExchange(
        expected: 0, desired: UInt(bitPattern: copy), ordering: .sequentiallyConsistent)
      if exchanged { return }
    }
  }

  /// The C string is never freed: the signal handler may be reading it.
  package static func remove(_ name: String) {
    for slot in slots {
      let held = slot.name.load(ordering: .sequentiallyConsistent)
      guard let text = UnsafePointer<CChar>(bitPattern: held), strcmp(text, name) == 0 else { continue }
      slot.name.store(0, ordering: .sequentiallyConsistent)
    }
  }

  /// Removes all files; safe to call in a signal handler, after which the process must end.
  package static func removeAll() {
    for slot in slots {
      let held = slot.name.load(ordering: .sequentiallyConsistent)
      if let name = UnsafePointer<CChar>(bitPattern: held) { unlink(name) }
    }
  }
}
