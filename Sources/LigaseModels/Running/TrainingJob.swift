import LigaseNetworks

/// A training run as a command drives it: it can be run on, saved, resumed, and made a model.
public protocol TrainingJob: Sendable {
  /// The network being trained.
  associatedtype Network: Module
  /// The run.
  var trainer: Trainer<Network> { get }
  /// What people are told before the run.
  var report: [String] { get }
  /// The validation metric: `rmse`.
  var metricName: String { get }
  /// What is learned from: `pairs`.
  var unit: String { get }
  /// How many of them an epoch visits.
  var sampleCount: Int { get }
  /// Whether this is the second run, on training and validation examples together.
  var isRefit: Bool { get }
  /// Epochs run, and what was reached.
  var metrics: [String: Double] { get }
  /// Runs, or runs on, until done or told to stop.
  mutating func run(
    shouldStop: () -> Bool, onStep: (Int, Int, Double) -> Void,
    onEpoch: (Self, Trainer<Network>.EpochReport) throws -> Void
  ) throws -> Trainer<Network>.Outcome
  /// The second run, when this one is done and the options ask for it.
  func refit() throws -> Self?
  /// Writes all that is needed to go on.
  func writeCheckpoint(to path: String) throws
  /// Takes up a run where a checkpoint left it.
  mutating func resume(fromCheckpoint path: String) throws
  /// Writes the model as it would be kept now.
  func writeModel(to path: String, overwrite: Bool) throws
}

extension TrainingJob {
  /// How many epochs the run has at most.
  public var epochs: Int { trainer.plan.epochs }
}
