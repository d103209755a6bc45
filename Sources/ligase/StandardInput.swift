import Glibc

/// Standard input.
enum StandardInput {
  /// Whether a person sits there.
  static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
