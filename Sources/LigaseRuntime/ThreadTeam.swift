internal import CLigaseRuntime
import Synchronization

/// The threads that share the work of one operation.
///
/// Work is divided into shares whose number depends on the shapes alone; threads only determine who computes
/// which share, so a result has the same bytes with 1 thread or 64. Every operation uses
/// `ThreadTeam.current`: the team of the process, unless a caller uses its own team.
///
/// ```swift
/// let x = Tensor.ones([1000, 100]), w = Tensor.ones([50, 100])
/// let y = ThreadTeam.withThreads(2) { x.linear(weight: w, bias: nil) }  // this call alone, whoever else computes
/// ```
public final class ThreadTeam: @unchecked Sendable {
  /// The team of the process.
  package static let shared = ThreadTeam(threads: ThreadTeam.availableCores)

  /// The team of `withThreads`, in the task or thread that runs its body.
  @TaskLocal private static var own: ThreadTeam?

  /// The team that every operation uses: the innermost one of `withThreads`, otherwise the team of the
  /// process.
  package static var current: ThreadTeam { own ?? shared }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var workers = 0
  private var isEnding = false
  private let wanted: Atomic<Int>
  private var generation: UInt64 = 0
  private var running = 0
  private var shares = 0
  private let nextShare = Atomic<Int>(0)
  private let busy = Atomic<Bool>(false)
  private let forks = Atomic<Int>(0)
  private var body: (@Sendable (Int) -> Void)?

  private init(threads: Int) {
    wanted = Atomic(threads)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(wake)
    pthread_cond_destroy(done)
    mutex.deallocate()
    wake.deallocate()
    done.deallocate()
  }

  /// The number of processors that this process may use.
  package static var availableCores: Int { Int(ligase_available_cores()) }

  /// The number of threads, including the calling one.
  package var threadCount: Int {
    get { wanted.load(ordering: .relaxed) }
    set { wanted.store(ThreadTeam.checked(newValue, "threadCount"), ordering: .relaxed) }
  }

  /// The number of shared pieces of work so far: a test of determinism must see some, or it compares one
  /// thread with itself.
  package var forkCount: Int { forks.load(ordering: .relaxed) }

  private static func checked(_ count: Int, _ operation: String) -> Int {
    require(count >= 1, "\(operation): \(count) is not a number of threads")
    return min(count, 256)
  }

  /// Calls `body` once for each share in `0..<shares`, in all threads, and returns when all are done.
  ///
  /// A call from inside a share, and one while another caller uses the team, runs in the calling thread
  /// alone.
  package func forEachShare(_ shares: Int, _ body: @Sendable (Int) -> Void) {
    let threads = threadCount
    guard shares > 1, threads > 1, !busy.exchange(true, ordering: .acquiring) else {
      for share in 0..<max(shares, 0) { body(share) }
      return
    }
    defer { busy.store(false, ordering: .releasing) }
    forks.add(1, ordering: .relaxed)
    withoutActuallyEscaping(body) { body in
      let helpers = min(threads, shares) - 1
      pthread_mutex_lock(mutex)
      while workers < helpers { startWorker() }
      self.body = body
      self.shares = shares
      nextShare.store(0, ordering: .relaxed)
      generation &+= 1
      running = workers
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)

      takeShares(body, of: shares)

      pthread_mutex_lock(mutex)
      while running > 0 { pthread_cond_wait(done, mutex) }
      self.body = nil
      pthread_mutex_unlock(mutex)
    }
  }

  private func takeShares(_ body: (Int) -> Void, of shares: Int) {
    while true {
      let share = nextShare.wrappingAdd(1, ordering: .relaxed).oldValue
      if share >= shares { return }
      body(share)
    }
  }

  /// The work of a worker. The reference to the body is released on return, before the worker reports that it
  /// is done: the caller then checks that its closure has no other owner.
  @inline(never) private func takeSharesOfCurrentWork() {
    guard let body else { return }
    takeShares(body, of: shares)
  }

  /// Starts one worker; called with the lock held.
  private func startWorker() {
    let index = workers
    workers += 1
    let worker = Worker(team: self, index: index, seen: generation)
    require(Threads.detach { worker.run() }, "a thread could not be started")
  }

  /// Ends the workers and waits for them. The team then works in the calling thread alone.
  private func end() {
    wanted.store(1, ordering: .relaxed)
    pthread_mutex_lock(mutex)
    isEnding = true
    pthread_cond_broadcast(wake)
    while workers > 0 { pthread_cond_wait(done, mutex) }
    pthread_mutex_unlock(mutex)
  }

  private final class Worker: @unchecked Sendable {
    let team: ThreadTeam
    let index: Int
    var seen: UInt64

    init(team: ThreadTeam, index: Int, seen: UInt64) {
      self.team = team
      self.index = index
      self.seen = seen
    }

    /// Operations inside a share use the current team, which is the worker's own busy team.
    func run() { ThreadTeam.$own.withValue(team) { work() } }

    private func work() {
      while true {
        pthread_mutex_lock(team.mutex)
        while team.generation == seen, !team.isEnding { pthread_cond_wait(team.wake, team.mutex) }
        if team.isEnding {
          team.workers -= 1
          pthread_cond_signal(team.done)
          pthread_mutex_unlock(team.mutex)
          return
        }
        seen = team.generation
        let takesPart = index < team.threadCount - 1
        pthread_mutex_unlock(team.mutex)
        if takesPart { team.takeSharesOfCurrentWork() }
        pthread_mutex_lock(team.mutex)
        team.running -= 1
        if team.running == 0 { pthread_cond_signal(team.done) }
        pthread_mutex_unlock(team.mutex)
      }
    }
  }
}

extension ThreadTeam {
  /// Runs `body` with its own team of exactly `count` threads, including the calling one: every operation
  /// that `body` calls uses them, and no other caller uses or changes them. The threads end with the call.
  public static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    let team = ThreadTeam(threads: checked(count, "withThreads"))
    defer { team.end() }
    return try $own.withValue(team) { try body() }
  }

  /// Calls `body` once for each index in `0..<count`, in at most `threads` of the team's threads.
  package func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    let shares = min(threads, count)
    forEachShare(shares) { share in
      for index in stride(from: share, to: count, by: shares) { body(index) }
    }
  }

  /// Calls `body` with consecutive ranges that cover `0..<count`, each at least `grain` long except for the
  /// last.
  package func forEachRange(of count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let shares = max(1, min(64, count / grain))
    let width = (count + shares - 1) / shares
    forEachShare(shares) { share in
      let lower = min(count, share * width), upper = min(count, lower + width)
      if lower < upper { body(lower..<upper) }
    }
  }
}
