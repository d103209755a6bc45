import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The commands that evaluate a kind of model by cross-validation.
struct CrossValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cv",
    abstract: "Evaluate a kind of model by cross-validation, compared with naive baselines.",
    subcommands: TaskSources.crossValidate)
}

/// `ligase cv TASK`.
struct CrossValidateTask<Source: TaskSource>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Source.Preset.name, abstract: "Cross-validate: " + Source.abstract.lowercasingFirst,
      discussion: """
        Example:  ligase cv \(Source.Preset.name) \(Source.example) --folds 5 > out-of-fold.tsv

        \(Source.discussion) Each fold is predicted by a model trained on the other folds. Early stopping uses a \
        fraction of those other folds, never the predicted fold. The output has the ids, the fold and the \
        out-of-fold prediction; metrics and baselines are reported on standard error and written to --scores. \
        SIGTERM or Ctrl-C ends with exit code 75; with -o or --checkpoint, finished folds are kept and --resume \
        continues with the others.

        Folds can run as jobs on many machines: --only-fold 0 -o part.0 runs one, and `ligase merge part.* -o \
        out-of-fold.tsv --scores scores.tsv` joins them to the bytes of one machine.
        """)
  }

  @OptionGroup(title: "Data") var source: Source
  @OptionGroup(title: "Inputs and groups") var inputs: InputOptions
  @Option(help: ArgumentHelp("Number of folds.", valueName: "n"))
  var folds = 5
  @Option(help: ArgumentHelp("Number of repeats, each with different folds.", valueName: "n"))
  var repeats = 1
  @Option(
    help: ArgumentHelp(
      "Table with the fold of each id, and the repeat where there are several (default: assigned at random).",
      valueName: "file"))
  var split: String?
  @Option(
    help: ArgumentHelp(
      "Run only fold N, in every repeat, and write it to --output as a part for `ligase merge`.",
      valueName: "n"))
  var onlyFold: Int?
  @Flag(help: "Also evaluate each input alone, and all inputs without each.")
  var ablate = false
  @Option(help: ArgumentHelp("Write all metrics with their intervals to FILE.", valueName: "file"))
  var scores: String?
  @Option(
    help: ArgumentHelp(
      "File for finished folds (default: the output's name with .checkpoint).",
      valueName: "file"))
  var checkpoint: String?
  @Flag(help: "Continue with the unfinished folds of the checkpoint; without a checkpoint, start.")
  var resume = false
  @OptionGroup(title: "Training") var settings: TrainingSettings
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try source.refuseSharedInput(besides: inputs.files + [split, settings.config])
    if folds < 2 { throw ValidationError("--folds must be at least 2 (got \(folds))") }
    if onlyFold != nil {
      guard output.output ?? "-" != "-" else { throw ValidationError("--only-fold needs --output FILE") }
      if scores != nil {
        throw ValidationError("--scores needs all folds: `ligase merge` writes them")
      }
    }
    try FileArguments.refuseSharedOutput([
      ("--output", output.output), ("--scores", scores), ("--checkpoint", checkpointPath),
    ])
    if repeats < 1 { throw ValidationError("--repeats must be at least 1 (got \(repeats))") }
  }

  func run() throws {
    Compute.threadCount = threads.count
    try settings.refuseWrongNetwork(of: Source.Preset.self)
    _ = try settings.nominalOptions(for: source, further: !inputs.input.isEmpty)
    try source.requireInputs()
    try refuseExisting()
    let lock = try checkpointPath.map { try RunLock($0) }
    defer { lock?.release() }
    let validation = try validation()
    if let onlyFold {
      guard let fold = validation.foldNumbers.firstIndex(of: onlyFold) else {
        throw ValidationError(
          "--only-fold must be one of \(FormatError.list(validation.foldNumbers.map { "\($0)" })) (got \(onlyFold))"
        )
      }
      let done = try run(validation, folds: [fold])
      try validation.write(
        done, to: output.output!, overwrite: output.overwrite, arguments: PartArguments.ofFold)
    } else {
      let target = try output.open(threads: threads.count)
      try write(run(validation, folds: Array(0..<validation.folds)), of: validation, to: target)
    }
    if let path = checkpointPath { unlink(path) }
  }

  /// Reads the data and assigns folds.
  private func validation() throws -> CrossValidation {
    let context = try inputs.context(seed.seed, threads.count, report, split: split)
    var data = try source.read(context)
    if !data.division.isValidationDrawn || !data.division.test.isEmpty {
      if let option = source.splitOption {
        throw ValidationError("\(option) has no effect: cv assigns all examples to folds")
      }
      report.note("the subsets of the input are not used: cv assigns all examples to folds")
      data.division = Division(allOf: data.examples)
    }
    try inputs.complete(&data, context)
    let given = try given(data)
    // Examples of one key are grouped already.
    let key =
      data.examples.keys.columns.count > 1 ? inputs.group ?? Source.Preset.foldKey(data.examples) : nil
    // The defaults depend on the keys that the first fold holds out.
    let first = try CrossValidation(
      data, options: settings.options(for: data, source), folds: folds, repeats: 1, seed: seed.seed,
      by: key, given: given)
    let parts = try first.training(repeat: 0, fold: 0)
    let options = try settings.options(for: data.examples.inputs.count > 1 ? parts : data, source)
    data.division = Division(allOf: data.examples)
    var validation = try CrossValidation(
      data, options: options, folds: folds, repeats: repeats, seed: seed.seed, by: key, given: given)
    if ablate {
      validation.ablations = Ablation.all(of: data.examples.inputs.map(\.name))
      if validation.ablations.isEmpty { throw ValidationError("--ablate needs at least two inputs") }
    }
    validation.report.forEach { report.note($0) }
    return validation
  }

  /// Writes the out-of-fold predictions, reports their scores and writes these to a file.
  private func write(_ done: CrossValidation.Done, of validation: CrossValidation, to target: OutputFile)
    throws
  {
    let table = try CrossValidationTable(validation, to: target)
    for number in 0..<validation.repeats {
      for fold in 0..<validation.folds {
        try table.add(done[repeat: number, fold: fold]!, repeat: number, fold: fold)
      }
      let judged = try table.judge(repeat: number, seed: seed.seed)
      (judged.summary + Ablation.summary(judged.scores)).forEach { report.note($0) }
    }
    if let means = table.judgeMeans() {
      (means.summary + Ablation.summary(means.scores)).forEach { report.note($0) }
    }
    try target.close()
    if let scores { try table.writeScores(to: OutputFile(scores, overwrite: output.overwrite)) }
  }

  /// Throws, before data is read, where an output file cannot be written or already exists.
  private func refuseExisting() throws {
    try output.refuseExisting()
    if let scores {
      try FileArguments.refuseExisting(scores, overwrite: output.overwrite)
      try FileArguments.requirePlace(of: scores)
    }
    if let path = checkpointPath { try FileArguments.requirePlace(of: path) }
  }

  private var checkpointPath: String? { checkpoint ?? output.output.map { $0 + ".checkpoint" } }

  /// Runs the unfinished folds.
  private func run(_ validation: CrossValidation, folds: [Int]) throws -> CrossValidation.Done {
    var done = CrossValidation.Done()
    if resume {
      guard let path = checkpointPath else {
        throw ValidationError("--resume needs -o FILE or --checkpoint FILE")
      }
      if access(path, F_OK) == 0 { done = try validation.read(path) }
      if done.count > 0 { report.note("\(done.count.counted("fold")) already finished") }
    }
    StopRequest.listen()
    var progress = Progress(report)
    for number in 0..<validation.repeats {
      for fold in folds where done[repeat: number, fold: fold] == nil {
        let began = Progress.now
        var (reached, chosen) = ((epoch: 0, of: 0), [String]())
        let outcomes = try validation.run(
          repeat: number, fold: fold, shouldStop: { StopRequest.isPending },
          onEpoch: { training, metric in
            let (epoch, epochs) = (training.trainer.state.epoch, training.epochs)
            if !training.isRefit {
              reached = (epoch, epochs)
              chosen = training.choices.map { "architecture \($0.chosen.rawValue), " }
            }
            progress.show(
              "\(words(fold, validation)), epoch \(epoch)/\(epochs)"
                + (training.isRefit ? " of retraining" : "")
                + (metric.map { ": validation \(training.metricWords) \(Progress.short($0))" } ?? ""),
              json: "{\"repeat\":\(number),\"fold\":\(fold),\"epoch\":\(epoch),\"epochs\":\(epochs)}")
          })
        progress.clear()
        guard let outcomes else {
          report.note(
            "stopped by a signal in \(words(fold, validation)): "
              + (checkpointPath.map {
                "\($0) holds \(done.count.counted("finished fold")), --resume continues"
              }
                ?? "no checkpoint without -o or --checkpoint"))
          throw ExitCode(75)
        }
        for outcome in outcomes where outcome.unanswered > 0 {
          report.note(
            "\(words(fold, validation)): \(outcome.name) has no answer for \(outcome.unanswered.grouped) examples of records that were not in training; the mean of the training examples stands for it"
          )
        }
        done[repeat: number, fold: fold] = outcomes
        if let path = checkpointPath { try validation.write(done, to: path) }
        let judged = try validation.judge(outcomes, repeat: number, fold: fold)
        report.note(
          words(fold, validation)
            + (validation.repeats > 1 ? ", repeat \(number + 1)" : "")
            + ": \(judged.headline), \(chosen.joined())"
            + (reached.epoch < reached.of
              ? "early stopping after epoch \(reached.epoch) of \(reached.of), "
              : "\(reached.epoch.counted("epoch")), ")
            + Progress.duration(Progress.now - began))
      }
    }
    return done
  }

  /// A fold in messages: its place among all, or its number where it is the only one of the job.
  private func words(_ fold: Int, _ validation: CrossValidation) -> String {
    onlyFold.map { "fold \($0)" } ?? "fold \(fold + 1) of \(validation.folds)"
  }

  /// Returns the folds that the user specified.
  private func given(_ data: TrainingData) throws -> [RepeatedFolds]? {
    guard let split else { return nil }
    return try SplitNaming.naming(split, source.files.compactMap { $0 }.first) {
      try RepeatedFolds.all(Table(contentsOf: split), of: data.examples.keys)
    }
  }
}

extension CrossValidateTask: PartMerging {
  mutating func merge(_ parts: [String], _ merge: Merge) throws {
    (output, scores, report) = (merge.output, merge.scores, merge.report)
    Compute.threadCount = merge.threads.count
    try refuseExisting()
    let validation = try validation()
    var done = CrossValidation.Done()
    for path in parts {
      if let fold = try done.add(validation.read(path, isPart: true)) {
        throw FormatError(
          .badData, path: path, "found fold \(validation.foldNumbers[fold]) again, which another part is, too"
        )
      }
    }
    let missing = (0..<validation.folds).filter { fold in
      (0..<validation.repeats).contains { done[repeat: $0, fold: fold] == nil }
    }
    guard missing.isEmpty else {
      throw FormatError(
        .badData, path: parts[0],
        "found \(validation.folds - missing.count) of \(validation.folds.counted("fold")), missing \(FormatError.list(missing.map { "fold \(validation.foldNumbers[$0])" }, limit: 5))"
      )
    }
    try write(done, of: validation, to: output.open(threads: merge.threads.count))
  }
}
