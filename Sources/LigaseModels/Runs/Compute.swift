import LigaseTensors

/// The processors that training and prediction use.
package enum Compute {
  /// How many threads work in this process; results do not depend on it.
  package static var threadCount: Int {
    get { ThreadTeam.current.threadCount }
    set { ThreadTeam.shared.threadCount = newValue }
  }

  /// Runs `body` with exactly `count` threads of its own, whatever the rest of the process does.
  package static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    try ThreadTeam.withThreads(count, body)
  }
}
