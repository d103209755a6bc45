import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The data of a training: examples and their task.
package struct TrainingData: Sendable {
  /// The task, as `train` names it.
  package var task: String
  /// The noun for examples, such as `pairs`.
  package var unit: String
  /// The examples.
  package var examples: Examples
  /// The division into training, validation and test.
  package var division: Division
  /// The column of the records in a table, where they are in one.
  package var recordColumn: String?
  /// Columns of the examples' table, a row an example: examples can be grouped by them, and records joined to them.
  package var columns: [KeyColumn] = []
  /// Whether examples without a record in an input are kept, and a learned vector stands for it.
  package var learnsMissing = false

  package init(task: String, unit: String, examples: Examples, division: Division? = nil) {
    self.task = task
    self.unit = unit
    self.examples = examples
    self.division = division ?? Division(allOf: examples)
  }
}

/// The training of a model: it fits preparations, builds and trains the network, and writes checkpoints.
package struct Training: Sendable {
  /// The manifest of the model; metrics are added at the end.
  package private(set) var manifest: ModelManifest
  /// The trainer of the network.
  package private(set) var trainer: Trainer<ModelNetwork>
  let transfer: TransferLearning?
  let transferred: [String]
  let train: [Int]
  let validation: [Int]
  /// The architectures that training examples have chosen.
  package let choices: [ArchitectureChoice]
  /// The predictors of the blend, fitted on the training examples.
  let predictors: [any Predictor]
  /// A well-known score of the last epoch's validation predictions, such as the accuracy.
  package private(set) var validationScore: (name: String, value: Double)?
  let data: TrainingData
  let prepared: PreparedExamples
  private let targets: Observations
  /// The number of training samples of an example in an epoch: more than 1 where segments are drawn.
  let samplesPerExample: Int
  private let keepsBackground: Bool

  /// The values of the first run that the refit uses.
  private struct Carried {
    var epochs = 0
    var metrics: [String: Double] = [:]
    var shares: [Double] = []
    var temperature: Double?
  }

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - transfer: initial weights and frozen parameters.
  ///   - keepsBackground: whether the means of the training inputs are stored with the model.
  /// - Throws: `JoinError` where the data cannot be learned from; `TrainingError` for options that cannot be
  ///   used.
  package init(
    _ data: TrainingData, options: ModelOptions, seed: UInt64, transfer: TransferLearning? = nil,
    keepsBackground: Bool = true
  ) throws {
    try self.init(
      data, options: options, seed: seed, transfer: transfer, keepsBackground: keepsBackground, Carried())
  }

  private init(
    _ data: TrainingData, options: ModelOptions, seed: UInt64, transfer: TransferLearning?,
    keepsBackground: Bool, _ carried: Carried
  ) throws {
    let division = data.division, isRefit = carried.epochs > 0
    let train = isRefit ? (division.train + division.validation).sorted() : division.train
    validation = isRefit ? [] : division.validation
    guard !train.isEmpty else { throw JoinError("the training subset is empty") }
    if let problem = options.problem { throw TrainingError(problem) }
    var options = options
    (options, choices) = options.choosingArchitectures(data, train: train, seed: seed)
    if options.training.choosesEpochs == true, !isRefit {
      options.training.epochs = try Self.epochs(choosing: data, options, seed: seed)
    }
    prepared = PreparedExamples(data.examples, options: options, train: train)
    for (name, input) in options.inputs where input.encoder.linearWordLength == 0 {
      options.inputs[name]!.encoder.linearWordLength =
        AlignedSequences.tellMore(prepared, rows: train) ? 3 : 1
    }
    let objective = try Objectives.fit(prepared, rows: train, options: options.training)
    targets = objective.base.targets(of: prepared)
    options.choosePenalties(prepared, objective: objective.base, targets: targets, rows: train, seed: seed)
    let counts = objective.base.classCounts(data.examples.observations, rows: train)
    manifest = ModelManifest(
      task: data.task, inputs: prepared.manifests, objective: objective, options: options,
      keyColumns: data.examples.keys.names, recordColumn: data.recordColumn,
      provenance: .init(data, train: train, validation: validation, seed: seed))
    let columns = data.examples.target.columns
    manifest.labelColumns = columns.isEmpty ? nil : columns
    manifest.provenance.classCounts = Dictionary(uniqueKeysWithValues: zip(objective.base.names, counts))
    manifest.provenance.metrics = choices.reduce(into: carried.metrics) { $0.merge($1.named) { $1 } }
    manifest.provenance.refitEpochs = carried.epochs
    manifest.facts.temperature = carried.temperature
    manifest.provenance.initializedFrom = transfer?.source
    manifest.provenance.frozen = transfer?.patterns ?? []
    let fitted = prepared
    predictors = try options.blend.map { part in
      guard let found = Predictors.named(part.predictor)?.fit(fitted, rows: train), !found.sizes.isEmpty
      else { throw TrainingError("found the predictor '\(part.predictor)', which is not for such data") }
      return found
    }
    manifest.blend = zip(options.blend, predictors).enumerated().map { i, part in
      .init(
        predictor: part.0.predictor,
        share: i < carried.shares.count
          ? carried.shares[i] : part.0.share ?? part.1.shareWithoutValidation ?? 0.5, sizes: part.1.sizes)
    }
    if let problem = manifest.lengthProblem(data.examples) ?? manifest.problem {
      throw TrainingError(problem)
    }
    self.data = data
    self.train = train
    samplesPerExample =
      objective.base.readsSegments ? prepared.inputs.inputs[0].encoded.samplesPerRecord : 1
    self.transfer = transfer
    self.keepsBackground = keepsBackground
    var network = ModelNetwork(manifest.plan, from: .drawing(seed: seed))
    network.prepare(prepared, rows: train, objective: objective.base, classCounts: counts)
    if transfer == nil {
      try Self.startLinearInputs(&network, data, options, train: train, seed: seed)
    }
    transferred = try transfer?.begin(&network) ?? []
    trainer = Trainer(
      network, optimizer: manifest.optimizer,
      plan: manifest.trainerPlan(
        examples: train.count * samplesPerExample, epochs: carried.epochs, seed: seed))
    trainer.frozen = try transfer?.frozen(in: network) ?? []
  }

  /// Number of inner folds that choose the epochs.
  static let epochFolds = 5

  /// The median of the best epochs of inner folds of the training examples.
  private static func epochs(choosing data: TrainingData, _ options: ModelOptions, seed: UInt64) throws -> Int
  {
    var options = options
    (options.training.choosesEpochs, options.training.refits) = (nil, false)
    options.training.patience = max(10, options.training.epochs / 5)
    let folds = min(epochFolds, Set(data.division.train.map { data.examples.groups[$0] }).count)
    guard folds > 1 else { return options.training.epochs }
    let best = try data.division.validationFolds(folds, of: data.examples, seed: seed).map { division in
      var part = data
      part.division = division
      var training = try Training(part, options: options, seed: seed)
      _ = try training.run()
      return training.trainer.state.bestEpoch ?? options.training.epochs
    }
    return max(1, best.sorted()[best.count / 2])
  }

  var objective: any Objective { manifest.objective.base }
  /// The name of the validation metric.
  package var metricName: String { objective.metricName }
  /// The noun for examples.
  package var unit: String { data.unit }
  /// The maximum number of epochs.
  package var epochs: Int { trainer.plan.epochs }
  /// Whether this is the refit, on training and validation examples together.
  package var isRefit: Bool { manifest.provenance.refitEpochs > 0 }

  // MARK: - The run

  /// Runs or resumes, until finished or stopped.
  ///
  /// - Parameters:
  ///   - shouldStop: called after every step.
  ///   - onStep: batches done, batches of an epoch, mean loss so far.
  ///   - onEpoch: called after every epoch.
  /// - Throws: `TrainingError` when loss, gradient or weights are no longer finite.
  package mutating func run(
    shouldStop: () -> Bool = { false }, onStep: (Int, Int, Double) -> Void = { _, _, _ in },
    onEpoch: (Training, Trainer<ModelNetwork>.EpochReport) throws -> Void = { _, _ in }
  ) throws -> Trainer<ModelNetwork>.Outcome {
    let copy = self, said = validationPredictions
    var score: (name: String, value: Double)?
    func validate(_ network: ModelNetwork) throws -> Double {
      let found = copy.validated(network, said), metric = found.metric
      if !copy.objective.readsSegments {
        score = copy.objective.score(
          found.outputs, copy.data.examples.observations, rows: copy.validation)
      }
      guard metric.isFinite else {
        throw TrainingError(
          "training diverged: found a validation metric of \(metric), expected a finite number",
          isDivergence: true)
      }
      return metric
    }
    func noted(_ trainer: Trainer<ModelNetwork>, _ epoch: Trainer<ModelNetwork>.EpochReport) throws {
      var now = copy
      now.trainer = trainer
      now.validationScore = score
      try onEpoch(now, epoch)
    }
    let window = manifest.options.training.window
    do {
      if window > 0, objective.isOfSteps {
        return try trainer.run(
          sampleCount: train.count, window: window, length: { copy.longest(of: $0) }, loss: copy.loss,
          penalty: copy.penalty, validate: validation.isEmpty ? nil : validate, shouldStop: shouldStop,
          onStep: onStep, onEpoch: noted)
      }
      return try trainer.run(
        sampleCount: sampleCount,
        loss: { network, samples, context in
          copy.loss(network, copy.rows(ofSamples: samples), context)
        }, penalty: copy.penalty, validate: validation.isEmpty ? nil : validate, shouldStop: shouldStop,
        onStep: onStep, onEpoch: noted)
    } catch let error as Trainer<ModelNetwork>.Diverged {
      throw TrainingError("\(error)", isDivergence: true)
    }
  }

  /// Returns the loss of a batch, averaged over networks, with the penalties on factors. Every distinct
  /// record is encoded once.
  private func loss(_ network: ModelNetwork, _ rows: [Int], _ context: Context) -> LossSum {
    if let loss = segmentLoss(network, rows, changes: true, context, key: context.nextKey) { return loss }
    var (encoded, places) = ([[BranchOutput]](), [[Int32]?]())
    for (i, input) in prepared.inputs.inputs.enumerated() {
      var (records, place) = input.distinctRecords(of: rows)
      if let rate = manifest.options.inputs[input.name]!.encoder.missingRate, rate > 0, place != nil {
        var random = SeededGenerator(seed: context.nextKey())
        for i in place!.indices where random.nextUniform() < Double(rate) { place![i] = -1 }
      }
      encoded.append(
        network.encode(
          input.encoded.trainingBatch(records, key: context.nextKey), input: i,
          known: records.map { input.known[$0] }, context))
      places.append(place)
    }
    var losses = network.outputs(encoded, places: places, context).map {
      objective.loss($0, targets, rows: rows)
    }
    for (outputs, input) in zip(encoded, manifest.inputs) {
      let penalty = manifest.options.inputs[input.name]!.encoder.factorPenalty
      guard penalty > 0, network.plan.factorSize != nil else { continue }
      for (m, output) in outputs.enumerated() {
        let term = penalty * output.representation!.squared().sum()
        losses[m] = LossSum(mean: losses[m].mean + term, weight: losses[m].weight)
      }
    }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 } / Float(losses.count)
  }

  /// Returns the largest number of time steps of some training samples.
  private func longest(of samples: [Int]) -> Int {
    samples.map { prepared.inputs.inputs[0].encoded.stepCount(of: train[$0]) }.max() ?? 0
  }

  /// Returns the loss of some time steps of samples whose every step has outputs, averaged over networks. The
  /// states are those of the networks, one after the other.
  private func loss(
    _ network: ModelNetwork, _ samples: [Int], _ steps: Range<Int>, _ states: [RecurrentState]?,
    _ context: Context
  ) -> (loss: LossSum, states: [RecurrentState]) {
    let rows = samples.map { train[$0] }, members = network.members.count
    let own = states.map { states in
      (0..<members).map { Array(states[($0 * states.count / members)..<(($0 + 1) * states.count / members)]) }
    }
    let (outputs, after) = network.window(
      prepared.inputs.inputs[0].encoded.window(rows, steps: steps), from: own, context)
    let losses = outputs.map { objective.loss($0, targets, rows: rows, steps: steps) }
    return (losses.dropFirst().reduce(losses[0]) { $0 + $1 } / Float(members), Array(after.joined()))
  }

  /// Returns the penalty on the weights of the inputs.
  private func penalty(_ network: ModelNetwork) -> Tensor? {
    network.inputPenalty(manifest.options.training.inputPenalty)
  }

  /// The predictions of each predictor of the blend for the validation examples.
  private var validationPredictions: [[Float]] {
    predictors.map { $0.predict(prepared.inputs, rows: validation) }
  }

  /// Returns the validation metric of the blend with the best weights, those weights, and the metric of each
  /// predictor.
  private func validated(_ network: ModelNetwork, _ said: [[Float]]) -> (
    metric: Double, shares: [Double], parts: [String: Double], outputs: [Float]
  ) {
    if objective.readsSegments { return (segmentMetric(network, validation), [], [:], []) }
    let observed = data.examples.observations
    var outputs = network.finished(prepared.inputs, rows: validation, objective)
    func metric(_ outputs: [Float]) -> Double { objective.metric(outputs, observed, rows: validation) }
    guard !said.isEmpty else { return (metric(outputs), [], [:], outputs) }
    var (shares, parts) = ([Double](), ["network": metric(outputs)])
    let clusters = data.examples.keys.columns.map { column in validation.map { column.codes[$0] } }
    for ((part, predictor), said) in zip(zip(manifest.options.blend, predictors), said) {
      let share =
        part.share
        ?? Blend.share(
          outputs, said, truth: observed.numbers(of: validation), clusters: clusters,
          expected: predictor.shareWithoutValidation ?? 0.5)
      parts[part.predictor] = metric(Model.blend(outputs, said, share: 1))
      outputs = Model.blend(outputs, said, share: share)
      shares.append(share)
    }
    return (metric(outputs), shares, parts, outputs)
  }

  /// The validation metric of the network for some examples.
  func metric(of rows: [Int]) -> Double {
    if objective.readsSegments { return segmentMetric(trainer.result, rows) }
    return objective.metric(
      trainer.result.finished(prepared.inputs, rows: rows, objective), data.examples.observations, rows: rows)
  }

  /// Returns the current weights of the blend, the number of epochs run and the best validation metric.
  private func standing() -> (shares: [Double], metrics: [String: Double]) {
    guard !isRefit else { return (manifest.blend.map(\.share), manifest.provenance.metrics) }
    var metrics = manifest.provenance.metrics
    metrics["epochs"] = Double(trainer.state.epoch)
    metrics["best_epoch"] = trainer.state.bestEpoch.map { Double($0) }
    metrics["validation_\(metricName)"] = trainer.state.stopping.best
    guard !predictors.isEmpty, !validation.isEmpty else { return (manifest.blend.map(\.share), metrics) }
    let (_, shares, parts, _) = validated(trainer.result, validationPredictions)
    for (name, value) in parts { metrics["validation_\(metricName)_\(name)"] = value }
    return (shares, metrics)
  }

  /// Returns the refit, when this run is finished and the options require one.
  package func refit() throws -> Training? {
    guard manifest.options.training.refits, !isRefit, data.division.isValidationDrawn, !validation.isEmpty,
      let best = trainer.state.bestEpoch
    else { return nil }
    let (shares, metrics) = standing()
    let temperature = Model(manifest: manifest, network: trainer.result).temperature(
      prepared, rows: validation)
    return try again(
      Carried(epochs: best, metrics: metrics, shares: shares, temperature: temperature))
  }

  private func again(_ carried: Carried) throws -> Training {
    try Training(
      data, options: manifest.options, seed: manifest.provenance.seed, transfer: transfer,
      keepsBackground: keepsBackground, carried)
  }

  /// The model in its current state.
  package var model: Model {
    var (manifest, final) = (manifest, predictors)
    let (shares, metrics) = standing()
    manifest.provenance.metrics = metrics
    if !predictors.isEmpty, !validation.isEmpty {
      // Predictors that are fitted in one step also use the validation examples.
      let all = (train + validation).sorted()
      final = zip(predictors, manifest.blend).map { old, part in
        Predictors.named(part.predictor)?.fit(prepared, rows: all) ?? old
      }
      for (i, share) in shares.enumerated() {
        (manifest.blend[i].share, manifest.blend[i].sizes) = (share, final[i].sizes)
      }
    }
    let network = trainer.result
    if !type(of: objective).isAdditive {
      manifest.objective.base.complete(
        outputs: network.averaged(prepared.inputs, rows: train, objective), data.examples.observations,
        rows: train)
    }
    var model = Model(manifest: manifest, network: network, predictors: final)
    model.noteFacts(
      prepared, rows: train, validation: validation, held: (isRefit ? [] : validation, data.division.test),
      background: keepsBackground)
    if objective.readsSegments { chooseParts(&model) }
    return model
  }

  // MARK: - Checkpoints

  /// Writes everything that is needed to resume: the run's tensors and state, and the manifest.
  package func writeCheckpoint(to path: String) throws {
    try ModelFile.writeCheckpoint(manifest, trainer: trainer, to: path)
  }

  /// Resumes a run from a checkpoint.
  ///
  /// - Throws: `FormatError` when the file is not a checkpoint, or has other data or options than this run.
  package mutating func resume(fromCheckpoint path: String) throws {
    let file = try ModelFile(contentsOf: path)
    let saved = try file.manifest(), origin = saved.provenance
    if origin.refitEpochs > 0, !isRefit, saved.options == manifest.options,
      origin.refitEpochs <= manifest.options.training.epochs
    {
      self = try again(
        Carried(
          epochs: origin.refitEpochs, metrics: origin.metrics, shares: saved.blend.map(\.share),
          temperature: saved.facts.temperature))
    }
    try file.resume(&trainer, difference: saved == manifest ? nil : difference(saved))
  }

  private func difference(_ saved: ModelManifest) -> String {
    let (a, b) = (saved.provenance, manifest.provenance)
    if saved.task != manifest.task { return "a model for \(saved.task)" }
    if a.seed != b.seed { return "seed \(a.seed)" }
    if saved.options != manifest.options { return "other options" }
    if a.digests != b.digests { return "other data, or another split" }
    return "another preparation"
  }
}
