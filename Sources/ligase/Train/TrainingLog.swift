import Glibc
import LigaseFormats

/// A table that grows by a line an epoch and can be read while the run goes on.
final class TrainingLog {
  private let descriptor: Int32
  private let path: String

  /// Opens the log; a resumed run appends to the one that is there.
  init(_ path: String, columns: [String], resumes: Bool) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (resumes ? O_APPEND : O_TRUNC), 0o666)
    guard descriptor >= 0 else {
      throw FormatError(
        .cannotCreate, path: path, "cannot create the log: \(String(cString: strerror(errno)))")
    }
    if lseek(descriptor, 0, SEEK_END) == 0 { try write(columns) }
  }

  deinit { close(descriptor) }

  /// Adds a row.
  func write(_ fields: [String]) throws {
    var line = fields.joined(separator: "\t") + "\n"
    let written = line.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.utf8.count else {
      throw FormatError(.inputOutput, path: path, "cannot write the log: \(String(cString: strerror(errno)))")
    }
  }
}
