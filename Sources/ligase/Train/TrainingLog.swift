import Glibc
import LigaseFormats
import LigaseModels

/// A table with one row for each epoch that can be read during the run.
final class TrainingLog {
  private let descriptor: Int32
  private let path: String
  private static let firstColumns = ["run", "epoch", "loss"]

  private static func columns(_ job: Training) -> [String] {
    firstColumns + [
      "validation_\(job.metricName)", "is_best", "learning_rate", "seconds", "\(job.unit)_per_second",
    ]
  }

  /// Throws where a file that is not a training log already exists.
  static func refuseOther(_ path: String) throws {
    guard isFile(path) else { return }
    let header = firstColumns.joined(separator: "\t") + "\tvalidation_",
      text = try ByteReader(contentsOf: path).readAll()
    if !text.starts(with: header.utf8) {
      throw FormatError(
        .cannotCreate, path: path, "already exists and is not a training log", remedy: .replaceOutput)
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
  }

  /// Opens the log and writes its header; a resumed run keeps the rows of finished epochs.
  ///
  /// - Parameters:
  ///   - run: 1, or 2 for the refit on training and validation examples together.
  ///   - epochs: the number of finished epochs of that run.
  init(_ path: String, of job: Training, keepingRun run: Int, epochs: Int) throws {
    let columns = Self.columns(job)
    self.path = path
    var kept: [Substring] = []
    if run > 1 || epochs > 0, Self.isFile(path) {
      let text = String(decoding: try ByteReader(contentsOf: path).readAll(), as: UTF8.self)
      kept = text.split(separator: "\n").dropFirst().filter { row in
        let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == columns.count, let r = Int(fields[0]), let e = Int(fields[1]) else {
          return false
        }
        return r < run || r == run && e <= epochs
      }
    }
    // The old rows are replaced at once, so that a run that is killed here loses none.
    let rows = [Substring(columns.joined(separator: "\t"))] + kept
    let start = try OutputFile(path, overwrite: true, compression: Compression.none)
    try start.write(rows.joined(separator: "\n") + "\n")
    try start.close()
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FormatError(
        .cannotCreate, path: path, "cannot create the log: \(String(cString: strerror(errno)))")
    }
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
