import LigaseTensors

/// Trains a model by mini-batches: gradient, clipping, optimiser, schedule, moving average, validation, early
/// stopping.
///
/// `run(sampleCount:loss:validate:)` takes a step for each batch,
/// `run(sampleCount:window:length:loss:validate:)` reads a batch in windows of time steps.
///
/// `state` and `tensors` contain everything that is needed to resume a run: shuffling and dropout use
/// generators seeded by epoch and step, so a run that was killed and resumed has exactly the same result.
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
  /// The options of a training run.
  public struct Plan: Hashable, Sendable {
    /// The maximum number of epochs.
    package var epochs: Int
    /// The number of samples of a step.
    package var batchSize: Int
    /// The highest learning rate.
    package var learningRate: Float
    /// The schedule of the learning rate.
    package var schedule: LearningRateSchedule
    /// The largest norm of the gradient; nil does not clip.
    package var clipNorm: Float?
    /// The largest absolute value of a number of the gradient, applied before its norm is computed; nil does
    /// not clip.
    package var clipValue: Float?
    /// The number of epochs without a better validation metric after which training stops; nil never stops
    /// early.
    package var patience: Int?
    /// The decay per step of the moving average of weights that is validated and kept; nil keeps the weights
    /// themselves.
    package var averageDecay: Float?
    /// The number of parts of a batch. They are computed in the threads of the process; the trained weights
    /// depend on the number of parts, but not on that of threads.
    package var parts: Int
    /// The seed of shuffling and dropout.
    package var seed: UInt64

    /// Creates a plan.
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

  /// The state of a run.
  package struct State: Codable, Hashable, Sendable {
    /// The number of finished epochs.
    package var epoch = 0
    /// The number of finished batches of the current epoch.
    package var batch = 0
    /// The total number of finished steps.
    package var step = 0
    /// The sum of the losses of the epoch's samples so far.
    package var lossSum = 0.0
    /// The number of samples in that sum.
    package var lossCount = 0
    /// The state of the schedule.
    package var schedule = LearningRateSchedule.State()
    /// The state of early stopping.
    package var stopping: EarlyStopping
    /// The epoch of the best metric, from 1.
    package var bestEpoch: Int?

    /// Creates the state of a run before its start.
    package init(stopping: EarlyStopping) { self.stopping = stopping }
  }

  /// The end of a call of `run`.
  public enum Outcome: Sendable {
    /// All epochs are finished, or early stopping ended the training.
    case finished
    /// The caller requested a stop; the trainer can be saved and resumed.
    case interrupted
  }

  /// The error of a loss, a gradient or weights that are not finite.
  public struct Diverged: Error, CustomStringConvertible, Sendable {
    /// The epoch, from 1.
    package let epoch: Int
    /// The step of the run, from 1.
    package let step: Int
    /// The non-finite value, such as `a loss of nan`.
    package let found: String
    /// A description in one line.
    public var description: String {
      "training diverged: epoch \(epoch), step \(step): found \(found), expected finite numbers; "
        + "try a smaller learning rate"
    }
  }

  /// The error of a layer with statistics of whole batches, such as `BatchNorm`, in a run that divides
  /// batches into parts.
  package struct NeedsWholeBatches: Error, CustomStringConvertible, Sendable {
    /// The dotted name of the statistics.
    package let buffer: String
    /// The number of parts of the plan.
    package let parts: Int
    /// A description in one line.
    public var description: String {
      "'\(buffer)' holds statistics of whole batches: found a plan of \(parts) parts a batch, expected 1"
    }
  }

  /// The result of an epoch.
  public struct EpochReport: Hashable, Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The mean training loss of a sample.
    public var loss: Double
    /// The validation metric of the weights that would be kept; nil without validation.
    public var metric: Double?
    /// Whether this is the best epoch so far.
    public var isBest: Bool
    /// The learning rate of the last step.
    package var learningRate: Float
  }

  /// The plan of the run.
  package let plan: Plan
  /// The weights being trained, some of which may be frozen.
  var trained: Freezing<Model>
  /// The weights being trained.
  public var model: Model { trained.module }
  /// The moving average of the weights, if the plan requires one.
  package internal(set) var average: Model?
  /// The weights of the best epoch.
  package internal(set) var best: Model?
  /// The optimiser with its state.
  package internal(set) var optimizer: any Optimizer
  /// The state of the run.
  package internal(set) var state: State
  /// The names of frozen parameters: no gradient is computed for them.
  package var frozen: Set<String> {
    get { trained.names }
    set { trained.names = newValue }
  }
  /// Whether the last step changed statistics of normalisation layers.
  var hasStatistics = false
  /// The computation of a batch from its parts.
  package var reduction: any BatchReduction

  /// Creates a run.
  ///
  /// - Parameters:
  ///   - model: the model with its initial weights.
  ///   - optimizer: the optimiser; the plan sets its learning rate.
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

  /// The final weights: those of the best epoch, else the average or the current weights.
  public var result: Model { best ?? average ?? model }
}
