import LigaseDatasets
import LigaseNetworks
import LigaseTensors

extension PreparedInputs.Input {
  /// Returns the distinct records of some examples, ascending, and the index of each example's record among
  /// them; nil where each example has its own.
  func distinctRecords(of rows: [Int]) -> (records: [Int], places: [Int32]?) {
    guard let index else { return (rows, nil) }
    var place = [Int32](repeating: -1, count: encoded.count)
    for row in rows where index[row] >= 0 { place[Int(index[row])] = 0 }
    var records: [Int] = []
    for record in place.indices where place[record] == 0 {
      place[record] = Int32(records.count)
      records.append(record)
    }
    // A network encodes at least one record.
    if records.isEmpty, !place.isEmpty { records = [0] }
    return (records, rows.map { index[$0] < 0 ? -1 : place[Int(index[$0])] })
  }
}

extension ModelNetwork {
  /// Initialises from the training examples: the scaling of token counts, and the outputs of linear models of
  /// features.
  mutating func prepare(
    _ prepared: PreparedExamples, rows: [Int], objective: any Objective, classCounts: [Int]
  ) {
    for (i, input) in prepared.inputs.inputs.enumerated() where plan.inputs[i].options.readsCounts {
      fitCounts(input.encoded.batch(input.distinctRecords(of: rows).records, view: 0), input: i)
    }
    // What samples say nothing of stays as it was.
    if plan.isLinear, plan.rowChannels > 0 {
      begin(withLogits: objective.initialOutputs(classCounts: classCounts) ?? .zeros([plan.outputs]))
    }
  }
}

extension ModelManifest {
  /// The optimiser. Learned embeddings have no weight decay. The learning rate of the bias of a linear model
  /// is multiplied by the square root of the number of features, so that it moves as fast as all weights
  /// together.
  var optimizer: any Optimizer {
    let t = options.training
    let biasFactor = plan.isLinear && plan.rowChannels > 0 ? Float(plan.rowChannels).squareRoot() : 1
    switch t.optimizer.name {
    case .sgd:
      return SGD(
        learningRate: t.learningRate, momentum: t.optimizer.momentum, weightDecay: t.weightDecay,
        isNesterov: t.optimizer.nesterov && t.optimizer.momentum > 0)
    case .rmsprop:
      var rmsprop = RMSProp(
        learningRate: t.learningRate, alpha: t.optimizer.meanDecay ?? 0.99, weightDecay: t.weightDecay,
        momentum: t.optimizer.momentum, isNesterov: t.optimizer.nesterov && t.optimizer.momentum > 0)
      (rmsprop.signDecay, rmsprop.penalizesMatricesOnly) = (t.optimizer.l1 ?? 0, true)
      return rmsprop
    case .adam, .adamw:
      return Adam(
        learningRate: t.learningRate, weightDecay: t.weightDecay, isDecoupled: t.optimizer.name == .adamw,
        decayFactor: { $0.hasSuffix("embedding.weight") || $0.hasSuffix("known.weight") ? 0 : 1 },
        rateFactor: { $0.hasSuffix("bias") ? biasFactor : 1 })
    }
  }

  /// Returns the plan of the trainer.
  func trainerPlan(examples: Int, epochs carried: Int, seed: UInt64) -> Trainer<ModelNetwork>.Plan {
    let t = options.training, epochs = carried > 0 ? carried : t.epochs
    let steps = (examples + t.batchSize - 1) / t.batchSize * epochs
    return .init(
      epochs: epochs, batchSize: t.batchSize, learningRate: t.learningRate,
      schedule: t.schedule.schedule(warmupSteps: Int(t.warmup * Float(steps))),
      clipNorm: t.clipNorm > 0 ? t.clipNorm : nil, patience: t.patience > 0 ? t.patience : nil,
      averageDecay: t.averageDecay > 0 ? t.averageDecay : nil, parts: t.parts, seed: seed)
  }

  /// Returns an error where a network needs sequences of one length and they differ.
  func lengthProblem(_ examples: Examples) -> String? {
    if let input = inputs.first(where: { $0.preparation.base is SeriesPreparation }), needsEqualLengths {
      return
        "the architecture \(options.inputs[input.name]!.encoder.kind.rawValue) reads all steps at once, which series do "
        + "not allow: they may be of any length; use lstm, gru, rnn, cnn, cnn-lstm or dilated-cnn"
    }
    guard needsEqualLengths, sequence?.encoding.length == nil,
      let records = examples.inputs[0].records as? SequenceRecords
    else { return nil }
    let lengths = records.sequences.map(\.count)
    let kind = options.inputs[inputs[0].name]!.encoder.kind
    return
      "found sequences of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) residues, expected one length: "
      + "a network of the architecture \(kind.rawValue) reads all residues at once"
  }
}

extension ModelManifest.Provenance {
  /// Creates the provenance before training.
  init(_ data: TrainingData, train: [Int], validation: [Int], seed: UInt64) {
    var digests: [String: String] = [:]
    for input in data.examples.inputs {
      var digest = DataDigest()
      digest.add(input)
      digests[input.name] = digest.hexadecimal
    }
    var digest = DataDigest()
    digest.add(labelsOf: data.examples)
    digest.add(data.division)
    digests["examples"] = digest.hexadecimal
    self.init(
      seed: seed, split: data.division.description, unit: data.unit,
      examples: [
        "train": train.count, "validation": validation.count, "test": data.division.test.count,
      ], digests: digests)
  }
}

extension DataDigest {
  /// Adds the ids and records of an input.
  mutating func add(_ input: ExampleInput) {
    add(input.ids)
    input.records.add(to: &self)
  }

  /// Adds the keys of examples and their labels.
  mutating func add(labelsOf examples: Examples) {
    for column in examples.keys.columns {
      add(column.ids)
      add(column.codes)
    }
    add(examples.target.names)
    add(examples.observations.numbers)
    for steps in examples.observations.steps { add(steps) }
    examples.observations.maps?.add(to: &self)
  }

  /// Adds the training and the validation examples of a division.
  mutating func add(_ division: Division) {
    add(division.train.map { Int32($0) })
    add(division.validation.map { Int32($0) })
  }
}
