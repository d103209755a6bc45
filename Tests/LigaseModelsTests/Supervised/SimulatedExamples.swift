import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport

/// Small data of every kind, made by a seed, that small networks learn.
enum SimulatedExamples {
  /// DNA in which half of the sequences hold a motif; every fifth stands twice where there are duplicates.
  static func sequences(
    _ count: Int = 60, lengths: ClosedRange<Int> = 16...16, seed: UInt64 = 1, hasDuplicates: Bool = false,
    alphabet: SequenceAlphabet = .dna, tokenLength: Int = 0
  ) -> SupervisedData {
    var random = SeededGenerator(seed: seed, stream: "sequences")
    let letters = alphabet.residues
    var all: [[UInt8]] = []
    for i in 0..<count {
      if hasDuplicates, i % 5 == 4 {
        all.append(all[i - 2])
        continue
      }
      let length = lengths.lowerBound + Int(random.next(upperBound: UInt64(lengths.count)))
      var sequence = (0..<length).map { _ in letters[Int(random.next(upperBound: UInt64(letters.count)))] }
      if i % 2 == 0 {
        sequence.replaceSubrange(
          4..<10, with: [letters[2], letters[0], letters[1], letters[1], letters[0], letters[2]])
      }
      all.append(sequence)
    }
    var groups: [[UInt8]: Int] = [:]
    let numbers = all.map { sequence in
      let next = groups.count
      return {
        groups[sequence] = $0; return $0
      }(groups[sequence] ?? next)
    }
    return SupervisedData(
      task: .sequence,
      examples: Examples(
        idColumn: "id", ids: (0..<count).map { "s\($0)" }, inputs: .sequences(all),
        target: .classes(["no", "yes"]),
        observations: .classes(
          (0..<count).map { i in (hasDuplicates && i % 5 == 4 ? i - 2 : i) % 2 == 0 ? 1 : 0 }),
        groups: numbers),
      plan: .sequence(SequenceEncoding(alphabet: alphabet, tokenLength: tokenLength)))
  }

  /// The same sequences with numbers: how many `G` they hold, and their first residue.
  static func values(_ count: Int = 60, lengths: ClosedRange<Int> = 16...16) -> SupervisedData {
    var data = sequences(count, lengths: lengths)
    guard case .sequences(let all) = data.examples.inputs else { return data }
    data.examples.target = .values([
      .init(name: "g", mean: 0, deviation: 1), .init(name: "first", mean: 0, deviation: 1),
    ])
    data.examples.observations = .values(
      all.enumerated().flatMap { i, sequence -> [Float] in
        [Float(sequence.count { $0 == 0x47 }), i % 7 == 3 ? .nan : sequence[0] == 0x41 ? 5 : -5]
      })
    return data
  }

  /// Two labels of the sequences, some unknown.
  static func labels(_ count: Int = 60) -> SupervisedData {
    var data = sequences(count)
    data.examples.target = .labels(["motif", "other"])
    data.examples.observations = .labels(
      (0..<count).flatMap { i -> [Float] in
        let motif: Float = i % 2 == 0 ? 1 : 0
        let other: Float = i % 3 == 0 ? 1 : 0
        return [motif, i % 5 == 0 ? .nan : other]
      })
    return data
  }

  /// Proteins whose residues are of a class by their own letter.
  static func residues(_ count: Int = 20, lengths: ClosedRange<Int> = 5...20) -> SupervisedData {
    var data = sequences(count, lengths: max(lengths.lowerBound, 10)...lengths.upperBound, alphabet: .protein)
    guard case .sequences(let all) = data.examples.inputs else { return data }
    data.task = .residues
    data.examples.target = .residues(["C", "E", "H"])
    data.examples.observations = .residues(
      all.enumerated().map { i, sequence in
        sequence.enumerated().map { $0 == i % 9 ? -1 : $1 < 0x48 ? 0 : $1 < 0x50 ? 1 : 2 }
      })
    return data
  }

  /// Profiles of three classes, each with genes of its own.
  static func expression(_ count: Int = 45, genes: Int = 12) -> SupervisedData {
    var random = SeededGenerator(seed: 3, stream: "expression")
    let values = (0..<count).flatMap { sample in
      (0..<genes).map {
        Float((($0 % 3 == sample % 3 ? 4 : 0) + random.nextNormal() * 0.8) * 100).rounded() / 100
      }
    }
    return SupervisedData(
      task: .expression,
      examples: Examples(
        idColumn: "sample", ids: (0..<count).map { "t\($0)" },
        inputs: .features(FeatureTable(names: (0..<genes).map { "G\($0)" }, values: values)),
        target: .classes(["A", "B", "C"]), observations: .classes((0..<count).map { Int32($0 % 3) }),
        groups: Array(0..<count)),
      plan: .expression(isScaled: true, topVariance: nil, countsPerMillion: false, logTransformed: false))
  }

  /// Options of networks that train in milliseconds.
  static func options(
    _ kind: Architecture.Kind, _ data: SupervisedData, epochs: Int = 2, members: Int = 1
  ) -> SupervisedOptions {
    var options = SupervisedOptions(
      kind, for: data.examples.inputs, target: data.examples.target, count: data.examples.count)
    options.architecture.embeddingSize = 3
    options.architecture.stepSize = 4
    options.architecture.filters = 6
    options.architecture.kernelSize = 5
    options.architecture.poolSize = 2
    options.architecture.blocks = 2
    options.architecture.hiddenSize = 5
    options.architecture.headHidden = kind == .linear ? [] : [6]
    options.architecture.members = members
    options.training.epochs = epochs
    options.training.batchSize = 16
    options.training.validationShare = 0.1
    options.training.refits = false
    options.training.patience = 0
    options.training.learningRate = 0.02
    return options
  }

  /// A whole training.
  static func trained(
    _ data: SupervisedData, _ options: SupervisedOptions, seed: UInt64 = 1, transfer: TransferLearning? = nil,
    drawsValidation: Bool = true
  ) throws -> SupervisedTraining {
    var data = data
    if drawsValidation, data.validation.isEmpty { data.drawValidation(share: 0.2, seed: seed) }
    var training = try SupervisedTraining(data, options: options, seed: seed, transfer: transfer)
    _ = try training.run()
    if let again = try training.refit() {
      training = again
      _ = try training.run()
    }
    return training
  }

  /// The bytes of the model file.
  static func bytes(_ model: SupervisedModel) throws -> [UInt8] {
    let folder = TemporaryFolder(), path = folder.file("m.safetensors")
    try model.write(to: path)
    return TemporaryFolder.contents(of: path)!
  }

  /// What a model says of all examples.
  static func predictions(_ model: SupervisedModel, _ data: SupervisedData) -> [Float] {
    model.predict(model.manifest.features.encode(data.examples.inputs))
  }
}
