/// Long-lived threads outside the thread team: each runs one body to its end, usually a loop over a
/// `BoundedQueue`.
///
/// Readers and writers of streams need them, because they wait for input while operations use the team. For
/// parallel computations use `ThreadTeam`.
package struct Threads: Sendable {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private var threads: [pthread_t] = []

  /// Creates no threads.
  package init() {}

  /// Starts up to `count` threads that run `body`; fewer where the system refuses one.
  package init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    for _ in 0..<count {
      guard let thread = Threads.start(body) else { return }
      threads.append(thread)
    }
  }

  /// The number of started threads.
  package var count: Int { threads.count }

  /// Waits until all of them have ended; to be called once.
  package func wait() { for thread in threads { pthread_join(thread, nil) } }

  /// Starts a thread without waiting for its end; returns false where the system refuses it.
  static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = start(body) else { return false }
    pthread_detach(thread)
    return true
  }

  private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, nil,
      { pointer in
        Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if code == 0 { return thread }
    work.release()
    return nil
  }
}
