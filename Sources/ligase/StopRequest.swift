import Glibc
import Synchronization

/// Whether SIGTERM or Ctrl-C asked long work to stop where it can be resumed.
enum StopRequest {
  private static let isMade = Atomic<Bool>(false)

  /// From now on the first such signal asks, and a second one ends the process.
  static func listen() {
    isMade.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        StopRequest.isMade.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Whether a signal has come.
  static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
