import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The commands that search options.
struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search options by random trials and successive halving.",
    subcommands: TaskSources.tune)
}

/// `ligase tune TASK`.
struct TuneTask<Source: TaskSource>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Source.Preset.name, abstract: "Search options: " + Source.abstract.lowercasingFirst,
      discussion: """
        Example:  ligase tune \(Source.Preset.name) \(Source.example) --trials 27 -o trials.tsv --best best.json

        All trials learn from the same examples and are judged on the same validation examples, or with --folds by \
        their mean over the same folds; the test part of --split is never touched. Trial 0 has the options as they \
        are. All run for a part of the epochs, the best third for three times as many, and so on. --space is a JSON \
        object of options with their choices, [32, 64], or their range, {"low": 0.001, "high": 0.01, "log": true}. The \
        best options are for --config.
        """)
  }

  @OptionGroup(title: "Data") var source: Source
  @OptionGroup(title: "Split") var split: SplitOptions
  @Option(help: ArgumentHelp("How many trials.", valueName: "n"))
  var trials = 27
  @Option(help: ArgumentHelp("Of so many trials one goes on; 1 runs all to the end.", valueName: "n"))
  var halving = 3
  @Option(
    help: ArgumentHelp(
      "Judge each trial by its mean over n folds (default: by one validation part, without one 5).",
      valueName: "n"))
  var folds: Int?
  @Option(help: ArgumentHelp("JSON file of options and what is tried for each.", valueName: "file"))
  var space: String?
  @OptionGroup(title: "Training") var settings: TrainingSettings
  @Option(name: [.short, .long], help: ArgumentHelp("The table of trials to write.", valueName: "file"))
  var output: String
  @Option(help: ArgumentHelp("Write the best options as JSON.", valueName: "file"))
  var best: String?
  @Flag(help: "Go on where the table of trials ends.")
  var resume = false
  @Flag(help: "Replace the outputs if they exist.")
  var overwrite = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try source.refuseSharedInput(besides: [split.split, settings.config, space])
    if !(1...100_000 ~= trials) { throw ValidationError("found --trials \(trials), expected 1 or more") }
    if !(1...100 ~= halving) { throw ValidationError("found --halving \(halving), expected 1 or more") }
    if let folds, folds < 2 { throw ValidationError("found --folds \(folds), expected 2 or more") }
    if output == "-" || best == "-" { throw ValidationError("--output and --best are files, found '-'") }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let exists = access(output, F_OK) == 0
    if exists, !resume, !overwrite {
      throw FormatError(
        .cannotCreate, path: output, "exists already; --resume continues it, --overwrite starts over")
    }
    try FileArguments.requirePlace(of: output)
    if let best {
      if !resume { try FileArguments.refuseExisting(best, overwrite: overwrite) }
      try FileArguments.requirePlace(of: best)
    }
    try settings.refuseWrongNetwork(of: Source.Preset.self)
    _ = try settings.nominalOptions(for: source)
    try source.requireInputs()
    try split.refuseWithoutEffect()
    let lock = try RunLock(output)
    defer { lock.release() }
    var data = try source.read(seed: seed.seed, threads: threads.count, report)
    let options = try split.divide(&data, settings, source, seed: seed.seed, report)
    let space =
      try space.map { try SearchSpace(contentsOf: $0, for: options) }
      ?? SearchSpace(for: options, input: Source.Preset.mainInput)
    // Where defaults leave no sample to choose by, folds of all do.
    let folds = folds ?? (data.division.validation.isEmpty ? 5 : nil)
    let divisions =
      try folds.map { try data.division.validationFolds($0, of: data.examples, seed: seed.seed) }
      ?? [data.division]
    let parts = divisions.map { division in
      var part = data
      part.division = division
      return part
    }
    let search = try HyperparameterSearch(
      parts, options: options, space: space, trials: trials, eta: halving, seed: seed.seed)
    let log = try TrialLog(output, columns: search.columns, keeps: exists && resume)
    try search.refuseOthers(log.done, path: output)
    if !log.done.isEmpty { report.note("\(log.done.count.counted("run")) done already") }
    report.note(
      "\(trials) trials, \(search.runCount) runs; "
        + (folds.map {
          "\($0) folds of \(data.division.train.count + data.division.validation.count) examples judge"
        }
          ?? "\(data.division.validation.count) examples judge"))
    StopRequest.listen()
    let found = try search.run(
      done: log.done, clock: { Progress.now }, shouldStop: { StopRequest.isPending },
      onRun: { run in
        try log.write(run)
        report.note(
          "trial \(run.trial), \(run.epochs) epochs: \(Progress.short(run.metric)), \(Progress.duration(run.seconds))"
        )
      })
    guard let found else {
      report.note("stopped by a signal: \(output) holds the finished runs, --resume continues")
      throw ExitCode(75)
    }
    report.note(
      "all \(search.runCount.counted("run")) done; the best is trial \(found.best.trial): \(Progress.short(found.best.metric))"
    )
    if let best {
      let target = try OutputFile(best, overwrite: overwrite || resume)
      try target.write(try ModelFile.json(found.options, pretty: true) + "\n")
      try target.close()
    }
  }
}

/// The table of trials, which grows by a row a run.
private final class TrialLog {
  let done: [HyperparameterSearch.Run]
  private let descriptor: Int32
  private let path: String

  init(_ path: String, columns: [String], keeps: Bool) throws {
    self.path = path
    var (done, rows): ([HyperparameterSearch.Run], [String]) = ([], [])
    if keeps {
      let table = try Table(contentsOf: path)
      guard table.columnNames == columns else {
        throw FormatError(
          .badData, path: path,
          "found the columns \(FormatError.list(table.columnNames)), expected \(FormatError.list(columns)): another search"
        )
      }
      let (trials, rungs) = (try table.integers("trial"), try table.integers("rung"))
      let (epochs, folds) = (try table.integers("epochs"), try table.integers("folds"))
      let (metrics, seconds) = (try table.doubles("validation", missing: .nan), try table.doubles("seconds"))
      for row in trials.indices {
        let fields = columns.indices.map { table.string(row: row, column: $0) }
        done.append(
          .init(
            trial: trials[row], rung: rungs[row], epochs: epochs[row], folds: folds[row],
            metric: metrics[row].isNaN ? .infinity : metrics[row], seconds: seconds[row], search: fields[6],
            choices: Array(fields.dropFirst(7))))
        rows.append(fields.joined(separator: "\t"))
      }
    }
    self.done = done
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0o666)
    guard descriptor >= 0 else {
      throw FormatError(.cannotCreate, path: path, "cannot create: \(String(cString: strerror(errno)))")
    }
    try line(columns.joined(separator: "\t"))
    for row in rows { try line(row) }
  }

  deinit { close(descriptor) }

  func write(_ run: HyperparameterSearch.Run) throws {
    let metric = run.metric.isFinite ? "\(run.metric)" : ""
    let fields = [
      "\(run.trial)", "\(run.rung)", "\(run.epochs)", "\(run.folds)", metric, Progress.short(run.seconds),
      run.search,
    ]
    try line((fields + run.choices).joined(separator: "\t"))
  }

  private func line(_ text: String) throws {
    var text = text + "\n"
    let written = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == text.utf8.count else {
      throw FormatError(.inputOutput, path: path, "cannot write: \(String(cString: strerror(errno)))")
    }
  }
}
