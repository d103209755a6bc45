import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// An error with the exit code (sysexits.h) of the command.
protocol ExitCoded: Error {
  var exitCode: Int32 { get }
}

extension FormatError: ExitCoded {}

extension JoinError: ExitCoded { var exitCode: Int32 { EX_DATAERR } }
extension SplitError: ExitCoded { var exitCode: Int32 { EX_DATAERR } }
extension SMILESError: ExitCoded { var exitCode: Int32 { EX_DATAERR } }
extension ExplanationError: ExitCoded { var exitCode: Int32 { EX_USAGE } }
extension EvaluationError: ExitCoded { var exitCode: Int32 { EX_DATAERR } }
extension TrainingError: ExitCoded { var exitCode: Int32 { isDivergence ? EX_SOFTWARE : EX_DATAERR } }

/// The end of a command.
enum Exit {
  /// Prints an error in one line on standard error and ends the process: 64 wrong usage, 65 bad data, 66 no
  /// input, 70 internal, 73 cannot create, 74 input/output, 75 stopped with a checkpoint. Help and version
  /// end with 0, and so does a broken pipe, without a message.
  static func end(with error: any Error) -> Never {
    if let error = error as? any ExitCoded {
      if (error as? FormatError)?.kind == .brokenPipe { exit(0) }
      say(Exit.text(error))
      exit(error.exitCode)
    }
    let code = Ligase.exitCode(for: error).rawValue
    if code == 0 { Ligase.exit(withError: error) }
    if let error = error as? ExitCode { exit(error.rawValue) }
    if code == EX_USAGE {
      let message = Ligase.message(for: error)
      say(
        RenamedOptions.advice(for: message) ?? CommandNames.advice(for: message)
          ?? "\(message) (--help explains)")
      exit(EX_USAGE)
    }
    say("internal: \(error)")
    exit(EX_SOFTWARE)
  }

  /// Returns an error in one line, with its remedy.
  static func text(_ error: any Error) -> String {
    guard let remedy = (error as? any RemediedError)?.remedy else { return "\(error)" }
    return "\(error) (\(remedy.words(path: (error as? FormatError)?.path ?? "-")))"
  }

  private static func say(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardError.write("ligase: error: \(PartArguments.part.map { "shard \($0): " } ?? "")\(line)\n")
  }
}

/// Signal handling: an interrupted command leaves no incomplete file, and a broken pipe is a write error.
enum Signals {
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    // A file beyond the limit of the shell is a write error.
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      signal(number) { Signals.end(by: $0) }
    }
  }

  /// Returns whether a signal is ignored because the parent process set it so, for example with nohup.
  static func isIgnored(_ number: Int32) -> Bool {
    var current = sigaction()
    sigaction(number, nil, &current)
    return current.__sigaction_handler.sa_handler.map { unsafeBitCast($0, to: Int.self) } == 1
  }

  /// Removes unfinished files and ends the process with the signal; to be called in its handler.
  static func end(by number: Int32) {
    UnfinishedFiles.removeAll()
    signal(number, SIG_DFL)
    raise(number)
  }
}
