import LigaseTensors

/// Trains a model by mini-batches: gradient, clipping, optimiser, schedule, moving average, validation, early
/// stopping.
///
/// Everything a run needs to go on is in `state`, `tensors` and nothing else: shuffling and dropout draw from
/// generators seeded by epoch and step, so a run that was killed and resumed ends in the same bytes.
public struct Trainer<Model: Module>: Sendable {
  /// How to train.
  public struct Plan: Codable, Hashable, Sendable {
    /// At most this many passes over the training samples.
    public var epochs: Int
    /// Samples a step.
    public var batchSize: Int
    /// The highest learning rate.
    public var learningRate: Float
    /// How the learning rate moves over the run.
    public var schedule: LearningRateSchedule
    /// Gradients longer than this are scaled down to it; nil leaves them.
    public var clipNorm: Float?
    /// Stops after so many epochs without a better validation metric; nil never stops early.
    public var patience: Int?
    /// The decay a step of the moving average of weights that is validated and kept; nil keeps the weights themselves.
    public var averageDecay: Float?
    /// The seed of shuffling and dropout.
    public var seed: UInt64

    /// Joins the settings.
    public init(
      epochs: Int, batchSize: Int, learningRate: Float, schedule: LearningRateSchedule = .constant,
      clipNorm: Float? = nil, patience: Int? = nil, averageDecay: Float? = nil, seed: UInt64 = 0
    ) {
      self.epochs = epochs
      self.batchSize = batchSize
      self.learningRate = learningRate
      self.schedule = schedule
      self.clipNorm = clipNorm
      self.patience = patience
      self.averageDecay = averageDecay
      self.seed = seed
    }
  }

  /// Where a run stands.
  public struct State: Codable, Hashable, Sendable {
    /// Finished epochs.
    public var epoch = 0
    /// Finished batches of the epoch under way.
    public var batch = 0
    /// Finished steps in all.
    public var step = 0
    /// The sum over the epoch's samples of their losses so far.
    public var lossSum = 0.0
    /// The samples that sum is over.
    public var lossCount = 0
    /// The schedule's memory.
    public var schedule = LearningRateSchedule.State()
    /// The best validation metric.
    public var stopping: EarlyStopping
    /// The epoch of the best metric, from 1.
    public var bestEpoch: Int?

    /// A run that has not begun.
    public init(stopping: EarlyStopping) { self.stopping = stopping }
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
    public let epoch: Int
    /// The step of the run, from 1.
    public let step: Int
    /// What is not finite: `a loss of nan`.
    public let found: String
    /// One line: where, what was found and what was expected.
    public var description: String {
      "training diverged: epoch \(epoch), step \(step): found \(found), expected finite numbers; "
        + "try a smaller learning rate"
    }
  }

  /// What an epoch ended with.
  public struct EpochReport: Codable, Hashable, Sendable {
    /// From 1.
    public var epoch: Int
    /// The mean training loss a sample.
    public var loss: Double
    /// The validation metric of the weights that would be kept; nil without validation.
    public var metric: Double?
    /// Whether this is the best epoch so far.
    public var isBest: Bool
    /// The learning rate of the last step.
    public var learningRate: Float
  }

  /// How to train.
  public let plan: Plan
  /// The weights being trained.
  public private(set) var model: Model
  /// The moving average of the weights, when the plan asks for one.
  public private(set) var average: Model?
  /// The weights of the best epoch.
  public private(set) var best: Model?
  /// The optimiser with its averages.
  public private(set) var optimizer: any Optimizer
  /// Where the run stands.
  public private(set) var state: State
  /// The names of parameters that are kept as they are.
  public var frozen: Set<String> = []

  /// A run from its beginning.
  ///
  /// - Parameter metricIsLoss: whether a smaller validation metric is better.
  public init(_ model: Model, optimizer: any Optimizer, plan: Plan, metricIsLoss: Bool = true) {
    self.model = model
    self.optimizer = optimizer
    self.plan = plan
    average = plan.averageDecay == nil ? nil : model
    state = State(stopping: EarlyStopping(smallerIsBetter: metricIsLoss, patience: plan.patience))
  }

  /// The weights a user wants: the best epoch's; before one is known, the average or the weights as they are.
  public var result: Model { best ?? average ?? model }

  /// Runs until the plan is done or `shouldStop` says so.
  ///
  /// - Parameters:
  ///   - sampleCount: training samples; each epoch visits all, in an order of its own.
  ///   - loss: the mean loss over the samples of a batch, named by their indices.
  ///   - validate: the metric of given weights on the validation samples; nil without validation.
  ///   - shouldStop: asked after every step.
  ///   - onStep: told after every step how far the epoch is: batches done and batches in all, and the mean loss.
  ///   - onEpoch: told after every epoch; the trainer it gets can be saved.
  public mutating func run(
    sampleCount: Int, loss: (Model, [Int], Context) -> Tensor, validate: ((Model) throws -> Double)?,
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (Trainer, EpochReport) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    let batches = (sampleCount + plan.batchSize - 1) / plan.batchSize
    while state.epoch < plan.epochs, !state.stopping.isOver {
      var order = Array(0..<sampleCount)
      var shuffler = SeededGenerator(seed: plan.seed, stream: "shuffle", step: state.epoch)
      shuffler.shuffle(&order)
      while state.batch < batches {
        let lower = state.batch * plan.batchSize
        try takeStep(on: Array(order[lower..<min(lower + plan.batchSize, sampleCount)]), of: batches, loss)
        onStep(state.batch, batches, state.lossSum / Double(max(state.lossCount, 1)))
        if state.batch < batches, shouldStop() { return .interrupted }
      }
      let report = try finishEpoch(validate)
      try onEpoch(self, report)
      if shouldStop(), state.epoch < plan.epochs, !state.stopping.isOver { return .interrupted }
    }
    return .finished
  }

  private mutating func takeStep(
    on samples: [Int], of batches: Int, _ loss: (Model, [Int], Context) -> Tensor
  ) throws {
    optimizer.learningRate = plan.schedule.rate(
      plan.learningRate, step: state.step, of: plan.epochs * batches, stepsPerEpoch: batches,
      state: state.schedule)
    let context = Context.training(SeededGenerator(seed: plan.seed, stream: "step", step: state.step))
    var (value, gradient) = valueWithGradient(at: model) { loss($0, samples, context) }
    if !frozen.isEmpty { gradient.clear(frozen) }
    let norm = gradient.clip(toNorm: plan.clipNorm)
    guard value.scalar.isFinite, norm.isFinite else {
      throw Diverged(
        epoch: state.epoch + 1, step: state.step + 1,
        found: value.scalar.isFinite ? "a gradient of norm \(norm)" : "a loss of \(value.scalar.magnitude)")
    }
    let before = frozen.isEmpty ? nil : model
    optimizer.update(&model, along: gradient)
    if let before { model.keep(frozen, of: before) }
    context.applyChanges(to: &model)
    if let decay = plan.averageDecay {
      // A young average forgets its random start: the decay grows to its full value.
      let warm = min(decay, Float(state.step + 1) / Float(state.step + 10))
      average?.average(with: model, keeping: warm)
      // A mean of equal numbers is rounded: what is kept is kept to the last bit.
      if let before { average?.keep(frozen, of: before) }
    }
    state.lossSum += Double(value.scalar) * Double(samples.count)
    state.lossCount += samples.count
    state.batch += 1
    state.step += 1
  }

  private mutating func finishEpoch(_ validate: ((Model) throws -> Double)?) throws -> EpochReport {
    guard (average ?? model).namedTensors.allSatisfy({ $0.tensor.isFinite }) else {
      throw Diverged(epoch: state.epoch + 1, step: state.step, found: "weights that are not finite")
    }
    let loss = state.lossSum / Double(max(state.lossCount, 1))
    let metric = try validate?(average ?? model)
    let isBest = metric.map { state.stopping.record($0) } ?? true
    if isBest {
      best = average ?? model
      state.bestEpoch = state.epoch + 1
    }
    let height = metric.map { state.stopping.smallerIsBetter ? $0 : -$0 } ?? loss
    plan.schedule.finishEpoch(metric: height, state: &state.schedule)
    state.epoch += 1
    state.batch = 0
    state.lossSum = 0
    state.lossCount = 0
    return EpochReport(
      epoch: state.epoch, loss: loss, metric: metric, isBest: isBest, learningRate: optimizer.learningRate)
  }
}

extension Module {
  /// Makes the named parameters of a gradient zero: what is kept has no part in its length.
  fileprivate mutating func clear(_ names: Set<String>) {
    updateTensors { name, role, tensor in
      if role == .parameter, names.contains(name) { tensor = .zeros(tensor.shape) }
    }
  }

  /// Takes the named parameters back from an earlier copy.
  fileprivate mutating func keep(_ names: Set<String>, of earlier: Self) {
    var tensors = earlier.namedTensors.makeIterator()
    updateTensors { name, role, tensor in
      guard let old = tensors.next() else { return }
      if role == .parameter, names.contains(name) { tensor = old.tensor }
    }
  }
}

// MARK: Checkpoints

extension Trainer {
  private static var sections: [(String, WritableKeyPath<Trainer, Model?>)] {
    [("average", \.average), ("best", \.best)]
  }

  /// Every tensor of the run: weights, their average, the best ones and the optimiser's averages.
  public var tensors: [(name: String, tensor: Tensor)] {
    var all = model.namedTensors.map { ("model/\($0.name)", $0.tensor) }
    for (section, path) in Self.sections {
      all += (self[keyPath: path]?.namedTensors ?? []).map { ("\(section)/\($0.name)", $0.tensor) }
    }
    all += optimizer.state.sorted { $0.key < $1.key }.map { ("optimizer/\($0.key)", $0.value) }
    return all
  }

  /// Takes up a saved run.
  ///
  /// - Parameters:
  ///   - saved: the state at saving.
  ///   - tensor: the saved tensor of a name, or nil.
  /// - Throws: `ModuleLoadingError` when a tensor is missing or has another shape, or the state cannot be one of
  ///   this run.
  public mutating func resume(from saved: State, names: [String], tensor: (String) -> Tensor?) throws {
    guard saved.epoch >= 0, saved.batch >= 0, saved.step >= saved.epoch, saved.lossCount >= 0 else {
      throw ModuleLoadingError(
        description: "found epoch \(saved.epoch), batch \(saved.batch), step \(saved.step)")
    }
    try model.load { tensor("model/\($0)") }
    for (section, path) in Self.sections {
      guard names.contains(where: { $0.hasPrefix("\(section)/") }) else {
        self[keyPath: path] = nil
        continue
      }
      var part = model
      try part.load { tensor("\(section)/\($0)") }
      self[keyPath: path] = part
    }
    let shapes = Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor.shape) })
    optimizer.state = [:]
    for name in names where name.hasPrefix("optimizer/") {
      let key = String(name.dropFirst("optimizer/".count)), shape = tensor(name)?.shape
      guard let end = key.lastIndex(of: "/"), let expected = shapes[String(key[..<end])], shape == expected
      else {
        throw ModuleLoadingError(
          description: "the tensor '\(name)' has the shape \(shape ?? []), which is that of no parameter")
      }
      optimizer.state[key] = tensor(name)
    }
    try requireWholeAverages()
    optimizer.step = saved.step
    state = saved
  }

  /// Throws where parameters have other running averages than each other: a lost one would begin again at zeros.
  private func requireWholeAverages() throws {
    func split(_ key: String) -> (parameter: Substring, average: Substring) {
      let end = key.lastIndex(of: "/") ?? key.startIndex
      return (key[..<end], key[end...].dropFirst())
    }
    let averages = Set(optimizer.state.keys.map { split($0).average }).sorted()
    for (name, role, _) in model.namedTensors where role == .parameter {
      if let lost = averages.first(where: { optimizer.state["\(name)/\($0)"] == nil }) {
        throw ModuleLoadingError(description: "the tensor 'optimizer/\(name)/\(lost)' is missing")
      }
    }
  }
}
