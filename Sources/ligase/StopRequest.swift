import Glibc
import LigaseFormats
import Synchronization

/// Whether SIGTERM or Ctrl-C asked long work to stop where it can be resumed.
enum StopRequest {
  private static let isMade = Atomic<Bool>(false)

  /// From now on the first such signal asks, and a second one ends the process; signals that what started us
  /// ignores stay ignored.
  static func listen() {
    isMade.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] where !Signals.isIgnored(number) {
      signal(number) { number in
        if StopRequest.isMade.exchange(true, ordering: .relaxed) { Signals.end(by: number) }
      }
    }
  }

  /// Whether a signal has come.
  static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
