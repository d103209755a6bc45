import Glibc
import LigaseFormats
import Synchronization

/// A request by SIGTERM or Ctrl-C to stop long work where it can be resumed.
enum StopRequest {
  private static let isMade = Atomic<Bool>(false)

  /// Handles these signals from now on: the first one requests the stop, and a second one ends the process.
  /// Signals that the parent process set to be ignored stay ignored.
  static func listen() {
    isMade.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] where !Signals.isIgnored(number) {
      signal(number) { number in
        if StopRequest.isMade.exchange(true, ordering: .relaxed) { Signals.end(by: number) }
      }
    }
  }

  /// Whether a stop was requested.
  static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
