import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The input files of a task: the same options for `train`, `cv` and `tune`, and the reading of new data for
/// `predict`.
protocol TaskSource: ParsableArguments {
  /// The task.
  associatedtype Preset: Task
  /// The task in one line.
  static var abstract: String { get }
  /// The data options of an example command line.
  static var example: String { get }
  /// A longer explanation for the help.
  static var discussion: String { get }
  /// The named files; only one of them can be standard input.
  var files: [String?] { get }
  /// Reads the data and reports counts; subsets that the data itself names are its division.
  func read(_ context: ReadingContext) throws -> TrainingData
  /// Throws a usage error if no data is given.
  func requireInputs() throws
  /// Returns placeholder examples of typical number before data is read.
  func nominalExamples() -> Examples
  /// Sets choices that the data options imply.
  func choose(_ choice: inout TaskChoice)
  /// Changes default options as the data options imply.
  func adjust(_ options: inout ModelOptions)
  /// The option by which the user chose the subsets that the data names, if any.
  var splitOption: String? { get }
  /// Called before training begins, with what will be trained and the file of the model.
  func willTrain(_ training: Training, _ files: TrainingFileOptions, _ report: ReportOptions) throws
  /// The groups of options of `predict` that apply to models of the task.
  static var predictionOptions: Set<PredictionOptionGroup> { get }
  /// How many of a model's inputs `predict` reads from its own arguments.
  static var ownInputs: Int { get }
  /// The input of a model of the task, for messages.
  static var inputWords: String { get }
  /// Predicts files of their own, such as label maps, and returns true; false where predictions are a table.
  static func predictsFiles(_ model: Model, _ inputs: ExampleOptions) throws -> Bool
  /// Reads new data for a model and passes it to `body`, in batches where it is a stream; nil is standard
  /// input.
  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void) throws
}

extension TaskSource {
  /// Throws where several inputs are standard input.
  func refuseSharedInput(besides others: [String?]) throws {
    try FileArguments.refuseSharedInput(files + others, of: "inputs")
  }

  func requireInputs() throws {}
  static var ownInputs: Int { 1 }
  static func predictsFiles(_ model: Model, _ inputs: ExampleOptions) throws -> Bool { false }
  func choose(_ choice: inout TaskChoice) {}
  func adjust(_ options: inout ModelOptions) {}
  var splitOption: String? { nil }
  func willTrain(_ training: Training, _ files: TrainingFileOptions, _ report: ReportOptions) throws {}
}

/// The available tasks.
enum TaskSources {
  static let all: [any TaskSource.Type] = [
    DrugResponseSource.self, SequenceSource.self, ResiduesSource.self, ExpressionSource.self,
    GenotypeSource.self, TableSource.self, SeriesSource.self, ImageSource.self, SegmentationSource.self,
    MultimodalSource.self,
  ]

  /// A subcommand for each task.
  static var train: [any ParsableCommand.Type] { all.map { command($0) } }
  static var crossValidate: [any ParsableCommand.Type] { ofTables.map { crossValidation($0) } }
  static var tune: [any ParsableCommand.Type] { ofTables.map { search($0) } }
  /// The tasks whose predictions are rows of a table.
  private static var ofTables: [any TaskSource.Type] {
    func areRows<S: TaskSource>(_: S.Type) -> Bool { !S.Preset.readsSegments }
    return all.filter { areRows($0) }
  }

  private static func command<S: TaskSource>(_: S.Type) -> any ParsableCommand.Type { TrainTask<S>.self }
  private static func crossValidation<S: TaskSource>(_: S.Type) -> any ParsableCommand.Type {
    CrossValidateTask<S>.self
  }
  private static func search<S: TaskSource>(_: S.Type) -> any ParsableCommand.Type { TuneTask<S>.self }

  /// Returns the source of a model's task.
  static func source(of model: Model, path: String) throws -> any TaskSource.Type {
    func name<S: TaskSource>(_: S.Type) -> String { S.Preset.name }
    guard let found = all.first(where: { name($0) == model.task }) else {
      throw FormatError(
        .badData, path: path,
        "found a model for \(model.task), expected one for "
          + FormatError.list(all.map { name($0) }))
    }
    return found
  }
}

/// The training, validation and test subsets of the examples.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Table that assigns examples to train, val and test, or to folds.", valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("Fold to hold out as the test subset (default: 0).", valueName: "n"))
  var fold: Int?

  func refuseWithoutEffect() throws {
    if fold != nil, split == nil { throw ValidationError("--fold needs --split") }
  }

  /// Divides the examples by the split table, or draws a fraction for validation, and reports the subsets.
  ///
  /// - Returns: the options for the training examples.
  func divide<Source: TaskSource>(
    _ data: inout TrainingData, _ settings: TrainingSettings, _ source: Source, by group: String?,
    seed: UInt64,
    _ report: ReportOptions
  ) throws -> ModelOptions {
    // The defaults depend on the number of training examples and on the keys that the split holds out.
    let first = try settings.options(for: data, source), share = first.training.validationShare
    if let split {
      data.division = try SplitNaming.naming(split, source.files.compactMap { $0 }.first) {
        try Division(
          of: data.examples, by: Split(Table(contentsOf: split)), fold: fold ?? 0, validationShare: share,
          seed: seed
        )
      }
      data.division.report.forEach { report.note($0) }
      return try settings.options(for: data, source)
    }
    if data.division.validation.isEmpty {
      if data.division.test.isEmpty {
        var keys = Source.Preset.validationKeys(of: first.setting, data.examples)
        if let group, data.examples.keys.columns.count > 1 {
          guard data.examples.keys.column(group) != nil else {
            throw SplitError.missingColumn(group, data.examples.keys.names)
          }
          keys = [group]
        }
        data.division = try Division(
          of: data.examples, validationShare: share, wholeValuesOf: keys, seed: seed)
        data.division.report.forEach { report.note($0) }
      } else {
        data.division.drawValidation(data.examples, share: share, seed: seed)
      }
    }
    return first
  }
}

/// The options of network and training: a file, and command-line options that override it.
struct TrainingSettings: ParsableArguments {
  @Option(help: "Network architecture (default: depends on the data).")
  var architecture: EncoderOptions.Kind?
  @Option(help: ArgumentHelp("JSON file of options; command-line options override it.", valueName: "file"))
  var config: String?
  @Option(help: ArgumentHelp("Maximum number of epochs.", valueName: "n"))
  var epochs: Int?
  @Option(help: ArgumentHelp("Examples per optimiser step.", valueName: "n"))
  var batchSize: Int?
  @Option(help: ArgumentHelp("Peak learning rate.", valueName: "x"))
  var learningRate: Float?
  @Option(help: "Optimiser.")
  var optimizer: OptimizerOptions.Name?
  @Option(help: "Learning-rate schedule after warm-up.")
  var schedule: ScheduleOptions.Name?
  @Option(help: "Loss: standard (squared error or cross-entropy), huber for values, focal for classes.")
  var loss: LossOptions.Name?
  @Option(help: ArgumentHelp("Clip gradients to this norm; 0 disables clipping.", valueName: "x"))
  var clipNorm: Float?
  @Option(help: ArgumentHelp("Weight decay; decoupled for AdamW, otherwise an L2 penalty.", valueName: "x"))
  var weightDecay: Float?
  @Option(help: ArgumentHelp("Dropout rate.", valueName: "p"))
  var dropout: Float?
  @Option(help: ArgumentHelp("Hidden size of the recurrent layers.", valueName: "n"))
  var hiddenSize: Int?
  @Option(help: ArgumentHelp("Number of recurrent layers.", valueName: "n"))
  var layers: Int?
  @Option(
    help: ArgumentHelp(
      "Window of truncated backpropagation through time, in steps.", valueName: "n"))
  var bpttWindow: Int?
  @Option(
    help: ArgumentHelp("Number of networks in the ensemble; their predictions are averaged.", valueName: "n"))
  var ensemble: Int?
  @Option(
    help: ArgumentHelp(
      "Early stopping after N epochs without a better validation metric; 0 disables it.", valueName: "n"))
  var patience: Int?
  @Option(
    help: ArgumentHelp(
      "Fraction of examples drawn for validation if the split has no validation subset.", valueName: "0…0.9"))
  var validation: Double?
  @Flag(
    inversion: .prefixedNo,
    help:
      "Retrain on training and validation examples for the best number of epochs (default: depends on the task)."
  )
  var refit: Bool?
  @Option(help: "Class weights in the loss: none or balanced.")
  var classWeights: ClassWeights?

  enum ClassWeights: String, ExpressibleByArgument, CaseIterable { case none, balanced }

  /// Throws for options that are invalid for any data.
  func refuseWrongNetwork<Preset: Task>(of _: Preset.Type) throws {
    if let config { try Configuration(contentsOf: config).checkLayers(of: Preset.self) }
    if architecture == .layers, config == nil {
      throw ValidationError("--architecture layers needs --config with a list of layers")
    }
    if bpttWindow != nil, let architecture, let problem = EncoderOptions.windowProblem(of: architecture) {
      throw ValidationError(problem)
    }
  }

  /// Returns the options for a thousand placeholder examples, so that invalid options are found before data
  /// is read.
  ///
  /// - Parameter further: whether `--input` adds inputs, whose options in the file can be checked only once they are read.
  func nominalOptions<Source: TaskSource>(for source: Source, further: Bool) throws -> ModelOptions {
    var settings = self
    if further { settings.config = nil }
    return try settings.options(
      for: TrainingData(
        task: Source.Preset.name, unit: Source.Preset.unit, examples: source.nominalExamples()), source)
  }

  /// Returns the defaults for the data, changed by the configuration file and then by the flags.
  func options<Source: TaskSource>(for data: TrainingData, _ source: Source) throws -> ModelOptions {
    typealias Preset = Source.Preset
    func defaults(_ choice: TaskChoice) -> ModelOptions {
      var options = Preset.options(for: data, choice)
      source.adjust(&options)
      if let bpttWindow { options.walkInWindows(of: bpttWindow, kind: choice.kind) }
      return options
    }
    var choice = TaskChoice(kind: architecture)
    source.choose(&choice)
    var options = defaults(choice)
    let main = Preset.mainInput
    if let config {
      let changes = try Configuration(contentsOf: config)
      // An architecture or setting in the file has its own defaults.
      let named = try changes.laid(over: options)
      if !leavesChoice(changes, named, main) {
        choice.kind = choice.kind ?? named.inputs[main]?.encoder.chosenKind
      }
      choice.setting = choice.setting ?? named.setting
      options = try changes.laid(over: defaults(choice))
      options.setting = choice.setting
      for name in options.inputs.keys {
        options.inputs[name]!.encoder.kind = options.inputs[name]!.encoder.chosenKind
      }
      if let kind = choice.kind { options.inputs[main]?.encoder.kind = kind }
      if choice.kind != nil, options.inputs[main]?.encoder.candidates != nil {
        options.inputs[main]!.encoder.candidates = []
      }
    }
    if let epochs { options.training.epochs = epochs }
    if let batchSize { options.training.batchSize = batchSize }
    if let learningRate { options.training.learningRate = learningRate }
    if let optimizer { options.training.optimizer.name = optimizer }
    if let schedule { options.training.schedule.name = schedule }
    if let loss { options.training.loss.name = loss }
    if let clipNorm { options.training.clipNorm = clipNorm }
    if let weightDecay { options.training.weightDecay = weightDecay }
    if let patience { options.training.patience = patience }
    if let validation { options.training.validationShare = validation }
    if let refit { options.training.refits = refit }
    if let dropout {
      for name in options.inputs.keys { options.inputs[name]!.encoder.dropout = dropout }
      options.head.dropout = dropout
    }
    if let hiddenSize { options.inputs[main]?.encoder.hiddenSize = hiddenSize }
    if let layers { options.inputs[main]?.encoder.recurrentLayers = layers }
    if let ensemble { options.ensemble = ensemble }
    if let classWeights { options.training.balancesClasses = classWeights == .balanced }
    if let problem = options.problem { throw ValidationError(withFlag(problem)) }
    try refuseWithoutEffect(options, main)
    return options
  }

  /// Whether a file leaves the architecture to training examples, in tasks where they choose it.
  private func leavesChoice(_ changes: Configuration, _ named: ModelOptions, _ main: String) -> Bool {
    guard let candidates = named.inputs[main]?.encoder.candidates, !candidates.isEmpty else { return false }
    func sets(_ option: String) -> Bool { changes.setsEncoder(option, of: main) }
    return sets("candidates") || !sets("kind") && !sets("layers")
  }

  /// Returns a problem of an option with the name of its flag.
  private func withFlag(_ problem: String) -> String {
    let flags = [
      ("epochs", "--epochs", epochs != nil), ("batchSize", "--batch-size", batchSize != nil),
      ("learningRate", "--learning-rate", learningRate != nil), ("clipNorm", "--clip-norm", clipNorm != nil),
      ("weightDecay", "--weight-decay", weightDecay != nil), ("dropout", "--dropout", dropout != nil),
      ("hiddenSize", "--hidden-size", hiddenSize != nil), ("recurrentLayers", "--layers", layers != nil),
      ("ensemble", "--ensemble", ensemble != nil), ("patience", "--patience", patience != nil),
      ("validationShare", "--validation", validation != nil),
    ]
    guard let (key, flag, _) = flags.first(where: { $2 && problem.hasPrefix("\($0) must") }) else {
      return problem
    }
    return flag + problem.dropFirst(key.count)
  }

  /// Throws for options without effect.
  private func refuseWithoutEffect(_ options: ModelOptions, _ main: String) throws {
    guard let encoder = options.inputs[main]?.encoder else {
      for (name, isGiven) in [
        ("--architecture", architecture != nil), ("--hidden-size", hiddenSize != nil),
        ("--layers", layers != nil),
      ] where isGiven && main.isEmpty {
        throw ValidationError(
          "\(name) has no effect: the task has no input of its own; set inputs.NAME.encoder in --config")
      }
      return
    }
    let isRecurrent = [.lstm, .gru, .rnn, .cnnLSTM].contains(encoder.kind)
    for (name, isGiven) in [("--hidden-size", hiddenSize != nil), ("--layers", layers != nil)]
    where isGiven && !isRecurrent {
      throw ValidationError(
        "\(name) has no effect: the architecture \(encoder.kind.rawValue) has no recurrent layers")
    }
    if patience != nil, validation == 0 {
      throw ValidationError("--patience has no effect with --validation 0: there are no validation examples")
    }
  }
}

extension EncoderOptions.Kind: ExpressibleByArgument {}
extension OptimizerOptions.Name: ExpressibleByArgument {}
extension ScheduleOptions.Name: ExpressibleByArgument {}
extension LossOptions.Name: ExpressibleByArgument {}

extension String {
  /// The text with a lower-case first letter.
  var lowercasingFirst: String { prefix(1).lowercased() + dropFirst() }
}
