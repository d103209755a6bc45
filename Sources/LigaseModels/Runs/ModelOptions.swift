import LigaseDatasets
import LigaseNetworks

/// Everything a user can choose for a model and its training. What a task's defaults are stands in its file under `Tasks`.
package struct ModelOptions: Codable, Hashable, Sendable {
  /// The preparation and the encoder of one input.
  package struct Input: Codable, Hashable, Sendable {
    /// What kind of input it is, with its choices.
    package var preparation: AnyModality
    /// How it is encoded.
    package var encoder: EncoderOptions

    package init(_ preparation: AnyModality, _ encoder: EncoderOptions) {
      (self.preparation, self.encoder) = (preparation, encoder)
    }
  }

  /// The prediction setting, where the task's defaults depend on it.
  package var setting: String?
  /// The inputs by name.
  package var inputs: [String: Input]
  /// How representations of one example become one.
  package var fusion = FusionOptions()
  /// The layers above them.
  package var head = HeadOptions()
  /// Number of networks of this shape that are trained side by side; predictions are their means.
  package var ensemble = 1
  /// The training.
  package var training = TrainingOptions()
  /// Predictors that are blended with the network.
  package var blend: [BlendOptions] = []

  package init(inputs: [String: Input]) { self.inputs = inputs }

  /// Why they cannot be used, if so.
  package var problem: String? {
    for (_, input) in inputs.sorted(by: { $0.key < $1.key }) {
      if let problem = input.preparation.base.problem ?? input.encoder.problem { return problem }
    }
    if !(1...64 ~= ensemble) { return "ensemble must be from 1 to 64 (got \(ensemble))" }
    if !(0...16 ~= head.hidden.count) {
      return "the head must have from 0 to 16 hidden layers (got \(head.hidden.count))"
    }
    if let size = head.hidden.first(where: { !(1...65536 ~= $0) }) {
      return "hidden layers of the head must have from 1 to 65536 units (got \(size))"
    }
    if !(head.dropout >= 0 && head.dropout < 1) {
      return "dropout must be at least 0 and below 1 (got \(head.dropout))"
    }
    if inputs.count > 1, fusion.kind != .product, !head.isUsed {
      return "the head needs hidden layers unless the fusion is a product"
    }
    for part in blend {
      if let share = part.share, !(0...1 ~= share) {
        return "the share of \(part.predictor) must be from 0 to 1 (got \(share))"
      }
      if Predictors.named(part.predictor) == nil {
        return
          "found the predictor '\(part.predictor)', expected one of \(Predictors.names.joined(separator: ", "))"
      }
    }
    if training.parts > 1, let (name, _) = inputs.first(where: { $0.value.encoder.factorPenalty > 0 }),
      inputs.count > 1
    {
      return
        "found parts \(training.parts) with a factorPenalty of \(name), expected 1: that penalty is over the "
        + "records of a whole batch"
    }
    if training.window > 0 {
      let walked = inputs.sorted { $0.key < $1.key }.filter { $0.value.preparation.base.axes == 1 }
      if walked.isEmpty { return "found a window of time steps, expected an input of sequences" }
      for (_, input) in walked { if let problem = input.encoder.windowProblem { return problem } }
    }
    return fusion.problem ?? training.problem
  }
}

/// A predictor that is blended with the network.
package struct BlendOptions: Codable, Hashable, Sendable {
  /// Its name: `gaussian-process`.
  package var predictor: String
  /// Its share in predictions; nil lets validation examples choose.
  package var share: Double?

  package init(_ predictor: String, share: Double? = nil) {
    (self.predictor, self.share) = (predictor, share)
  }
}

/// How a network is trained.
package struct TrainingOptions: Codable, Hashable, Sendable {
  /// Maximum number of epochs.
  package var epochs = 20
  /// Examples a step.
  package var batchSize = 64
  /// Number of parts of a batch whose gradients are added in a fixed order; they run on the threads of the process.
  package var parts = 1
  /// The time steps of a window of truncated back-propagation through time; 0 goes back to the first step.
  package var window = 0
  /// The optimiser.
  package var optimizer = OptimizerOptions()
  /// The highest learning rate.
  package var learningRate: Float = 0.002
  /// How the learning rate falls.
  package var schedule = ScheduleOptions()
  /// The share of the steps over which the learning rate climbs.
  package var warmup: Float = 0.05
  /// Weight decay, decoupled in AdamW; learned vectors have none.
  package var weightDecay: Float = 0.01
  /// The penalty on squared weights at the inputs, part of the loss: `penalty / 2 · sum w²`.
  package var inputPenalty: Float = 0
  /// The loss.
  package var loss = LossOptions()
  /// Inputs whose known records have an effect that is taken off values before the network learns them.
  package var offsets: [String] = []
  /// The decay a step of the moving average of weights that is validated and kept; 0 keeps the weights themselves.
  package var averageDecay: Float = 0.99
  /// Stops after so many epochs without a better validation metric; 0 never stops early.
  package var patience = 10
  /// The share of the examples that is drawn for validation where no split names them.
  package var validationShare = 0.1
  /// Whether the network is trained again on training and validation examples together, for as many epochs as were best,
  /// where validation examples were drawn.
  package var refits = false
  /// Gradients longer than this are scaled down to it; 0 leaves them.
  package var clipNorm: Float = 5
  /// Whether every class has the same weight in the loss, however many examples it has.
  package var balancesClasses = false

  package init() {}

  /// All examples train for all epochs: none is set apart for validation.
  mutating func validatesNothing() { (validationShare, refits, patience) = (0, false, 0) }

  /// Throws where a loss is chosen that such targets do not have.
  func refuseLoss(_ name: LossOptions.Name, of targets: String) throws {
    if loss.name == name {
      throw TrainingError("found the loss \(name.rawValue), expected one of \(targets)")
    }
  }

  /// Why they cannot be used, if so.
  var problem: String? {
    if !(1...1_000_000 ~= epochs) { return "epochs must be from 1 to 1000000 (got \(epochs))" }
    if !(1...1_000_000_000 ~= batchSize) {
      return "batchSize must be from 1 to 1000000000 (got \(batchSize))"
    }
    if !(0...1_000_000_000 ~= window) { return "window must be from 0 to 1000000000 (got \(window))" }
    if !(1...1024 ~= parts) { return "parts must be from 1 to 1024 (got \(parts))" }
    if !(learningRate > 0 && learningRate.isFinite) {
      return "learningRate must be above 0 (got \(learningRate))"
    }
    if !(0...0.9 ~= validationShare) {
      return "validationShare must be from 0 to 0.9 (got \(validationShare))"
    }
    if !(warmup >= 0 && warmup < 1) { return "warmup must be at least 0 and below 1 (got \(warmup))" }
    if !(averageDecay >= 0 && averageDecay < 1) {
      return "averageDecay must be at least 0 and below 1 (got \(averageDecay))"
    }
    for (value, name) in [
      (weightDecay, "weightDecay"), (inputPenalty, "inputPenalty"), (clipNorm, "clipNorm"),
      (Float(patience), "patience"),
    ] where !(value >= 0) {
      return "\(name) must be at least 0 (got \(value))"
    }
    return optimizer.problem ?? schedule.problem ?? loss.problem
  }
}

/// The optimiser of a training.
package struct OptimizerOptions: Codable, Hashable, Sendable {
  /// The optimisers there are.
  package enum Name: String, Codable, CaseIterable, Sendable { case adamw, adam, sgd, rmsprop }

  /// Which of them.
  package var name = Name.adamw
  /// Momentum of `sgd` and `rmsprop`.
  package var momentum: Float = 0.9
  /// Whether the momentum of `sgd` is Nesterov's.
  package var nesterov = false

  package init() {}

  var problem: String? {
    momentum >= 0 && momentum < 1 ? nil : "momentum must be at least 0 and below 1 (got \(momentum))"
  }
}

/// How the learning rate falls after its climb.
package struct ScheduleOptions: Codable, Hashable, Sendable {
  /// The schedules there are.
  package enum Name: String, Codable, CaseIterable, Sendable { case cosine, constant, step, plateau }

  /// Which of them.
  package var name = Name.cosine
  /// The lowest rate of `cosine` as a share of the highest.
  package var floor: Float = 0
  /// Epochs between the falls of `step`.
  package var every = 10
  /// Epochs without improvement before `plateau` falls.
  package var patience = 5
  /// The factor of a fall of `step` and `plateau`.
  package var factor: Float = 0.1

  package init() {}

  var problem: String? {
    if !(0...1 ~= floor) { return "floor must be from 0 to 1 (got \(floor))" }
    if every < 1 || patience < 0 {
      return "every must be at least 1 and patience at least 0 (got \(every) and \(patience))"
    }
    return factor > 0 && factor <= 1 ? nil : "factor must be above 0 and at most 1 (got \(factor))"
  }

  func schedule(warmupSteps: Int) -> LearningRateSchedule {
    let curve: LearningRateSchedule.Curve =
      switch name {
      case .cosine: .cosine(floor: floor)
      case .constant: .constant
      case .step: .step(epochs: every, factor: factor)
      case .plateau: .plateau(patience: patience, factor: factor)
      }
    return LearningRateSchedule(curve, warmupSteps: warmupSteps)
  }
}

/// The loss of a training.
package struct LossOptions: Codable, Hashable, Sendable {
  /// The losses there are.
  package enum Name: String, Codable, CaseIterable, Sendable {
    /// Squared error of values, cross-entropy of classes and labels.
    case standard
    /// Huber's loss of values.
    case huber
    /// Focal loss of classes.
    case focal
  }

  /// Which of them.
  package var name = Name.standard
  /// Where `huber` becomes linear, in deviations.
  package var delta: Float = 1
  /// The focusing exponent of `focal`.
  package var gamma: Float = 2

  package init() {}

  var problem: String? {
    if !(delta > 0 && delta.isFinite) { return "delta must be above 0 (got \(delta))" }
    return gamma >= 0 && gamma.isFinite ? nil : "gamma must be at least 0 (got \(gamma))"
  }
}
