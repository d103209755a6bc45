import LigaseDatasets
import LigaseNetworks

/// All options of a model and its training. The defaults of a task are in its file in `Tasks`.
package struct ModelOptions: Codable, Hashable, Sendable {
  /// The preparation and the encoder of one input.
  package struct Input: Codable, Hashable, Sendable {
    /// The kind of input, with its options.
    package var preparation: AnyModality
    /// The options of the encoder.
    package var encoder: EncoderOptions

    package init(_ preparation: AnyModality, _ encoder: EncoderOptions) {
      (self.preparation, self.encoder) = (preparation, encoder)
    }
  }

  /// The prediction setting, for tasks whose defaults depend on it.
  package var setting: String?
  /// The inputs by name.
  package var inputs: [String: Input]
  /// The fusion of the representations of one example.
  package var fusion = FusionOptions()
  /// The layers after the fusion.
  package var head = HeadOptions()
  /// The number of networks of the ensemble; predictions are their means.
  package var ensemble = 1
  /// The training.
  package var training = TrainingOptions()
  /// Predictors that are blended with the network.
  package var blend: [BlendOptions] = []

  package init(inputs: [String: Input]) { self.inputs = inputs }

  /// The reason why the options cannot be used, if any.
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
  /// The name of the predictor, such as `gaussian-process`.
  package var predictor: String
  /// The weight of the predictor; nil chooses it on validation examples.
  package var share: Double?

  package init(_ predictor: String, share: Double? = nil) {
    (self.predictor, self.share) = (predictor, share)
  }
}

/// The options of a training.
package struct TrainingOptions: Codable, Hashable, Sendable {
  /// Maximum number of epochs.
  package var epochs = 20
  /// The number of examples of a step.
  package var batchSize = 64
  /// The number of parts of a batch that are computed in parallel; their gradients are added in a fixed
  /// order.
  package var parts = 1
  /// The time steps of a window of truncated backpropagation through time; 0 is the whole sequence.
  package var window = 0
  /// The optimiser.
  package var optimizer = OptimizerOptions()
  /// The highest learning rate.
  package var learningRate: Float = 0.002
  /// The schedule of the learning rate.
  package var schedule = ScheduleOptions()
  /// The fraction of the steps in which the learning rate increases.
  package var warmup: Float = 0.05
  /// The weight decay, decoupled in AdamW; learned embeddings have none.
  package var weightDecay: Float = 0.01
  /// The penalty on squared weights at the inputs, part of the loss: `penalty / 2 · sum w²`.
  package var inputPenalty: Float = 0
  /// Whether inner folds of the training examples choose the penalty of each input that enters a linear layer; nil does not.
  package var choosesPenalties: Bool?
  /// Whether inner folds of the training examples choose the number of epochs, where nothing is held out for early stopping; nil
  /// does not.
  package var choosesEpochs: Bool?
  /// The loss.
  package var loss = LossOptions()
  /// The inputs whose effects are subtracted from values before training.
  package var offsets: [String] = []
  /// The decay per step of the moving average of weights that is validated and kept; 0 keeps the weights
  /// themselves.
  package var averageDecay: Float = 0.99
  /// The number of epochs without a better validation metric after which training stops; 0 disables early
  /// stopping.
  package var patience = 10
  /// The fraction of the examples that is drawn for validation where no split has a validation subset.
  package var validationShare = 0.1
  /// Whether the network is retrained on training and validation examples together, for the best number of
  /// epochs, where validation examples were drawn.
  package var refits = false
  /// The largest norm of the gradient; 0 does not clip.
  package var clipNorm: Float = 5
  /// Whether class weights are balanced, so that every class has the same total weight in the loss.
  package var balancesClasses = false

  package init() {}

  /// Trains on all examples for all epochs, without a validation subset.
  mutating func validatesNothing() { (validationShare, refits, patience) = (0, false, 0) }

  /// Throws where the loss is not one of such targets.
  func requireLoss(_ names: LossOptions.Name..., of targets: String) throws {
    if !names.contains(loss.name) {
      throw TrainingError("found the loss \(loss.name.rawValue), expected one of \(targets)")
    }
  }

  /// The reason why the options cannot be used, if any.
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

/// The options of the optimiser.
package struct OptimizerOptions: Codable, Hashable, Sendable {
  /// The available optimisers.
  package enum Name: String, Codable, CaseIterable, Sendable { case adamw, adam, sgd, rmsprop }

  /// The optimiser.
  package var name = Name.adamw
  /// Momentum of `sgd` and `rmsprop`.
  package var momentum: Float = 0.9
  /// Whether the momentum of `sgd` and `rmsprop` is Nesterov's.
  package var nesterov = false
  /// The decay of the mean of squared gradients of `rmsprop`; nil for 0.99.
  package var meanDecay: Float?
  /// The L1 penalty of weight matrices and filters under `rmsprop`, nil for none; its weight decay applies to the same tensors.
  package var l1: Float?

  package init() {}

  var problem: String? {
    if let meanDecay, !(0..<1 ~= meanDecay) {
      return "meanDecay must be at least 0 and below 1 (got \(meanDecay))"
    }
    if let l1, !(l1 >= 0 && l1.isFinite) { return "l1 must be at least 0 (got \(l1))" }
    return momentum >= 0 && momentum < 1
      ? nil : "momentum must be at least 0 and below 1 (got \(momentum))"
  }
}

/// The schedule of the learning rate after the warmup.
package struct ScheduleOptions: Codable, Hashable, Sendable {
  /// The available schedules.
  package enum Name: String, Codable, CaseIterable, Sendable { case cosine, constant, step, plateau }

  /// The schedule.
  package var name = Name.cosine
  /// The lowest rate of `cosine` as a fraction of the highest.
  package var floor: Float = 0
  /// The number of epochs between reductions of `step`.
  package var every = 10
  /// The number of epochs without improvement before `plateau` reduces the rate.
  package var patience = 5
  /// The factor of a reduction of `step` and `plateau`.
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

/// The options of the loss.
package struct LossOptions: Codable, Hashable, Sendable {
  /// The available losses.
  package enum Name: String, Codable, CaseIterable, Sendable {
    /// Squared error of values, cross-entropy of classes and labels.
    case standard
    /// Huber's loss of values.
    case huber
    /// Focal loss of classes.
    case focal
    /// Soft Dice loss of the places of volumes (Milletari et al., 2016).
    case dice
    /// The sum of the soft Dice loss and the cross-entropy.
    case diceCrossEntropy = "dice-ce"
  }

  /// The loss.
  package var name = Name.standard
  /// The residual, in standard deviations, above which `huber` is linear.
  package var delta: Float = 1
  /// The focusing exponent of `focal`.
  package var gamma: Float = 2

  package init() {}

  var problem: String? {
    if !(delta > 0 && delta.isFinite) { return "delta must be above 0 (got \(delta))" }
    return gamma >= 0 && gamma.isFinite ? nil : "gamma must be at least 0 (got \(gamma))"
  }
}
