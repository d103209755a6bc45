import Glibc

/// Standard error, for messages.
enum StandardError {
  /// Whether it is a terminal.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// Writes text immediately; text that cannot be written is lost.
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while rest.count > 0 {
        let count = Glibc.write(2, rest.baseAddress, rest.count)
        if count < 0 && errno != EINTR { return }
        if count > 0 { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
      }
    }
  }
}
