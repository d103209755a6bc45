import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// `ligase train TASK`.
struct TrainTask<Source: TaskSource>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Source.Preset.name, abstract: Source.abstract,
      discussion: """
        Example:  ligase train \(Source.Preset.name) \(Source.example) --seed 1 -o model.safetensors

        \(Source.discussion) Without --split, a fraction of the examples is drawn for validation and there is no \
        test subset. The best epoch on validation is kept. SIGTERM or Ctrl-C writes a checkpoint and ends with exit \
        code 75; --resume then gives the same model file, byte for byte.
        """)
  }

  @OptionGroup(title: "Data") var source: Source
  @OptionGroup(title: "Inputs and groups") var inputs: InputOptions
  @OptionGroup(title: "Split") var split: SplitOptions
  @OptionGroup(title: "Training") var settings: TrainingSettings
  @Flag(help: "Print the effective configuration as JSON and exit; without data, that of 1,000 examples.")
  var printConfig = false
  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Initialise from another model: weights that match by name and shape.", valueName: "model"))
  var initial: String?
  @Option(
    help: ArgumentHelp(
      "Freeze parameters whose names contain this pattern; `*` matches any text (repeatable).",
      valueName: "pattern"))
  var freeze: [String] = []
  @Flag(
    inversion: .prefixedNo,
    help: "Store the means of the training inputs in the model file, for explanations.")
  var background = true
  @OptionGroup(title: "Files") var files: TrainingFileOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  /// Whether data files are named or piped.
  private var hasData: Bool { source.files.contains { $0 != nil } }

  func validate() throws {
    try source.refuseSharedInput(besides: inputs.files + [split.split, settings.config])
  }

  func run() throws {
    Compute.threadCount = threads.count
    try settings.refuseWrongNetwork(of: Source.Preset.self)
    let nominal = try settings.nominalOptions(for: source, further: !inputs.input.isEmpty)
    if printConfig, !hasData {
      report.note("configuration for 1,000 examples; the defaults depend on the data")
      return print(try ModelFile.json(nominal, pretty: true))
    }
    try source.requireInputs()
    try split.refuseWithoutEffect()
    if !printConfig { try TrainingRun.refuseExisting(files) }
    let transfer =
      initial == nil && freeze.isEmpty ? nil : try TransferLearning(from: initial, freezing: freeze)
    let lock = printConfig ? nil : try RunLock(files.checkpointPath)
    defer { lock?.release() }
    let context = try inputs.context(seed.seed, threads.count, report, split: split.split)
    var data = try source.read(context)
    try inputs.complete(&data, context)
    let options = try split.divide(&data, settings, source, by: inputs.group, seed: seed.seed, report)
    if printConfig { return print(try ModelFile.json(options, pretty: true)) }
    let training = try Training(
      data, options: options, seed: seed.seed, transfer: transfer, keepsBackground: background)
    training.report.forEach { report.note($0) }
    try source.willTrain(training, files, report)
    let plan = training.trainer.plan
    report.detail(
      "\(threads.count.counted("thread")), seed \(seed.seed); batches of \(plan.batchSize), "
        + "\(((training.sampleCount + plan.batchSize - 1) / plan.batchSize).counted("step")) an epoch, at most "
        + "\(training.epochs.counted("epoch")), learning rate \(plan.learningRate)")
    try TrainingRun(files: files, report: report).run(training)
  }
}
