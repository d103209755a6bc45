import LigaseTensors

extension Trainer {
  /// Runs until the plan is finished or `shouldStop` returns true.
  ///
  /// - Parameters:
  ///   - sampleCount: the number of training samples; each epoch visits all, in its own order.
  ///   - loss: returns the loss of some samples, given their indices: a `LossSum`, or the mean where all
  ///     samples have equal weights. With several parts it is called in several threads at once.
  ///   - penalty: a term that depends on the parameters alone, added to the mean loss; nil for none.
  ///   - validate: returns the metric of given weights on the validation samples; nil without validation.
  ///   - shouldStop: called after every step.
  ///   - onStep: called after every step with the number of finished batches, the number of batches of the
  ///     epoch, and the mean loss.
  ///   - onEpoch: called after every epoch; the trainer it gets can be saved.
  public mutating func run<Loss: LossValue>(
    sampleCount: Int, loss: @Sendable (Model, [Int], Context) -> Loss, penalty: ((Model) -> Tensor?)? = nil,
    validate: ((Model) throws -> Double)?,
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (Trainer, EpochReport) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    try runBatches(
      sampleCount,
      { trainer, samples, batches in
        let plan = trainer.plan
        let step = try trainer.takeStep(of: batches, penalty) { model, part, context in
          let own = plan.samples(samples, ofPart: part)
          return own.isEmpty ? nil : loss(model, own, context).sum(ofSamples: own.count)
        }
        return Double(step.loss)
      },
      { model, samples, context in _ = loss(model, samples, context) }, validate, shouldStop, onStep, onEpoch)
  }

  /// Runs as `run(sampleCount:loss:validate:)` does, but reads each batch from its first time step to its
  /// last in windows, with an optimiser step for each window (truncated backpropagation through time).
  ///
  /// Source: Williams and Peng, "An efficient gradient-based algorithm for on-line training of recurrent
  /// network trajectories" (1990). States are carried from window to window without gradients, so memory does
  /// not grow with the length. A window that covers the whole batch gives the loss and gradient of full
  /// backpropagation. A batch is the unit of checkpoints and of the learning rate.
  ///
  /// - Parameters:
  ///   - window: the number of time steps of a window; the last one may be shorter.
  ///   - length: returns the number of time steps of the longest of some samples.
  ///   - loss: returns the loss of the given time steps of some samples from the given states (nil: zeros),
  ///     and the states after them, one for each recurrent layer.
  package mutating func run<Loss: LossValue>(
    sampleCount: Int, window: Int, length: ([Int]) -> Int,
    loss:
      @Sendable (Model, [Int], Range<Int>, [RecurrentState]?, Context) -> (
        loss: Loss, states: [RecurrentState]
      ), penalty: ((Model) -> Tensor?)? = nil, validate: ((Model) throws -> Double)?,
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (Trainer, EpochReport) throws -> Void = { _, _ in }
  ) throws -> Outcome {
    require(window >= 1, "Trainer.run: a window of \(window) time steps")
    return try runBatches(
      sampleCount,
      { trainer, samples, batches in
        var states = [[RecurrentState]?](repeating: nil, count: trainer.plan.parts)
        var (total, weight) = (0.0, 0.0)
        let plan = trainer.plan, end = length(samples)
        for start in stride(from: 0, to: end, by: window) {
          let steps = start..<min(start + window, end)
          let step = try states.withUnsafeMutableBufferPointer { states in
            nonisolated(unsafe) let states = states
            return try trainer.takeStep(of: batches, penalty) { model, part, context in
              let own = plan.samples(samples, ofPart: part)
              if own.isEmpty { return nil }
              let (loss, after) = loss(model, own, steps, states[part], context)
              states[part] = after.map(\.detached)
              return loss.sum(ofSamples: own.count)
            }
          }
          total += Double(step.loss) * step.weight
          weight += step.weight
        }
        return weight == 0 ? 0 : total / weight
      },
      { model, samples, context in _ = loss(model, samples, 0..<length(samples), nil, context) }, validate,
      shouldStop, onStep, onEpoch)
  }

  /// Runs the remaining batches of the epochs; `takeBatch` takes the steps of a batch and returns its mean
  /// loss, `observe` computes the outputs of a batch for their statistics.
  private mutating func runBatches(
    _ sampleCount: Int, _ takeBatch: (inout Trainer, [Int], Int) throws -> Double,
    _ observe: (Model, [Int], Context) -> Void,
    _ validate: ((Model) throws -> Double)?, _ shouldStop: () -> Bool, _ onStep: (Int, Int, Double) -> Void,
    _ onEpoch: (Trainer, EpochReport) throws -> Void
  ) throws -> Outcome {
    let batches = (sampleCount + plan.batchSize - 1) / plan.batchSize
    while state.epoch < plan.epochs, !state.stopping.isOver {
      var order = Array(0..<sampleCount)
      var shuffler = SeededGenerator(seed: plan.seed, stream: "shuffle", step: state.epoch)
      shuffler.shuffle(&order)
      while state.batch < batches {
        let lower = state.batch * plan.batchSize
        let samples = Array(order[lower..<min(lower + plan.batchSize, sampleCount)])
        let loss = try takeBatch(&self, samples, batches)
        state.lossSum += loss * Double(samples.count)
        state.lossCount += samples.count
        state.batch += 1
        onStep(state.batch, batches, state.lossSum / Double(max(state.lossCount, 1)))
        if state.batch < batches, shouldStop() { return .interrupted }
      }
      let report = try finishEpoch(validate) { trainer, model in
        trainer.withStatistics(model, sampleCount, observe)
      }
      try onEpoch(self, report)
      if shouldStop(), state.epoch < plan.epochs, !state.stopping.isOver { return .interrupted }
    }
    return .finished
  }

  /// Takes one step of the optimiser with the gradient of a loss that is computed in parts.
  private mutating func takeStep(
    of batches: Int, _ penalty: ((Model) -> Tensor?)?,
    _ loss: @Sendable (Model, Int, Context) -> LossSum?
  ) throws -> (loss: Float, weight: Double) {
    optimizer.learningRate = plan.schedule.rate(
      plan.learningRate, step: state.epoch * batches + state.batch, of: plan.epochs * batches,
      stepsPerEpoch: batches, state: state.schedule)
    // Each part has its own generator.
    nonisolated(unsafe) let contexts = (0..<plan.parts).map { part in
      Context.training(
        SeededGenerator(seed: plan.seed, stream: part == 0 ? "step" : "step/\(part)", step: state.step))
    }
    var found = reduction.gradient(
      at: trained, parts: plan.parts, penalty: penalty.map { penalty in { penalty($0.module) } }
    ) { loss($0.module, $1, contexts[$1]) }
    if plan.parts > 1, let changed = contexts.lazy.flatMap(\.changedBuffers).first {
      let buffer = model.namedTensors.first { $0.role == .buffer && $0.tensor.sharesStorage(with: changed) }
      throw NeedsWholeBatches(buffer: buffer?.name ?? "a buffer", parts: plan.parts)
    }
    found.gradient.clip(toValue: plan.clipValue)
    let norm = found.gradient.clip(toNorm: plan.clipNorm)
    guard found.loss.isFinite, norm.isFinite else {
      throw Diverged(
        epoch: state.epoch + 1, step: state.step + 1,
        found: found.loss.isFinite ? "a gradient of norm \(norm)" : "a loss of \(found.loss.magnitude)")
    }
    optimizer.update(&trained, along: found.gradient)
    hasStatistics = contexts.contains { !$0.changedBuffers.isEmpty }
    for context in contexts { context.applyChanges(to: &trained.module) }
    if let decay = plan.averageDecay {
      // The decay grows to its full value, so that early averages forget the random initial weights.
      let warm = min(decay, Float(state.step + 1) / Float(state.step + 10))
      let now = model
      average?.average(with: now, keeping: warm)
      // A mean of equal numbers is rounded, so frozen parameters are copied exactly.
      if !trained.names.isEmpty { average?.keep(trained.names, of: now) }
    }
    state.step += 1
    return (found.loss, found.weight)
  }

  /// The largest number of samples whose statistics are computed anew after an epoch.
  private static var statisticsSamples: Int { 1024 }

  /// Returns weights with the statistics of their normalisation layers computed anew, as means over batches of up
  /// to 1,024 training samples.
  ///
  /// Running statistics are those of the weights of the last steps; averaged weights have others (Izmailov et al.,
  /// "Averaging weights leads to wider optima and better generalization", 2018).
  private func withStatistics(
    _ model: Model, _ sampleCount: Int, _ observe: (Model, [Int], Context) -> Void
  ) -> Model {
    guard hasStatistics else { return model }
    var order = Array(0..<sampleCount), result = model
    var shuffler = SeededGenerator(seed: plan.seed, stream: "statistics")
    shuffler.shuffle(&order)
    let size = min(plan.batchSize, sampleCount)
    let batches = max(1, min(sampleCount, Self.statisticsSamples) / size)
    for batch in 0..<batches {
      let context = Context.statistics(
        batch: batch, SeededGenerator(seed: plan.seed, stream: "statistics", step: batch + 1))
      observe(result, Array(order[(batch * size)..<((batch + 1) * size)]), context)
      context.applyChanges(to: &result)
    }
    return result
  }

  private mutating func finishEpoch(
    _ validate: ((Model) throws -> Double)?, _ withStatistics: (Trainer, Model) -> Model
  ) throws -> EpochReport {
    guard (average ?? model).namedTensors.allSatisfy({ $0.tensor.isFinite }) else {
      throw Diverged(epoch: state.epoch + 1, step: state.step, found: "weights that are not finite")
    }
    let loss = state.lossSum / Double(max(state.lossCount, 1))
    var candidate = average ?? model
    // Without validation, the last epoch is kept.
    if validate != nil || state.epoch + 1 == plan.epochs { candidate = withStatistics(self, candidate) }
    let metric = try validate?(candidate)
    let isBest = metric.map { state.stopping.record($0) } ?? true
    if isBest {
      best = candidate
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

extension Trainer.Plan {
  /// Returns the samples of a part of a batch, by position; empty where the batch has fewer samples than
  /// parts.
  func samples(_ samples: [Int], ofPart part: Int) -> [Int] {
    Array(samples[(part * samples.count / parts)..<((part + 1) * samples.count / parts)])
  }
}

extension Module {
  /// Copies the named parameters from another module.
  fileprivate mutating func keep(_ names: Set<String>, of other: Self) {
    var tensors = other.namedTensors.makeIterator()
    updateTensors { name, role, tensor in
      guard let old = tensors.next() else { return }
      if role == .parameter, names.contains(name) { tensor = old.tensor }
    }
  }
}
