import Glibc
import LigaseFormats

/// A lock file that prevents a second run from writing the same files; the system releases it when the
/// process ends.
struct RunLock {
  private let descriptor: Int32
  private let path: String

  /// Takes the lock of the run that writes `product`.
  ///
  /// - Throws: `FormatError` where another run holds it.
  init(_ product: String) throws {
    path = product + ".lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw FormatError(.cannotCreate, path: path, "cannot create: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw FormatError(.cannotCreate, path: product, "another run is writing this file")
    }
    UnfinishedFiles.add(path)
  }

  /// Releases the lock and removes its file.
  func release() {
    unlink(path)
    UnfinishedFiles.remove(path)
    close(descriptor)
  }
}
