import Glibc

/// Standard input.
enum StandardInput {
  /// Whether it is a terminal.
  static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
