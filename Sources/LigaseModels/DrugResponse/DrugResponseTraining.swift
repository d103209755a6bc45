import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The training of a drug-response model: data joined and divided, network built, run, checkpointed and kept.
public struct DrugResponseTraining: TrainingJob {
  /// What has been read and joined.
  public struct Data: Sendable {
    /// Profiles, after counts per million and logarithm, before scaling.
    public var expression: ExpressionMatrix
    /// The drugs.
    public var drugs: DrugTable
    /// Pairs with targets.
    public var pairs: DrugResponsePairs
    /// The parts, as indices of pairs.
    public var split: ResolvedSplit
    /// What was done to the profiles, for the manifest.
    public var countsPerMillion = false
    /// Likewise.
    public var logTransformed = false
    /// Whether genes are scaled to mean 0 and deviation 1 over the training lines.
    public var isScaled = true
    /// The column of responses.
    public var target: String
    /// How SMILES were cut.
    public var tokenizer: SMILESTokenizer
    /// How the parts were told apart, in words.
    public var splitDescription: String

    /// Joins what has been read.
    public init(
      expression: ExpressionMatrix, drugs: DrugTable, pairs: DrugResponsePairs, split: ResolvedSplit,
      target: String,
      tokenizer: SMILESTokenizer, splitDescription: String
    ) {
      self.expression = expression
      self.drugs = drugs
      self.pairs = pairs
      self.split = split
      self.target = target
      self.tokenizer = tokenizer
      self.splitDescription = splitDescription
    }
  }

  /// The manifest of the model to be; metrics are filled in at the end.
  public private(set) var manifest: DrugResponseModel.Manifest
  /// The run.
  public private(set) var trainer: Trainer<DrugResponseNetwork>
  private let inputs: DrugResponseInputs
  private let data: Data
  private let pairs: DrugResponsePairs
  /// The pairs that are learned from, and those that choose the epoch.
  private let train: [Int]
  private let validation: [Int]
  /// What the network is to predict for each pair.
  private let scaledTargets: [Float]
  private let targets: [Float]
  /// Similar profiles, of training lines for validation, and of training and validation lines for the model.
  private var kernels: (validation: ProfileKernel, final: ProfileKernel)?

  /// Prepares a run.
  ///
  /// - Throws: `JoinError` when the training part is empty or its responses do not vary.
  public init(_ data: Data, options: DrugResponseOptions, seed: UInt64) throws {
    try self.init(data, options: options, seed: seed, refitEpochs: 0, metrics: [:])
  }

  private init(
    _ data: Data, options: DrugResponseOptions, seed: UInt64, refitEpochs: Int, metrics: [String: Double]
  ) throws {
    let (pairs, split) = (data.pairs, data.split)
    let train = refitEpochs == 0 ? split.train : (split.train + split.validation).sorted()
    let validation = refitEpochs == 0 ? split.validation : []
    guard let targets = pairs.targets else {
      preconditionFailure("DrugResponseTraining: pairs without targets")
    }
    guard let first = train.first else { throw JoinError("the training part of the split is empty") }
    guard train.contains(where: { targets[$0] != targets[first] }) else {
      throw JoinError("every training response is \(targets[first]), expected responses that vary")
    }
    let known = KnownEntities(pairs: pairs, train: train, later: validation)
    let lineNumber = known.lines.numbers, drugNumber = known.drugs.numbers
    let baseline = ResponseBaseline(
      targets: train.map { targets[$0] }, drugs: train.map { drugNumber[pairs.drugs[$0]]! },
      lines: train.map { lineNumber[pairs.lines[$0]]! }, drugCount: known.drugs.ids.count,
      lineCount: known.lines.ids.count,
      hasDrugEffects: options.training.residual == .drug || options.training.residual == .both,
      hasLineEffects: options.training.residual == .line || options.training.residual == .both)
    let (expression, drugs) = (data.expression, data.drugs)
    manifest = DrugResponseModel.Manifest(
      architecture: options.architecture,
      expression: data.isScaled
        ? FeatureScaler(
          fitting: expression.values, genes: expression.genes, samples: known.lines.ids.map(Int.init))
        : FeatureScaler(identityFor: expression.genes),
      countsPerMillion: data.countsPerMillion, logTransformed: data.logTransformed, tokenizer: data.tokenizer,
      vocabulary: SMILESVocabulary(known.drugs.ids.map { drugs.tokens[Int($0)] }),
      lines: known.lines.ids.map { expression.samples[Int($0)] },
      drugs: known.drugs.ids.map { drugs.ids[Int($0)] },
      baseline: baseline, kernelLines: 0, kernelShare: options.training.kernelShare,
      cellColumn: pairs.cellColumn, drugColumn: pairs.drugColumn, target: data.target,
      provenance: DrugResponseModel.Provenance(
        options: options, seed: seed, split: data.splitDescription,
        pairs: ["train": train.count, "validation": validation.count, "test": split.test.count],
        digests: Self.digests(data), metrics: metrics, refitEpochs: refitEpochs))
    scaledTargets = targets.indices.map { i in
      let base = baseline.value(
        drug: drugNumber[pairs.drugs[i]] ?? -1, line: lineNumber[pairs.lines[i]] ?? -1)
      return Float((Double(targets[i]) - base) / baseline.scale)
    }
    let inputs = DrugResponseInputs(manifest, expression: expression, drugs: drugs)
    self.inputs = inputs
    self.data = data
    self.pairs = pairs
    self.train = train
    self.validation = validation
    self.targets = targets
    let t = options.training
    let epochs = refitEpochs > 0 ? refitEpochs : t.epochs
    let steps = (train.count + t.batchSize - 1) / t.batchSize * epochs
    var network = manifest.emptyNetwork(seed: seed)
    network.smilesEncoder.fitCounts(Ragged(known.drugs.ids.map { inputs.tokens[Int($0)] }))
    trainer = Trainer(
      network,
      optimizer: Adam(learningRate: t.learningRate, weightDecay: t.weightDecay, isDecoupled: true) {
        $0.hasSuffix("embedding.weight") ? 0 : 1
      },
      plan: .init(
        epochs: epochs, batchSize: t.batchSize, learningRate: t.learningRate,
        schedule: LearningRateSchedule(.cosine(floor: 0), warmupSteps: Int(t.warmup * Float(steps))),
        clipNorm: t.clipNorm > 0 ? t.clipNorm : nil, patience: t.patience > 0 ? t.patience : nil,
        averageDecay: t.averageDecay > 0 ? t.averageDecay : nil, seed: seed))
    if options.training.kernelShare > 0 {
      func kernel(_ rows: [Int]) -> ProfileKernel {
        ProfileKernel(
          fitting: inputs, pairs: pairs, targets: targets, rows: rows, drugNumber: drugNumber,
          baseline: baseline)
      }
      let seen = validation.filter { drugNumber[pairs.drugs[$0]] != nil }
      let learned = kernel(train)
      let final = seen.isEmpty ? learned : kernel(train + seen)
      kernels = (learned, final)
      manifest.kernelLines = final.profiles.shape[0]
    }
  }

  private static func digests(_ data: Data) -> [String: String] {
    var (expression, drugs, response) = (DataDigest(), DataDigest(), DataDigest())
    expression.add(data.expression.samples)
    expression.add(data.expression.genes)
    expression.add(data.expression.values)
    drugs.add(data.drugs.ids)
    drugs.add(Array(data.drugs.tokens.joined()))
    response.add(data.pairs.lines)
    response.add(data.pairs.drugs)
    response.add(data.pairs.targets ?? [])
    response.add(data.split.train.map { Int32($0) })
    response.add(data.split.validation.map { Int32($0) })
    return [
      "expression": expression.hexadecimal, "drugs": drugs.hexadecimal, "response": response.hexadecimal,
    ]
  }

  /// Whether this is the second run, on training and validation pairs together.
  public var isRefit: Bool { manifest.provenance.refitEpochs > 0 }

  /// The validation metric, in the unit of the response.
  public var metricName: String { "rmse" }

  /// What is learned from.
  public var unit: String { "pairs" }

  /// Training pairs.
  public var sampleCount: Int { train.count }

  /// What people are told before the run.
  public var report: [String] {
    let t = manifest.provenance.options.training
    return [
      "network: \(trainer.model.parameterCount) parameters; \(manifest.architecture.drugEncoder.rawValue) over SMILES, "
        + "\(manifest.expression.genes.count) genes, \(manifest.lines.count) lines, \(manifest.drugs.count) drugs",
      "for \(manifest.provenance.options.purpose.words): predicts what the \(t.residual.words) leave"
        + (manifest.kernelLines > 0
          ? "; \(t.kernelShare) of each prediction is what similar profiles say" : ""),
    ]
  }

  /// Runs, or runs on, until done or told to stop.
  ///
  /// - Parameters:
  ///   - shouldStop: asked after every step.
  ///   - onStep: batches done, batches of an epoch, mean loss so far.
  ///   - onEpoch: told after every epoch.
  /// - Throws: `TrainingError` when loss or weights are no longer finite.
  public mutating func run(
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (DrugResponseTraining, Trainer<DrugResponseNetwork>.EpochReport) throws -> Void = { _, _ in }
  ) throws -> Trainer<DrugResponseNetwork>.Outcome {
    let (inputs, pairs, targets, train) = (inputs, pairs, scaledTargets, train)
    let options = manifest.provenance.options.training
    let copy = self
    do {
      return try trainer.run(
        sampleCount: train.count,
        loss: { network, samples, context in
          let rows = samples.map { train[$0] }
          let batch = inputs.batch(lines: rows.map { pairs.lines[$0] }, drugs: rows.map { pairs.drugs[$0] })
          return network.loss(
            batch, targets: Tensor(rows.map { targets[$0] }), linePenalty: options.linePenalty,
            drugPenalty: options.drugPenalty, context)
        },
        validate: validation.isEmpty
          ? nil
          : { network in
            let error = copy.validationError(network)
            guard error.isFinite else {
              throw TrainingError(
                "training diverged: found a validation error of \(error), expected a finite number")
            }
            return error
          },
        shouldStop: shouldStop, onStep: onStep,
        onEpoch: { trainer, epoch in
          var now = copy
          now.trainer = trainer
          try onEpoch(now, epoch)
        })
    } catch let error as Trainer<DrugResponseNetwork>.Diverged {
      throw TrainingError("\(error)")
    }
  }

  /// Epochs run, and the best validation error.
  public var metrics: [String: Double] {
    guard manifest.provenance.refitEpochs == 0 else { return manifest.provenance.metrics }
    var metrics = ["epochs": Double(trainer.state.epoch)]
    metrics["best_epoch"] = trainer.state.bestEpoch.map { Double($0) }
    metrics["validation_rmse"] = trainer.state.stopping.best
    return metrics
  }

  /// The second run, on training and validation pairs together, when this one is done and the options ask for it.
  public func refit() throws -> DrugResponseTraining? {
    let provenance = manifest.provenance
    guard provenance.options.training.refits, provenance.refitEpochs == 0, data.split.isValidationDrawn,
      let best = trainer.state.bestEpoch
    else { return nil }
    return try DrugResponseTraining(
      data, options: provenance.options, seed: provenance.seed, refitEpochs: best, metrics: metrics)
  }

  /// The root mean squared error of weights on the validation pairs, in the unit of the response.
  private func validationError(_ network: DrugResponseNetwork) -> Double {
    let lines = validation.map { pairs.lines[$0] }, drugs = validation.map { pairs.drugs[$0] }
    let model = DrugResponseModel(manifest: manifest, network: network, kernel: kernels?.validation)
    let predictions = model.combine(
      network.outputs(inputs, lines: lines, drugs: drugs), inputs, lines: lines, drugs: drugs)
    let squares = zip(predictions, validation).reduce(0.0) { sum, pair in
      let error = Double(pair.0) - Double(targets[pair.1])
      return sum + error * error
    }
    return (squares / Double(validation.count)).squareRoot()
  }

  /// The model as it would be kept now.
  public var model: DrugResponseModel {
    var manifest = manifest
    manifest.provenance.metrics.merge(metrics) { $1 }
    return DrugResponseModel(manifest: manifest, network: trainer.result, kernel: kernels?.final)
  }
}

extension DrugResponseTraining {
  /// Writes the model as it would be kept now.
  public func writeModel(to path: String, overwrite: Bool) throws {
    try model.write(to: path, overwrite: overwrite)
  }
}

// MARK: Checkpoints

extension DrugResponseTraining {
  private static let task = "drug-response checkpoint"

  /// Writes all that is needed to go on: the run's tensors and state beside the manifest.
  public func writeCheckpoint(to path: String) throws {
    try ModelFile.writeCheckpoint(task: Self.task, content: manifest, trainer: trainer, to: path)
  }

  /// Takes up a run where a checkpoint left it.
  ///
  /// - Throws: `FormatError` when the file is no checkpoint, or of other data or options than this run's.
  public mutating func resume(fromCheckpoint path: String) throws {
    let file = try ModelFile(contentsOf: path)
    let saved = try file.content(DrugResponseModel.Manifest.self, of: Self.task)
    let (now, then) = (manifest.provenance, saved.provenance)
    if then.refitEpochs > 0, now.refitEpochs == 0, then.options == now.options,
      then.refitEpochs <= now.options.training.epochs
    {
      self = try DrugResponseTraining(
        data, options: now.options, seed: now.seed, refitEpochs: then.refitEpochs, metrics: then.metrics)
    }
    try file.resume(&trainer, difference: saved == manifest ? nil : difference(saved))
  }

  private func difference(_ saved: DrugResponseModel.Manifest) -> String {
    let (a, b) = (saved.provenance, manifest.provenance)
    if a.seed != b.seed { return "seed \(a.seed)" }
    if a.options != b.options { return "other options" }
    if a.digests != b.digests { return "other data, or another split" }
    return "another preparation"
  }
}
