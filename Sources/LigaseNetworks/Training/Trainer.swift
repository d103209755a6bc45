import LigaseTensors

/// Trains a model by mini-batches: gradient, clipping, optimiser, schedule, moving average, validation, early
/// stopping.
///
/// `run(sampleCount:loss:validate:)` takes a step a batch, `run(sampleCount:window:length:loss:validate:)` walks a batch in
/// windows of time steps.
///
/// Everything a run needs to go on is in `state`, `tensors` and nothing else: shuffling and dropout draw from
/// generators seeded by epoch and step, so a run that was killed and resumed ends in the same bytes.
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4], shape: [4, 1]), y = Tensor([3, 5, 7, 9], shape: [4, 1])
/// var trainer = Trainer(
///   Linear(1, 1, from: .drawing(seed: 1)), optimizer: Adam(),
///   plan: .init(epochs: 200, batchSize: 2, learningRate: 0.05, patience: 20))
/// try trainer.run(
///   sampleCount: 4,
///   loss: { model, rows, context in
///     let rows = rows.map(Int32.init)
///     return squaredError(model(x.gatheredRows(rows), context), y.gatheredRows(rows))
///   },
///   validate: { model in Double(squaredError(model(x, .inference), y).scalar) },
///   onEpoch: { _, report in print(report.epoch, report.loss, report.metric ?? .nan) })
/// let model = trainer.result                         // of the best epoch
/// ```
public struct Trainer<Model: Module>: Sendable {
  /// How to train.
  public struct Plan: Hashable, Sendable {
    /// At most this many passes over the training samples.
    package var epochs: Int
    /// Samples a step.
    package var batchSize: Int
    /// The highest learning rate.
    package var learningRate: Float
    /// How the learning rate moves over the run.
    package var schedule: LearningRateSchedule
    /// Gradients longer than this are scaled down to it; nil leaves them.
    package var clipNorm: Float?
    /// Numbers of a gradient beyond plus or minus this are brought back to it, before its length is measured; nil leaves
    /// them.
    package var clipValue: Float?
    /// Stops after so many epochs without a better validation metric; nil never stops early.
    package var patience: Int?
    /// The decay a step of the moving average of weights that is validated and kept; nil keeps the weights themselves.
    package var averageDecay: Float?
    /// The parts that a batch is cut into by position. They run on the threads of the process; the weights that come out
    /// depend on the number of parts, not on that of threads.
    package var parts: Int
    /// The seed of shuffling and dropout.
    package var seed: UInt64

    /// Joins the settings.
    public init(
      epochs: Int, batchSize: Int, learningRate: Float,
      schedule: LearningRateSchedule = LearningRateSchedule(.constant),
      clipNorm: Float? = nil, clipValue: Float? = nil, patience: Int? = nil, averageDecay: Float? = nil,
      parts: Int = 1, seed: UInt64 = 0
    ) {
      require(parts >= 1, "Trainer.Plan: found \(parts) parts, expected at least 1")
      self.epochs = epochs
      self.batchSize = batchSize
      self.learningRate = learningRate
      self.schedule = schedule
      self.clipNorm = clipNorm
      self.clipValue = clipValue
      self.patience = patience
      self.averageDecay = averageDecay
      self.parts = parts
      self.seed = seed
    }
  }

  /// Where a run stands.
  package struct State: Codable, Hashable, Sendable {
    /// Finished epochs.
    package var epoch = 0
    /// Finished batches of the epoch under way.
    package var batch = 0
    /// Finished steps in all.
    package var step = 0
    /// The sum over the epoch's samples of their losses so far.
    package var lossSum = 0.0
    /// The samples that sum is over.
    package var lossCount = 0
    /// The schedule's memory.
    package var schedule = LearningRateSchedule.State()
    /// The best validation metric.
    package var stopping: EarlyStopping
    /// The epoch of the best metric, from 1.
    package var bestEpoch: Int?

    /// A run that has not begun.
    package init(stopping: EarlyStopping) { self.stopping = stopping }
  }

  /// How a call of `run` ended.
  public enum Outcome: Sendable {
    /// All epochs are done, or early stopping said so.
    case finished
    /// The caller asked to stop; the trainer can be saved and run on.
    case interrupted
  }

  /// A loss, a gradient or weights that are not finite: training cannot go on.
  public struct Diverged: Error, CustomStringConvertible, Sendable {
    /// The epoch, from 1.
    package let epoch: Int
    /// The step of the run, from 1.
    package let step: Int
    /// What is not finite: `a loss of nan`.
    package let found: String
    /// One line: where, what was found and what was expected.
    public var description: String {
      "training diverged: epoch \(epoch), step \(step): found \(found), expected finite numbers; "
        + "try a smaller learning rate"
    }
  }

  /// A layer that keeps statistics of whole batches, such as `BatchNorm`, in a run that cuts batches into parts.
  package struct NeedsWholeBatches: Error, CustomStringConvertible, Sendable {
    /// The dotted name of the statistics.
    package let buffer: String
    /// The parts of the plan.
    package let parts: Int
    /// One line: what was found and what was expected.
    public var description: String {
      "'\(buffer)' holds statistics of whole batches: found a plan of \(parts) parts a batch, expected 1"
    }
  }

  /// The result of an epoch.
  public struct EpochReport: Hashable, Sendable {
    /// From 1.
    public var epoch: Int
    /// The mean training loss a sample.
    public var loss: Double
    /// The validation metric of the weights that would be kept; nil without validation.
    public var metric: Double?
    /// Whether this is the best epoch so far.
    public var isBest: Bool
    /// The learning rate of the last step.
    package var learningRate: Float
  }

  /// How to train.
  package let plan: Plan
  /// The weights being trained, some of them perhaps frozen.
  var trained: Freezing<Model>
  /// The weights being trained.
  public var model: Model { trained.module }
  /// The moving average of the weights, when the plan asks for one.
  package internal(set) var average: Model?
  /// The weights of the best epoch.
  package internal(set) var best: Model?
  /// The optimiser with its averages.
  package internal(set) var optimizer: any Optimizer
  /// Where the run stands.
  package internal(set) var state: State
  /// The names of parameters that are kept as they are: no gradient is computed for them.
  package var frozen: Set<String> {
    get { trained.names }
    set { trained.names = newValue }
  }
  /// How a batch is put together from its parts.
  package var reduction: any BatchReduction

  /// A run from its beginning.
  ///
  /// - Parameters:
  ///   - model: the model with its initial weights.
  ///   - optimizer: changes the weights; the plan sets its learning rate.
  ///   - plan: epochs, batches, schedule, clipping, early stopping, seed.
  ///   - metricIsLoss: whether a smaller validation metric is better.
  public init(_ model: Model, optimizer: any Optimizer, plan: Plan, metricIsLoss: Bool = true) {
    trained = Freezing(model, names: [])
    self.optimizer = optimizer
    self.plan = plan
    reduction = plan.parts == 1 ? WholeBatch() : PartsOnThreads()
    average = plan.averageDecay == nil ? nil : model
    state = State(stopping: EarlyStopping(smallerIsBetter: metricIsLoss, patience: plan.patience))
  }

  /// The weights a user wants: the best epoch's; before one is known, the average or the weights as they are.
  public var result: Model { best ?? average ?? model }
}
