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

        Trials can run as jobs on many machines: --plan writes the trials of a round, --trial with --plan FILE runs one of \
        them, --plan --finished PART… the next round, and `ligase merge` joins the parts to the table of one machine:
          ligase tune \(Source.Preset.name) … --plan -o plan.tsv
          ligase tune \(Source.Preset.name) … --trial 0 --plan plan.tsv -o part.0.tsv
          ligase merge part.*.tsv -o trials.tsv --best best.json
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
  @Option(
    help: ArgumentHelp(
      "Without FILE: write the trials of the next round to --output. With --trial: the file that names it.",
      valueName: "file"))
  var plan: String?
  @Option(help: ArgumentHelp("Run only trial N of the plan, and write it as a part.", valueName: "n"))
  var trial: Int?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Parts of trials that are finished, for the plan of the next round.", valueName: "part"))
  var finished: [String] = []
  @OptionGroup(title: "Training") var settings: TrainingSettings
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Table of trials to write, or the plan, or the part of a trial.", valueName: "file"))
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
    try validateJobs()
    try FileArguments.refuseSharedOutput([("--output", output), ("--best", best)])
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
    let planned = try trial == nil ? nil : plan.map { try SearchTable(contentsOf: $0) }
    let search = try search(&data, options: planned?.options)
    if plan == Self.next { return try writePlan(search) }
    if let trial, let planned { return try run(trial, of: search, planned) }
    let log = try TrialLog(output, columns: search.columns, keeps: exists && resume)
    try search.refuseOthers(log.done, path: output)
    if !log.done.isEmpty { report.note("\(log.done.count.counted("run")) already finished") }
    report.note(
      "\(trials.counted("trial")), \(search.runCount.counted("run")), each evaluated on \(search.words)")
    StopRequest.listen()
    guard let (found, options) = try run(search, log) else {
      report.note("stopped by a signal; \(output) has the finished runs, --resume continues")
      throw ExitCode(75)
    }
    report.note(
      "all \(search.runCount.counted("run")) finished; best trial \(found.trial): \(Progress.short(found.metric))"
    )
    if let best { try options.write(to: best, overwrite: overwrite || resume) }
  }
}

extension TuneTask {
  /// The value of --plan without a file.
  private static var next: String { "-" }

  private func validateJobs() throws {
    if plan != nil || trial != nil {
      if best != nil || resume { throw ValidationError("--plan and --trial exclude --best and --resume") }
    }
    if let trial, trial < 0 { throw ValidationError("--trial must be at least 0 (got \(trial))") }
    if trial != nil, plan ?? Self.next == Self.next {
      throw ValidationError("--trial needs --plan FILE, which names the trial")
    }
    if trial == nil, plan ?? Self.next != Self.next {
      throw ValidationError("--plan FILE needs --trial N; without a file, --plan writes one")
    }
    if !finished.isEmpty, plan != Self.next {
      throw ValidationError("--finished needs --plan without a file, which writes the next round")
    }
  }

  /// Prepares the search.
  ///
  /// - Parameter planned: the options of a plan; nil lets training examples choose an architecture.
  private func search(_ data: inout TrainingData, options planned: ModelOptions?) throws
    -> HyperparameterSearch
  {
    var options = try split.divide(&data, settings, source, by: inputs.group, seed: seed.seed, report)
    if let planned {
      options = planned
    } else {
      let (chosen, choices) = options.choosingArchitectures(
        data, train: data.division.train, seed: seed.seed)
      choices.forEach { report.note($0.report(data.unit)) }
      options = chosen
    }
    let space =
      try space.map { try SearchSpace(contentsOf: $0, for: options) }
      ?? SearchSpace(for: options, input: Source.Preset.mainInput)
    // Where the defaults have no validation examples, folds of all examples are used.
    let folds = folds ?? (data.division.validation.isEmpty ? 5 : nil)
    return try HyperparameterSearch(
      parts(data, folds: folds), options: options, space: space, trials: trials, eta: halving, seed: seed.seed
    )
  }

  /// Runs all unfinished trials; nil when stopped.
  private func run(_ search: HyperparameterSearch, _ log: TrialLog) throws -> (
    best: HyperparameterSearch.Run, options: ModelOptions
  )? {
    var done = log.done, problem: TrainingError?
    while case let round = try search.planned(after: done), !round.isEmpty {
      for planned in round {
        let began = Progress.now
        guard
          let run = try search.run(planned, problem: &problem, shouldStop: { StopRequest.isPending })
        else { return nil }
        try log.write(run)
        done.append(run)
        report.note(words(run, since: began))
      }
    }
    if let problem, !done.contains(where: { $0.metric.isFinite }) { throw problem }
    let best = try search.best(of: done)
    return (best, try search.options(of: best))
  }

  private func words(_ run: HyperparameterSearch.Run, since began: Double) -> String {
    "trial \(run.trial), \(run.epochs.counted("epoch")): \(Progress.short(run.metric)), \(Progress.duration(Progress.now - began))"
  }

  /// Writes the trials of the next round.
  private func writePlan(_ search: HyperparameterSearch) throws {
    let done = try finished.flatMap { path in
      let part = try SearchTable(contentsOf: path)
      try search.refuseOthers(part.runs, path: path)
      return part.runs
    }
    let runs = try search.planned(after: done)
    try write(runs, of: search, options: search.options)
    report.note(
      runs.first.map { "round \($0.rung + 1) of \(search.rungs.count): \(runs.count.counted("trial"))" }
        ?? "all \(search.runCount.counted("run")) are finished")
  }

  /// Writes runs with what a job or a merger needs to know of their search.
  private func write(
    _ runs: [HyperparameterSearch.Run], of search: HyperparameterSearch, options: ModelOptions
  ) throws {
    var table = SearchTable(columns: search.columns, runs: runs)
    (table.rounds, table.options) = (search.rungs, options)
    let target = try OutputFile(output, overwrite: overwrite, compression: Compression.none)
    try table.write(to: target)
    try target.close()
  }

  /// Runs one trial of a plan and writes its part.
  private func run(_ trial: Int, of search: HyperparameterSearch, _ table: SearchTable) throws {
    let path = plan ?? Self.next
    try search.refuseOthers(table.runs, path: path)
    guard let planned = table.runs.first(where: { $0.trial == trial }) else {
      throw ValidationError(
        "--trial must be a trial of \(path): \(FormatError.list(table.runs.map { "\($0.trial)" }, limit: 30)) (got \(trial))"
      )
    }
    StopRequest.listen()
    let began = Progress.now
    var problem: TrainingError?
    guard let run = try search.run(planned, problem: &problem, shouldStop: { StopRequest.isPending }) else {
      report.note("stopped by a signal before trial \(trial) was finished: nothing was written")
      throw ExitCode(75)
    }
    if let problem { report.warn("trial \(trial) has no metric: \(problem)") }
    try write([run], of: search, options: search.options(of: run))
    report.note(words(run, since: began))
  }

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
    var done: [HyperparameterSearch.Run] = []
    if keeps {
      let table = try SearchTable(contentsOf: path)
      guard table.columns == columns else {
        throw FormatError(
          .badData, path: path,
          "found the columns \(FormatError.list(table.columns)), expected \(FormatError.list(columns)); the table is of another search"
        )
      }
      done = table.runs
    }
    self.done = done
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0o666)
    guard descriptor >= 0 else {
      throw FormatError(.cannotCreate, path: path, "cannot create: \(String(cString: strerror(errno)))")
    }
    try line(columns.joined(separator: "\t"))
    for run in done { try write(run) }
  }

  deinit { close(descriptor) }

  func write(_ run: HyperparameterSearch.Run) throws {
    try line(SearchTable.row(run))
  }

  private func line(_ text: String) throws {
    var text = text + "\n"
    let written = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == text.utf8.count else {
      throw FormatError(.inputOutput, path: path, "cannot write: \(String(cString: strerror(errno)))")
    }
  }
}
