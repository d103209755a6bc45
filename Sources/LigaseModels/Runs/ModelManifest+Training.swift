import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// How much of a prediction each part of a blend has.
enum Blend {
  /// The share of b, from 0 to 1, with which `(1 - share) a + share b` has the least squared error.
  static func share(_ a: [Float], _ b: [Float], truth: [Float]) -> Double {
    var (joint, square) = (0.0, 0.0)
    for i in a.indices where !b[i].isNaN && !truth[i].isNaN {
      let d = Double(b[i]) - Double(a[i])
      joint += d * (Double(truth[i]) - Double(a[i]))
      square += d * d
    }
    return square > 0 ? min(max(joint / square, 0), 1) : 0.5
  }
}

extension PreparedInputs.Input {
  /// The distinct records of some examples, ascending, and the place of each example's record among them; nil where each
  /// example has its own.
  func distinctRecords(of rows: [Int]) -> (records: [Int], places: [Int32]?) {
    guard let index else { return (rows, nil) }
    var place = [Int32](repeating: -1, count: encoded.count)
    for row in rows { place[Int(index[row])] = 0 }
    var records: [Int] = []
    for record in place.indices where place[record] == 0 {
      place[record] = Int32(records.count)
      records.append(record)
    }
    return (records, rows.map { place[Int(index[$0])] })
  }
}

extension ModelNetwork {
  /// Sets what is known before training: counts of tokens, and, of one layer over features, the outputs without any input.
  mutating func prepare(
    _ prepared: PreparedExamples, rows: [Int], objective: any Objective, classCounts: [Int]
  ) {
    for (i, input) in prepared.inputs.inputs.enumerated() where plan.inputs[i].options.readsCounts {
      fitCounts(input.encoded.batch(input.distinctRecords(of: rows).records, view: 0), input: i)
    }
    // What samples say nothing of stays as it was.
    if plan.isLinear, plan.inputs[0].shape.isRow {
      begin(withLogits: objective.initialOutputs(classCounts: classCounts) ?? .zeros([plan.outputs]))
    }
  }
}

extension ModelManifest {
  /// The optimiser of the options. Learned vectors do not decay; the bias of one layer over features moves as far as the
  /// weights of all features do together.
  var optimizer: any Optimizer {
    let t = options.training
    let isLinear = plan.isLinear && plan.inputs[0].shape.isRow
    let biasFactor = isLinear ? Float(max(plan.inputs[0].shape.channels, 1)).squareRoot() : 1
    switch t.optimizer.name {
    case .sgd:
      return SGD(
        learningRate: t.learningRate, momentum: t.optimizer.momentum, weightDecay: t.weightDecay,
        isNesterov: t.optimizer.nesterov && t.optimizer.momentum > 0)
    case .rmsprop:
      return RMSProp(
        learningRate: t.learningRate, weightDecay: t.weightDecay, momentum: t.optimizer.momentum)
    case .adam, .adamw:
      return Adam(
        learningRate: t.learningRate, weightDecay: t.weightDecay, isDecoupled: t.optimizer.name == .adamw,
        decayFactor: { $0.hasSuffix("embedding.weight") || $0.hasSuffix("known.weight") ? 0 : 1 },
        rateFactor: { $0.hasSuffix("bias") ? biasFactor : 1 })
    }
  }

  /// How the options have a network trained.
  func trainerPlan(examples: Int, epochs carried: Int, seed: UInt64) -> Trainer<ModelNetwork>.Plan {
    let t = options.training, epochs = carried > 0 ? carried : t.epochs
    let steps = (examples + t.batchSize - 1) / t.batchSize * epochs
    return .init(
      epochs: epochs, batchSize: t.batchSize, learningRate: t.learningRate,
      schedule: t.schedule.schedule(warmupSteps: Int(t.warmup * Float(steps))),
      clipNorm: t.clipNorm > 0 ? t.clipNorm : nil, patience: t.patience > 0 ? t.patience : nil,
      averageDecay: t.averageDecay > 0 ? t.averageDecay : nil, parts: t.parts, seed: seed)
  }

  /// Where a network needs sequences of one length and they differ.
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
  /// The manifest before training.
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
  /// Adds the records of an input, under their names.
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
  }

  /// Adds the training and the validation examples of a division.
  mutating func add(_ division: Division) {
    add(division.train.map { Int32($0) })
    add(division.validation.map { Int32($0) })
  }
}
