import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The data of a kind of supervised job: the same options for `train`, `cv` and `tune`.
protocol SupervisedSource: ParsableArguments {
  /// What the models are for; the name of the subcommand.
  static var task: SupervisedModel.Task { get }
  /// What is learned, in one line.
  static var abstract: String { get }
  /// The data part of a command line.
  static var example: String { get }
  /// What there is to know beside the options.
  static var discussion: String { get }
  /// Reads the data and says what was found.
  func read(seed: UInt64, threads: Int, _ report: ReportOptions) throws -> SupervisedData
  /// Changes of the default options that the data options imply.
  func adjust(_ options: inout SupervisedOptions)
}

extension SupervisedSource {
  func adjust(_ options: inout SupervisedOptions) {}
}

/// Which examples train, choose the epoch and are kept for a test.
struct SupervisedSplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Table that says which examples are train, val and test, or their folds.", valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("The fold to be kept for the test.", valueName: "n"))
  var fold = 0

  /// Divides the examples, by the table or by drawing a share for validation, and says what was found.
  ///
  /// - Returns: the options for the examples that train.
  func divide(
    _ data: inout SupervisedData, _ settings: SupervisedSettings, _ source: some SupervisedSource,
    seed: UInt64,
    _ report: ReportOptions
  ) throws -> SupervisedOptions {
    let options = try settings.options(for: data, adjusted: source.adjust)
    let share = options.training.validationShare
    guard let split else {
      if data.validation.isEmpty { data.drawValidation(share: share, seed: seed) }
      return options
    }
    let lines = try data.apply(
      Split(Table(contentsOf: split)), fold: fold, validationShare: share, seed: seed)
    lines.forEach { report.note($0) }
    // How many examples train decides about the defaults.
    return try settings.options(for: data, adjusted: source.adjust)
  }
}

/// The network and its training: a file, and flags that win over it.
struct SupervisedSettings: ParsableArguments {
  @Option(help: "What the network is made of (default: what suits the data).")
  var architecture: Architecture.Kind?
  @Option(help: ArgumentHelp("JSON file of options; flags win over it.", valueName: "file"))
  var config: String?
  @Option(help: ArgumentHelp("At most so many passes over the training examples.", valueName: "n"))
  var epochs: Int?
  @Option(help: ArgumentHelp("Examples a step.", valueName: "n"))
  var batchSize: Int?
  @Option(help: ArgumentHelp("The highest learning rate.", valueName: "x"))
  var learningRate: Float?
  @Option(help: ArgumentHelp("AdamW's weight decay.", valueName: "x"))
  var weightDecay: Float?
  @Option(help: ArgumentHelp("The probability with which hidden numbers are dropped.", valueName: "p"))
  var dropout: Float?
  @Option(help: ArgumentHelp("H of the recurrent layers.", valueName: "n"))
  var hiddenSize: Int?
  @Option(help: ArgumentHelp("How many recurrent layers lie on top of each other.", valueName: "n"))
  var layers: Int?
  @Option(help: ArgumentHelp("How many networks are trained side by side and averaged.", valueName: "n"))
  var members: Int?
  @Option(
    help: ArgumentHelp(
      "Stop after so many epochs without a better validation metric; 0 never.", valueName: "n"))
  var patience: Int?
  @Option(
    help: ArgumentHelp(
      "The share of examples that chooses the epoch where no split names it.", valueName: "0…0.9"))
  var validation: Double?
  @Flag(
    inversion: .prefixedNo,
    help: "Train again on validation examples too (default: where examples are few).")
  var refit: Bool?
  @Option(help: "What a class weighs in the loss: as its examples are many, or all the same.")
  var classWeights: ClassWeights?

  enum ClassWeights: String, ExpressibleByArgument, CaseIterable { case none, balanced }

  /// The defaults for the data, then the file, then the flags.
  func options(for data: SupervisedData, adjusted: (inout SupervisedOptions) -> Void) throws
    -> SupervisedOptions
  {
    func defaults(_ kind: Architecture.Kind?) -> SupervisedOptions {
      var options = SupervisedOptions(
        kind, for: data.examples.inputs, target: data.examples.target, count: data.train.count)
      adjusted(&options)
      return options
    }
    var options = defaults(architecture)
    if let config {
      let changes = try Configuration(contentsOf: config)
      // An architecture in the file brings its own defaults.
      let named = try architecture ?? changes.laid(over: options).architecture.kind
      options = try changes.laid(over: defaults(named))
      options.architecture.kind = named
    }
    if let epochs { options.training.epochs = epochs }
    if let batchSize { options.training.batchSize = batchSize }
    if let learningRate { options.training.learningRate = learningRate }
    if let weightDecay { options.training.weightDecay = weightDecay }
    if let patience { options.training.patience = patience }
    if let validation { options.training.validationShare = validation }
    if let refit { options.training.refits = refit }
    if let dropout { options.architecture.dropout = dropout }
    if let hiddenSize { options.architecture.hiddenSize = hiddenSize }
    if let layers { options.architecture.layers = layers }
    if let members { options.architecture.members = members }
    if let classWeights { options.training.balancesClasses = classWeights == .balanced }
    if let problem = options.problem { throw ValidationError(problem) }
    return options
  }
}

extension Architecture.Kind: ExpressibleByArgument {}
