import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The training of a model of sequences, expression or genotypes: features fitted, network built, run, checkpointed and
/// kept.
public struct SupervisedTraining: TrainingJob {
  /// The manifest of the model to be; metrics are filled in at the end.
  public private(set) var manifest: SupervisedModel.Manifest
  /// The run.
  public private(set) var trainer: Trainer<PredictionNetwork>
  private let data: SupervisedData
  private let fitted: FittedExamples
  private let transfer: TransferLearning?
  private let transferred: [String]
  private let train: [Int]
  private let validation: [Int]

  /// Prepares a run.
  ///
  /// - Parameter transfer: weights to begin with and parameters to keep.
  /// - Throws: `JoinError` where there is nothing to learn; `TrainingError` for options that cannot be used.
  public init(
    _ data: SupervisedData, options: SupervisedOptions, seed: UInt64, transfer: TransferLearning? = nil
  )
    throws
  {
    try self.init(data, options: options, seed: seed, transfer: transfer, refitEpochs: 0, metrics: [:])
  }

  private init(
    _ data: SupervisedData, options: SupervisedOptions, seed: UInt64, transfer: TransferLearning?,
    refitEpochs: Int, metrics: [String: Double]
  ) throws {
    let train = refitEpochs == 0 ? data.train : (data.train + data.validation).sorted()
    validation = refitEpochs == 0 ? data.validation : []
    var options = options
    if options.architecture.linearWordLength == 0 {
      options.architecture.linearWordLength = PlacedWords.tellMore(data, rows: train) ? 3 : 1
    }
    let t = options.training
    let (features, _, inputs) = data.plan.fit(
      data.examples.inputs, train: train, weighedBy: t.weighsGenes ? data.examples.observations : nil,
      classes: t.findsAncestry ? data.examples.classes : nil)
    fitted = try FittedExamples(
      data, inputs: inputs, train: train, balancesClasses: t.balancesClasses)
    let counts = FittedExamples.classCounts(data.examples.observations, train, fitted.target.count)
    manifest = SupervisedModel.Manifest(
      task: data.task, features: features, target: fitted.target, options: options,
      idColumn: data.examples.idColumn,
      sequenceColumn: data.sequenceColumn,
      provenance: SupervisedModel.Provenance(
        seed: seed, split: data.splitDescription,
        examples: ["train": train.count, "validation": validation.count, "test": data.test.count],
        digest: Self.digest(data),
        classCounts: Dictionary(uniqueKeysWithValues: zip(fitted.target.names, counts)), metrics: metrics,
        refitEpochs: refitEpochs, initializedFrom: transfer?.source, frozen: transfer?.patterns ?? []))
    let problem =
      options.problem ?? features.problem ?? fitted.target.problem ?? manifest.lengthProblem(data.examples)
      ?? manifest.contradiction
    if let problem { throw TrainingError(problem) }
    self.data = data
    self.train = train
    self.transfer = transfer
    let epochs = refitEpochs > 0 ? refitEpochs : t.epochs
    let steps = (train.count + t.batchSize - 1) / t.batchSize * epochs
    var network = manifest.emptyNetwork(seed: seed)
    // One layer over many features begins with what is known without them: what samples say nothing of stays as it was.
    let isLinear = manifest.options.architecture.kind == .linear && manifest.shape.isRow
    if isLinear { network.begin(withLogits: fitted.priorLogits(counts)) }
    transferred = try transfer?.begin(&network) ?? []
    // Its bias moves as far as the weights of all features do together.
    let biasFactor = isLinear ? Float(max(manifest.shape.inputs, 1)).squareRoot() : 1
    trainer = Trainer(
      network,
      optimizer: Adam(
        learningRate: t.learningRate, weightDecay: t.weightDecay, isDecoupled: true,
        rateFactor: { $0.hasSuffix("bias") ? biasFactor : 1 }),
      plan: .init(
        epochs: epochs, batchSize: t.batchSize, learningRate: t.learningRate,
        schedule: LearningRateSchedule(.cosine(floor: 0), warmupSteps: Int(t.warmup * Float(steps))),
        clipNorm: t.clipNorm > 0 ? t.clipNorm : nil, patience: t.patience > 0 ? t.patience : nil,
        averageDecay: t.averageDecay > 0 ? t.averageDecay : nil, seed: seed))
    trainer.frozen = try transfer?.frozen(in: network) ?? []
  }

  private static func digest(_ data: SupervisedData) -> String {
    var digest = DataDigest()
    digest.add(data.examples.ids)
    switch data.examples.inputs {
    case .sequences(let sequences): for sequence in sequences { digest.add(bytes: sequence) }
    case .features(let table):
      digest.add(table.names)
      digest.add(table.values)
    }
    digest.add(data.examples.target.names)
    switch data.examples.observations {
    case .classes(let values): digest.add(values)
    case .labels(let values), .values(let values): digest.add(values)
    case .residues(let all): for labels in all { digest.add(labels) }
    }
    digest.add(data.train.map { Int32($0) })
    digest.add(data.validation.map { Int32($0) })
    return digest.hexadecimal
  }

  /// The validation metric: the root mean squared error over scaled values, or the cross-entropy.
  public var metricName: String {
    if case .values = manifest.target { return "rmse" }
    return "cross_entropy"
  }

  /// What is learned from.
  public var unit: String { manifest.task.unit }
  /// Training examples.
  public var sampleCount: Int { train.count }
  /// Whether this is the second run, on training and validation examples together.
  public var isRefit: Bool { manifest.provenance.refitEpochs > 0 }

  /// What people are told before the run.
  public var report: [String] {
    let a = manifest.options.architecture
    var lines = [
      "network: \(a.kind.rawValue), \(trainer.model.parameterCount) parameters"
        + (a.members > 1 ? " in \(a.members) networks side by side" : "")
        + "; \(train.count) \(unit) train, \(validation.count) choose the epoch"
    ]
    let counts = manifest.provenance.classCounts
    if !counts.isEmpty, counts.count <= 12 {
      lines.append(
        "classes: " + manifest.target.names.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    }
    if let rare = manifest.target.names.first(where: { counts[$0] ?? 2 < 2 }) {
      lines.append(
        "the class '\(rare)' has \(counts[rare] ?? 0) training \(unit): what is predicted for it means little"
      )
    }
    if a.linearWordLength > 1, a.hasLinearPath || a.kind == .linear {
      lines.append("the linear path reads words of up to \(a.linearWordLength) residues at their places")
    }
    if let transfer { lines += transfer.report(transferred, frozen: trainer.frozen) }
    return lines
  }

  /// Runs, or runs on, until done or told to stop.
  ///
  /// - Throws: `TrainingError` when loss, gradient or weights are no longer finite.
  public mutating func run(
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (SupervisedTraining, Trainer<PredictionNetwork>.EpochReport) throws -> Void = { _, _ in }
  ) throws -> Trainer<PredictionNetwork>.Outcome {
    let (fitted, train, validation, manifest) = (fitted, train, validation, manifest)
    let t = manifest.options.training
    let augments = manifest.usesBothStrands || t.shift > 0
    let copy = self
    do {
      return try trainer.run(
        sampleCount: train.count,
        loss: { network, samples, context in
          let rows = samples.map { train[$0] }
          let augmentation =
            augments
            ? SequenceAugmentation(
              usesBothStrands: manifest.usesBothStrands, shift: t.shift,
              using: SeededGenerator(seed: context.nextKey())) : nil
          let batch = fitted.inputs.batch(rows, augmentation: augmentation)
          let loss = network.loss(batch, context) { fitted.loss($0, rows) }
          guard t.inputPenalty > 0, let penalty = network.inputPenalty() else { return loss }
          return loss + penalty * t.inputPenalty
        },
        validate: validation.isEmpty
          ? nil
          : { network in
            // The model's own scales are left out: the metric is over scaled values.
            let model = SupervisedModel(manifest: manifest, network: network)
            let metric = fitted.metric(model.scaled(fitted.inputs, rows: validation), validation)
            guard metric.isFinite else {
              throw TrainingError(
                "training diverged: found a validation metric of \(metric), expected a finite number")
            }
            return metric
          },
        shouldStop: shouldStop, onStep: onStep,
        onEpoch: { trainer, epoch in
          var now = copy
          now.trainer = trainer
          try onEpoch(now, epoch)
        })
    } catch let error as Trainer<PredictionNetwork>.Diverged {
      throw TrainingError("\(error)")
    }
  }

  /// Epochs run, and the best validation metric.
  public var metrics: [String: Double] {
    guard !isRefit else { return manifest.provenance.metrics }
    var metrics = ["epochs": Double(trainer.state.epoch)]
    metrics["best_epoch"] = trainer.state.bestEpoch.map { Double($0) }
    metrics["validation_\(metricName)"] = trainer.state.stopping.best
    return metrics
  }

  /// The second run, when this one is done and the options ask for it.
  public func refit() throws -> SupervisedTraining? {
    guard manifest.options.training.refits, !isRefit, data.isValidationDrawn, !validation.isEmpty,
      let best = trainer.state.bestEpoch
    else { return nil }
    return try SupervisedTraining(
      data, options: manifest.options, seed: manifest.provenance.seed, transfer: transfer, refitEpochs: best,
      metrics: metrics)
  }

  /// The model as it would be kept now.
  public var model: SupervisedModel {
    var manifest = manifest
    manifest.provenance.metrics = metrics
    return SupervisedModel(manifest: manifest, network: trainer.result)
  }

  /// Writes the model as it would be kept now.
  public func writeModel(to path: String, overwrite: Bool) throws {
    try model.write(to: path, overwrite: overwrite)
  }
}

extension SupervisedModel.Task {
  /// What an example is.
  var unit: String {
    switch self {
    case .sequence: "sequences"
    case .residues: "proteins"
    case .expression, .genotype: "samples"
    }
  }
}

extension SupervisedModel.Manifest {
  /// Where a network needs sequences of one length and they differ.
  func lengthProblem(_ examples: Examples) -> String? {
    guard needsEqualLengths, case .sequence(let encoding) = features, encoding.length == nil,
      case .sequences(let sequences) = examples.inputs
    else { return nil }
    let lengths = sequences.map(\.count)
    return
      "found sequences of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) residues, expected one length: "
      + "a network of the architecture \(options.architecture.kind.rawValue) reads all residues at once"
  }
}

// MARK: Checkpoints

extension SupervisedTraining {
  private var checkpointTask: String { "\(manifest.task.rawValue) checkpoint" }

  /// Writes all that is needed to go on: the run's tensors and state beside the manifest.
  public func writeCheckpoint(to path: String) throws {
    try ModelFile.writeCheckpoint(task: checkpointTask, content: manifest, trainer: trainer, to: path)
  }

  /// Takes up a run where a checkpoint left it.
  ///
  /// - Throws: `FormatError` when the file is no checkpoint, or of other data or options than this run's.
  public mutating func resume(fromCheckpoint path: String) throws {
    let file = try ModelFile(contentsOf: path)
    let saved = try file.content(SupervisedModel.Manifest.self, of: checkpointTask)
    if saved.provenance.refitEpochs > 0, !isRefit, saved.options == manifest.options,
      saved.provenance.refitEpochs <= manifest.options.training.epochs
    {
      self = try SupervisedTraining(
        data, options: manifest.options, seed: manifest.provenance.seed, transfer: transfer,
        refitEpochs: saved.provenance.refitEpochs, metrics: saved.provenance.metrics)
    }
    try file.resume(&trainer, difference: saved == manifest ? nil : difference(saved))
  }

  private func difference(_ saved: SupervisedModel.Manifest) -> String {
    let (a, b) = (saved.provenance, manifest.provenance)
    if a.seed != b.seed { return "seed \(a.seed)" }
    if saved.options != manifest.options { return "other options" }
    if a.digest != b.digest { return "other data, or another split" }
    return "another preparation"
  }
}
