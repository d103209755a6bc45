import LigaseDatasets

/// A preset for a kind of job: its inputs and default options. A task is one file here, and one in the
/// command that reads its files.
package protocol Task {
  /// The name of its subcommands and in model files.
  static var name: String { get }
  /// Whether every step of an example has outputs.
  static var isOfSteps: Bool { get }
  /// Whether outputs are of every place of examples that are read in segments; predictions are files then.
  static var readsSegments: Bool { get }
  /// The noun for examples.
  static var unit: String { get }
  /// Returns the default options for some data.
  static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions
  /// The settings that a user can choose; empty where there is only one.
  static var settings: [String] { get }
  /// Returns the key columns of which whole values are drawn for validation: those whose values are new in
  /// the prediction setting.
  static func validationKeys(of setting: String?, _ examples: Examples) -> [String]
  /// Returns the key column whose equal values are in one fold of a cross-validation, unless the user names another; nil where
  /// examples are assigned one by one, or by their groups.
  static func foldKey(_ examples: Examples) -> String?
  /// The input to which options of a single encoder apply, such as the architecture.
  static var mainInput: String { get }
}

extension Task {
  package static var isOfSteps: Bool { false }
  package static var readsSegments: Bool { false }
  package static var settings: [String] { [] }
  package static func validationKeys(of setting: String?, _ examples: Examples) -> [String] { [] }
  package static func foldKey(_ examples: Examples) -> String? { nil }
}

extension Task {
  /// The defaults for some data, with what its objective asks for.
  package static func options(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    var options = defaults(for: data, choice)
    options.addInputs(of: data)
    if data.examples.target.objective == SurvivalObjective.name { options.gatherRiskSets(data) }
    return options
  }
}

extension ModelOptions {
  /// The most examples of a batch whose risk sets are gathered.
  private static let mostAtRisk = 8192
  /// The fewest events of which some are held out for early stopping: of fewer, a tenth is too few to choose an epoch by.
  private static let fewestEvents = 100

  /// The inputs beside those of the task: a row of features enters a linear layer of its own, whose penalty inner folds choose;
  /// steps enter the task's fusion through a recurrent network.
  fileprivate mutating func addInputs(of data: TrainingData) {
    for input in data.examples.inputs where inputs[input.name] == nil {
      inputs[input.name] = .init(input.modality, .beside(input))
      if input.modality.base.axes == 0 { training.choosesPenalties = true }
    }
    guard data.learnsMissing else { return }
    let learned = data.division.train
    for input in data.examples.inputs {
      guard let index = input.index else { continue }
      let missing = Float(learned.count { index[$0] < 0 }) / Float(max(learned.count, 1))
      inputs[input.name]!.encoder.missingRate = min(max(missing, Self.leastMissingRate), 0.5)
    }
  }

  /// The least probability with which an input that examples may lack is hidden in training: that of usual dropout.
  private static let leastMissingRate: Float = 0.1

  /// The partial likelihood compares examples: the batch is the whole cohort, where it is not too large.
  fileprivate mutating func gatherRiskSets(_ data: TrainingData) {
    // The number of steps stays the same with larger batches.
    let count = max(data.division.train.count, 1), size = min(count, Self.mostAtRisk)
    func batches(_ size: Int) -> Int { (count + size - 1) / size }
    training.epochs = training.epochs * batches(training.batchSize) / batches(size)
    (training.batchSize, training.parts) = (size, 1)
    let observed = data.examples.observations.numbers
    let learned = data.division.train + data.division.validation
    if learned.count(where: { observed[$0 * 2 + 1] == 1 }) < Self.fewestEvents {
      training.validatesNothing()
      // A linear layer with a penalty cannot overfit by more epochs.
      if inputs.values.contains(where: { $0.encoder.kind != .linear }) { training.choosesEpochs = true }
    }
  }
}

extension EncoderOptions {
  /// The default encoder of one of several inputs.
  static func beside(_ input: ExampleInput) -> EncoderOptions {
    if input.modality.name == SeriesModality.name { return SeriesTask.encoder(nil) }
    if input.modality.base.axes == 2 { return ImageTask.encoder(nil, of: input) }
    var encoder = EncoderOptions(input.modality.base.axes == 0 ? .linear : .lstm)
    if encoder.kind == .linear {
      encoder.hasLinearPath = true
      encoder.pooling = .mean
      encoder.poolSize = 1
    }
    return encoder
  }
}

/// The user's choices that affect the defaults.
package struct TaskChoice: Sendable {
  /// The kind of encoder of the main input.
  package var kind: EncoderOptions.Kind?
  /// The prediction setting.
  package var setting: String?

  package init(kind: EncoderOptions.Kind? = nil, setting: String? = nil) {
    (self.kind, self.setting) = (kind, setting)
  }
}

extension ModelOptions {
  /// Creates options with one input.
  init(_ input: ExampleInput, _ encoder: EncoderOptions) {
    self.init(inputs: [input.name: .init(input.modality, encoder)])
  }
}
