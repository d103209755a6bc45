import Glibc

/// Runs shell lines in which `ligase` is the binary built with the tests.
public struct Shell {
  /// The result of a line.
  public struct Outcome: Sendable {
    /// Its exit status; 128 + n if signal n ended it.
    public var status: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var error: String
  }

  /// The folder in which lines run.
  public let folder: TemporaryFolder

  /// A shell in a fresh folder.
  public init() { folder = TemporaryFolder() }

  /// The folder of the built binaries: the one that holds the test bundle.
  public static let binaries: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let bytes = buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }
    var path = String(decoding: bytes, as: UTF8.self)
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") && argument.hasPrefix("/") {
      path = argument
    }
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }()

  /// Runs a line with `sh -c` and waits for it.
  public func run(_ line: String) -> Outcome {
    let tag = "\(UInt64.random(in: 0 ... .max))"
    let (out, err) = ("/tmp/ligase-shell-\(tag).out", "/tmp/ligase-shell-\(tag).err")
    defer {
      unlink(out)
      unlink(err)
    }
    let script =
      "cd '\(folder.path)' || exit 99; PATH='\(Shell.binaries)':$PATH; export PATH; unset LIGASE_THREADS\n\(line)"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Signals are handled as on a terminal, however the tests were started.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var arguments: [UnsafeMutablePointer<CChar>?] = []
    for argument in ["bash", "-c", script] { arguments.append(strdup(argument)) }
    arguments.append(nil)
    defer { arguments.forEach { free($0) } }
    var process = pid_t()
    guard posix_spawnp(&process, "bash", &actions, &attributes, &arguments, environ) == 0 else {
      return Outcome(status: 127, output: "", error: "bash cannot be started")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    return Outcome(status: code, output: text(out), error: text(err))
  }

  private func text(_ path: String) -> String {
    String(decoding: TemporaryFolder.contents(of: path) ?? [], as: UTF8.self)
  }
}
