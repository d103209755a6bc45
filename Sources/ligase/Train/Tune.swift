import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The commands that search hyperparameters.
struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search hyperparameters by random trials and successive halving.",
    subcommands: TaskSources.tune)
}

/// `ligase tune TASK`.
struct TuneTask<Source: TaskSource>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Source.Preset.name,
      abstract: "Search hyperparameters: " + Source.abstract.lowercasingFirst,
      discussion: """
        Example:  ligase tune \(Source.Preset.name) \(Source.example) --trials 27 -o trials.tsv --best best.json

        All trials use the same training and validation examples, or with --folds the same folds and their mean \
        metric. The test subset of --split is never used. Trial 0 uses the options unchanged. All trials first run \
        for a fraction of the epochs, the best third for three times as many epochs, and so on. --space is a JSON \
        object that gives options a list of choices, [32, 64], or a range, {"low": 0.001, "high": 0.01, "log": \
        true}. Pass the best options to --config.
        """)
  }

  @OptionGroup(title: "Data") var source: Source
  @OptionGroup(title: "Inputs and groups") var inputs: InputOptions
  @OptionGroup(title: "Split") var split: SplitOptions
  @Option(help: ArgumentHelp("Number of trials.", valueName: "n"))
  var trials = 27
  @Option(
    help: ArgumentHelp("One in N trials continues to the next round; 1 disables halving.", valueName: "n"))
  var halving = 3
  @Option(
    help: ArgumentHelp(
      "Evaluate each trial by its mean over N folds (default: one validation subset; 5 folds without one).",
      valueName: "n"))
  var folds: Int?
  @Option(help: ArgumentHelp("JSON file with the search space.", valueName: "file"))
  var space: String?
  @OptionGroup(title: "Training") var settings: TrainingSettings
  @Option(name: [.short, .long], help: ArgumentHelp("Table of trials to write.", valueName: "file"))
  var output: String
  @Option(help: ArgumentHelp("Write the best options to FILE as JSON.", valueName: "file"))
  var best: String?
  @Flag(help: "Continue an unfinished table of trials.")
  var resume = false
  @Flag(help: "Replace existing outputs.")
  var overwrite = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try source.refuseSharedInput(besides: inputs.files + [split.split, settings.config, space])
    if !(1...100_000 ~= trials) { throw ValidationError("--trials must be from 1 to 100000 (got \(trials))") }
    if !(1...100 ~= halving) { throw ValidationError("--halving must be from 1 to 100 (got \(halving))") }
    if let folds, folds < 2 { throw ValidationError("--folds must be at least 2 (got \(folds))") }
    if output == "-" || best == "-" { throw ValidationError("--output and --best must be files (got '-')") }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let exists = access(output, F_OK) == 0
    try refuseOutputs(exists: exists)
    try settings.refuseWrongNetwork(of: Source.Preset.self)
    _ = try settings.nominalOptions(for: source, further: !inputs.input.isEmpty)
    try source.requireInputs()
    try split.refuseWithoutEffect()
    let lock = try RunLock(output)
    defer { lock.release() }
    let context = try inputs.context(seed.seed, threads.count, report, split: split.split)
    var data = try source.read(context)
    try inputs.complete(&data, context)
    let (options, choices) = try split.divide(
      &data, settings, source, by: inputs.group, seed: seed.seed, report
    ).choosingArchitectures(data, train: data.division.train, seed: seed.seed)
    choices.forEach { report.note($0.report(data.unit)) }
    let space =
      try space.map { try SearchSpace(contentsOf: $0, for: options) }
      ?? SearchSpace(for: options, input: Source.Preset.mainInput)
    // Where the defaults have no validation examples, folds of all examples are used.
    let folds = folds ?? (data.division.validation.isEmpty ? 5 : nil)
    let parts = try parts(data, folds: folds)
    let search = try HyperparameterSearch(
      parts, options: options, space: space, trials: trials, eta: halving, seed: seed.seed)
    let log = try TrialLog(output, columns: search.columns, keeps: exists && resume)
    try search.refuseOthers(log.done, path: output)
    if !log.done.isEmpty { report.note("\(log.done.count.counted("run")) already finished") }
    report.note(
      "\(trials.counted("trial")), \(search.runCount.counted("run")), each evaluated on "
        + (folds.map {
          "\($0) folds of "
            + (data.division.train.count + data.division.validation.count).counted("example")
        }
          ?? data.division.validation.count.counted("validation example")))
    StopRequest.listen()
    let found = try search.run(
      done: log.done, clock: { Progress.now }, shouldStop: { StopRequest.isPending },
      onRun: { run in
        try log.write(run)
        report.note(
          "trial \(run.trial), \(run.epochs.counted("epoch")): \(Progress.short(run.metric)), \(Progress.duration(run.seconds))"
        )
      })
    guard let found else {
      report.note("stopped by a signal; \(output) has the finished runs, --resume continues")
      throw ExitCode(75)
    }
    report.note(
      "all \(search.runCount.counted("run")) finished; best trial \(found.best.trial): \(Progress.short(found.best.metric))"
    )
    if let best {
      let target = try OutputFile(best, overwrite: overwrite || resume)
      try target.write(try ModelFile.json(found.options, pretty: true) + "\n")
      try target.close()
    }
  }
}

extension TuneTask {
  /// Fails before data is read where an output cannot be written, or is in the way.
  private func refuseOutputs(exists: Bool) throws {
    if exists, !resume, !overwrite {
      throw FormatError(
        .cannotCreate, path: output,
        "already exists; use --resume to continue it or --overwrite to start over")
    }
    try FileArguments.requirePlace(of: output)
    if let best {
      if !resume { try FileArguments.refuseExisting(best, overwrite: overwrite) }
      try FileArguments.requirePlace(of: best)
    }
  }

  /// The data, or once for each fold, which is then its validation subset.
  private func parts(_ data: TrainingData, folds: Int?) throws -> [TrainingData] {
    let divisions =
      try folds.map { try data.division.validationFolds($0, of: data.examples, seed: seed.seed) }
      ?? [data.division]
    return divisions.map { division in
      var part = data
      part.division = division
      return part
    }
  }
}

/// The table of trials, with one row for each run.
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
          "found the columns \(FormatError.list(table.columnNames)), expected \(FormatError.list(columns)); the table is of another search"
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
