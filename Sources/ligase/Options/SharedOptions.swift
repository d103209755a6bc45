import ArgumentParser
import LigaseRuntime
import LigaseFormats
import LigaseModels

/// The output file.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write to FILE (default: standard output); names in `.gz` or `.bgz` are compressed with BGZF.",
      valueName: "file"))
  var output: String?

  @Option(
    name: [.customShort("O"), .long],
    help: "Compression, independent of the file name: u or v none, z BGZF, gzip plain gzip.")
  var outputType: OutputType?

  @Flag(help: "Replace an existing output.")
  var overwrite = false

  /// Throws where the output cannot be written, or exists and must not be replaced.
  func refuseExisting() throws {
    guard let output, output != "-" else { return }
    try FileArguments.refuseExisting(output, overwrite: overwrite)
    try FileArguments.requirePlace(of: output)
  }

  /// Opens the output; standard output if no file is named.
  ///
  /// - Parameter part: what the output is a part of, where records are divided among jobs.
  func open(threads: Int = 1, part: ShardManifest? = nil) throws -> OutputFile {
    try OutputFile(
      output, overwrite: overwrite, compression: outputType?.compression, threads: threads, part: part)
  }
}

/// The compression of an output, with the letters of bcftools.
enum OutputType: String, ExpressibleByArgument, CaseIterable {
  case u, v, z, gzip

  /// The compression of the output type.
  var compression: Compression {
    switch self {
    case .u, .v: .none
    case .z: .bgzf
    case .gzip: .gzip
    }
  }
}

/// The number of threads; results do not depend on it.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: ArgumentHelp("Threads to use (default: $LIGASE_THREADS, else all processors).", valueName: "n"))
  var threads: Int?

  /// The number of threads: the specified one, that of the environment, or that of the processors.
  var count: Int {
    if let threads { return threads }
    if let text = getenv("LIGASE_THREADS"), let count = Int(String(cString: text)) { return count }
    return ThreadTeam.availableCores
  }

  func validate() throws {
    if let text = getenv("LIGASE_THREADS"), threads == nil {
      guard let count = Int(String(cString: text)), 1...1024 ~= count else {
        throw ValidationError(
          "LIGASE_THREADS must be a number from 1 to 1024 (got '\(String(cString: text))')")
      }
    }
    if let threads, !(1...1024 ~= threads) {
      throw ValidationError("--threads must be from 1 to 1024 (got \(threads))")
    }
  }
}

/// The seed of all randomness in a command.
struct SeedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Random seed.", valueName: "n"))
  var seed: UInt64 = 0
}

/// The messages of a command on standard error.
struct ReportOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Print only errors.")
  var quiet = false

  @Flag(name: [.short, .long], help: "Print more details.")
  var verbose = false

  @Option(
    help:
      "Progress on standard error: auto (redrawn line on a terminal, otherwise a line every 30 s), always redrawn, never, or JSON lines."
  )
  var progress: ProgressStyle = .auto

  /// Prints a note, unless `--quiet` is given.
  func note(_ text: @autoclosure () -> String) {
    if !quiet { say("note", text()) }
  }

  /// Prints a note if `--verbose` is given.
  func detail(_ text: @autoclosure () -> String) {
    if verbose && !quiet { say("note", text()) }
  }

  /// Prints a warning, unless `--quiet` is given.
  func warn(_ text: @autoclosure () -> String) {
    if !quiet { say("warning", text()) }
  }

  /// Prints a message as text, or as a JSON object where progress is JSON.
  private func say(_ kind: String, _ text: String) {
    if progress == .json, let line = try? ModelFile.json([kind: text]) {
      StandardError.write(line + "\n")
    } else {
      StandardError.write("ligase: \(kind == "note" ? "" : "\(kind): ")\(text)\n")
    }
  }

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be combined") }
  }
}

/// The style of progress.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// Redrawn on a terminal, occasional lines elsewhere.
  case auto
  /// Redrawn on any standard error.
  case always
  /// No progress.
  case never
  /// One JSON object for each line.
  case json
}

extension Delimiter: ExpressibleByArgument {}
