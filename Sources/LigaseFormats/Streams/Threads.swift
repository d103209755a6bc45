import Glibc

/// Plain threads with a fork and a join; what runs in them decides by index, so results do not depend on
/// timing.
enum Threads {
  /// The number of processors that are on line.
  static var available: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private final class Task: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void
    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }

  /// Starts up to `count` threads, each of which calls `body` with its own index, 0 and up; `wait()` on the
  /// result joins them. Where the system refuses a thread there are fewer.
  static func start(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Started {
    var started = Started()
    for index in 0..<count {
      var thread = pthread_t()
      let task = Unmanaged.passRetained(Task(index, body))
      let code = pthread_create(
        &thread, nil,
        { pointer in
          let task = Unmanaged<Task>.fromOpaque(pointer!).takeRetainedValue()
          task.body(task.index)
          return nil
        }, task.toOpaque())
      if code != 0 {
        task.release()
        break
      }
      started.threads.append(thread)
    }
    return started
  }

  /// Calls `body` for 0..<`count`, shared out over `threads` threads in a fixed way, and returns when all is
  /// done.
  static func each(_ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let workers = max(1, min(threads, count))
    let share: @Sendable (Int) -> Void = { worker in
      for i in stride(from: worker, to: count, by: workers) { body(i) }
    }
    let others = start(workers - 1) { share($0 + 1) }
    share(0)
    // The shares of threads that the system refused.
    for worker in others.count + 1..<max(workers, others.count + 1) { share(worker) }
    others.wait()
  }

  /// Threads that run.
  struct Started {
    fileprivate var threads: [pthread_t] = []
    var count: Int { threads.count }

    /// Returns when all of them have ended.
    func wait() { for thread in threads { pthread_join(thread, nil) } }
  }
}

/// A queue between threads that holds at most `capacity` elements.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false
  private var isCancelled = false

  init(capacity: Int) {
    self.capacity = capacity
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  /// Appends, waiting while the queue is full.
  func push(_ element: Element) {
    pthread_mutex_lock(mutex)
    while elements.count >= capacity && !isClosed { pthread_cond_wait(changed, mutex) }
    if !isCancelled { elements.append(element) }
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// Takes the first element, waiting for one; nil once the queue is closed and empty.
  func pop() -> Element? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty {
      if isClosed { return nil }
      pthread_cond_wait(changed, mutex)
    }
    let first = elements.removeFirst()
    pthread_cond_broadcast(changed)
    return first
  }

  /// What is in the queue is given up, and so is all that will be pushed; `pop` returns nil from now on.
  func cancel() {
    pthread_mutex_lock(mutex)
    (isClosed, isCancelled) = (true, true)
    elements.removeAll()
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// No more will come.
  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}
