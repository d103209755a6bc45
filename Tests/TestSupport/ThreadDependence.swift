import LigaseTensors
import Synchronization

/// Returns the first number of threads with which `body` gives another result than with one thread; nil if
/// all agree.
///
/// Every run has its own team of threads, which tests that run in parallel neither use nor change.
public func threadDependence<Result: Equatable>(
  _ counts: [Int] = [2, 3, 5], _ body: () throws -> Result
) rethrows -> Int? {
  let alone = try ThreadTeam.withThreads(1, body)
  return try counts.first { count in try ThreadTeam.withThreads(count, body) != alone }
}

/// Returns the number of threads that take shares of one piece of work on the current team: each of
/// `expected` shares waits until as many have started, or five seconds.
public func threadsAtWork(expected: Int) -> Int {
  let begun = Atomic<Int>(0), clock = ContinuousClock(), end = clock.now + .seconds(5)
  ThreadTeam.current.forEachShare(expected) { _ in
    begun.add(1, ordering: .sequentiallyConsistent)
    while begun.load(ordering: .sequentiallyConsistent) < expected, clock.now < end {}
  }
  return clock.now < end ? expected : 0
}
