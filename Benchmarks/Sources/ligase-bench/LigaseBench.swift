import LigaseNetworks
import LigaseTensors

/// Times training steps of fixed shapes and prints `name <tab> median milliseconds`, one line per benchmark. The
/// benchmarks and their names are those of `peers.py`.
///
///     ligase-bench [--threads N] [--repeats N] [NAME ...]
@main struct LigaseBench {
  static func main() {
    var names = Array(CommandLine.arguments.dropFirst())
    func option(_ name: String) -> Int? {
      guard let at = names.firstIndex(of: name), at + 1 < names.count else { return nil }
      defer { names.removeSubrange(at...(at + 1)) }
      return Int(names[at + 1])
    }
    let threads = option("--threads"), repeats = option("--repeats") ?? 15
    func run() {
      for benchmark in Benchmark.all where names.isEmpty || names.contains(benchmark.name) {
        let time = median(of: repeats, benchmark.prepare())
        print("\(benchmark.name)\t\((time * 100).rounded() / 100)")
      }
    }
    if let threads { ThreadTeam.withThreads(threads, run) } else { run() }
  }

  /// The median time of `body` in milliseconds, after two calls to warm up.
  private static func median(of repeats: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var times: [Double] = []
    for run in 0..<(repeats + 2) {
      let (seconds, attoseconds) = clock.measure(body).components
      if run >= 2 { times.append(Double(seconds) * 1e3 + Double(attoseconds) * 1e-15) }
    }
    return times.sorted()[times.count / 2]
  }
}
