import LigaseTensors

/// The threads of training and prediction.
package enum Compute {
  /// The number of threads of this process; results do not depend on it.
  package static var threadCount: Int {
    get { ThreadTeam.current.threadCount }
    set { ThreadTeam.shared.threadCount = newValue }
  }

  /// Runs `body` with exactly `count` threads of its own, independent of the rest of the process.
  package static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    try ThreadTeam.withThreads(count, body)
  }
}
