import Glibc

/// Standard output.
enum StandardOutput {
  /// Whether a person sits there.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
