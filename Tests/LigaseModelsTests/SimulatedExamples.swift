import FoundationEssentials
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// Small seeded data of every kind that small networks can learn.
enum SimulatedExamples {
  /// DNA in which half of the sequences contain a motif; every fifth is duplicated where there are
  /// duplicates.
  static func sequences(
    _ count: Int = 60, lengths: ClosedRange<Int> = 16...16, seed: UInt64 = 1, hasDuplicates: Bool = false,
    alphabet: SequenceAlphabet = .dna, tokenLength: Int = 0
  ) -> TrainingData {
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
    let classes = (0..<count).map { i -> Float in
      (hasDuplicates && i % 5 == 4 ? i - 2 : i) % 2 == 0 ? 1 : 0
    }
    return TrainingData(
      task: SequenceTask.name, unit: SequenceTask.unit,
      examples: Examples(
        idColumn: "id", ids: (0..<count).map { "s\($0)" }, records: SequenceRecords(all),
        modality: SequenceModality(SequenceEncoding(alphabet: alphabet, tokenLength: tokenLength)),
        target: TargetDescription("classes", ["no", "yes"]),
        observations: Observations(numbers: classes, width: 1), groups: numbers))
  }

  /// The same sequences with numbers: the count of `G`, and the first residue.
  static func values(_ count: Int = 60, lengths: ClosedRange<Int> = 16...16) -> TrainingData {
    var data = sequences(count, lengths: lengths)
    data.examples.target = TargetDescription("values", ["g", "first"])
    data.examples.observations = Observations(
      numbers: data.sequences.enumerated().flatMap { i, sequence -> [Float] in
        [Float(sequence.count { $0 == 0x47 }), i % 7 == 3 ? .nan : sequence[0] == 0x41 ? 5 : -5]
      }, width: 2)
    return data
  }

  /// Two labels of the sequences, some unknown.
  static func labels(_ count: Int = 60) -> TrainingData {
    var data = sequences(count)
    data.examples.target = TargetDescription("labels", ["motif", "other"])
    data.examples.observations = Observations(
      numbers: (0..<count).flatMap { i -> [Float] in
        let motif: Float = i % 2 == 0 ? 1 : 0
        let other: Float = i % 3 == 0 ? 1 : 0
        return [motif, i % 5 == 0 ? .nan : other]
      }, width: 2)
    return data
  }

  /// Proteins whose residues are of a class by their own letter.
  static func residues(_ count: Int = 20, lengths: ClosedRange<Int> = 5...20) -> TrainingData {
    var data = sequences(count, lengths: max(lengths.lowerBound, 10)...lengths.upperBound, alphabet: .protein)
    (data.task, data.unit) = (ResiduesTask.name, ResiduesTask.unit)
    data.examples.target = TargetDescription("steps", ["C", "E", "H"])
    data.examples.observations = Observations(
      steps: data.sequences.enumerated().map { i, sequence in
        sequence.enumerated().map { $0 == i % 9 ? -1 : $1 < 0x48 ? 0 : $1 < 0x50 ? 1 : 2 }
      })
    return data
  }

  /// Profiles of three classes with their own genes.
  static func expression(_ count: Int = 45, genes: Int = 12) -> TrainingData {
    var random = SeededGenerator(seed: 3, stream: "expression")
    let values = (0..<count).flatMap { sample in
      (0..<genes).map {
        Float((($0 % 3 == sample % 3 ? 4 : 0) + random.nextNormal() * 0.8) * 100).rounded() / 100
      }
    }
    return TrainingData(
      task: ExpressionTask.name, unit: ExpressionTask.unit,
      examples: Examples(
        idColumn: "sample", ids: (0..<count).map { "t\($0)" },
        records: FeatureTable(names: (0..<genes).map { "G\($0)" }, values: values),
        modality: ExpressionModality(), target: TargetDescription("classes", ["A", "B", "C"]),
        observations: Observations(numbers: (0..<count).map { Float($0 % 3) }, width: 1)))
  }

  /// Diploid genotypes of three populations, some unknown.
  static func genotypes(_ count: Int, sites: Int = 90) -> TrainingData {
    var random = SeededGenerator(seed: 5, stream: "genotypes")
    let frequencies = (0..<(3 * sites)).map { _ in 0.1 + 0.8 * random.nextUniform() }
    let values = (0..<(count * sites)).map { i -> Float in
      let frequency = frequencies[(i / sites % 3) * sites + i % sites]
      let alleles = (0..<2).count { _ in random.nextUniform() < frequency }
      return random.nextUniform() < 0.05 ? .nan : Float(alleles)
    }
    var modality = GenotypeModality()
    modality.missing = .flag
    return TrainingData(
      task: GenotypeTask.name, unit: GenotypeTask.unit,
      examples: Examples(
        idColumn: "sample", ids: (0..<count).map { "s\($0)" },
        records: GenotypeRecords(
          sites: (0..<sites).map {
            VariantSite(contig: "1", position: $0 + 1, reference: "A", alternate: "G", id: "")
          }, table: FeatureTable(names: (0..<sites).map { "1:\($0 + 1):A:G" }, values: values)),
        modality: modality, target: TargetDescription("classes", ["A", "B", "C"]),
        observations: Observations(numbers: (0..<count).map { Float($0 % 3) }, width: 1)))
  }

  /// The kinds of encoders that read any input.
  static let kinds = EncoderOptions.Kind.allCases.filter { ![.deepMedic, .deepMedicTiny].contains($0) }
  /// The kinds of encoders that read images.
  static let imageKinds: Set<EncoderOptions.Kind> = [
    .cnn, .dilatedCNN, .resnet, .lesionCNN, .linear, .mlp, .unet,
  ]

  /// Images of noise with a bright square in one half or the other, of which the class depends.
  static func images(_ count: Int = 60, extents: [Int] = [18, 14]) throws -> TrainingData {
    var random = SeededGenerator(seed: 7, stream: "images")
    let (h, w) = (extents[0], extents[1])
    let images = (0..<count).map { i -> Image in
      let (top, left) = (i % 2 * h / 2 + random.next(below: h / 2 - 3), random.next(below: w - 4))
      return Image(
        extents: extents, channels: 1,
        values: (0..<(h * w)).map { place in
          let isInside = (top..<(top + 4)).contains(place / w) && (left..<(left + 4)).contains(place % w)
          return Float(random.nextNormal()) + (isInside ? 4 : 0)
        })
    }
    return TrainingData(
      task: ImageTask.name, unit: ImageTask.unit,
      examples: Examples(
        idColumn: "image", ids: (0..<count).map { "\($0)" }, records: try ImageRecords(images),
        modality: ImageModality(),
        target: TargetDescription("classes", ["top", "bottom"]),
        observations: Observations(numbers: (0..<count).map { Float($0 % 2) }, width: 1)))
  }

  /// Volumes of noise in two channels with a bright ball of label 2, and a mask that leaves out the last plane.
  static func volumes(_ count: Int = 4, extents: [Int] = [10, 12, 11], hasMask: Bool = true) throws
    -> TrainingData
  {
    var random = SeededGenerator(seed: 7, stream: "volumes")
    var volumes = VolumeCollector(channelNames: ["a", "b"])
    for i in 0..<count {
      let centre = extents.map { 3 + random.next(below: max(1, $0 - 6)) }
      let places = extents.reduce(1, *)
      func image(_ value: (Int, Bool) -> Float) -> Image {
        Image(
          extents: extents, channels: 1,
          values: (0..<places).map { place in
            var (rest, distance) = (place, 0)
            for axis in extents.indices.reversed() {
              let d = rest % extents[axis] - centre[axis]
              rest /= extents[axis]
              distance += d * d
            }
            return value(place, distance <= 9)
          })
      }
      let a = image { _, isInside in Float(random.nextNormal()) + (isInside ? 4 : 0) }
      let b = image { _, isInside in Float(random.nextNormal()) * 10 + (isInside ? 60 : 100) }
      let mask = image { place, _ in place < places - places / extents[0] ? 1 : 0 }
      try volumes.add(
        "\(i)", channels: [("a", a), ("b", b)], mask: hasMask ? ("mask", mask) : nil,
        labels: ("labels", image { _, isInside in isInside ? 2 : 0 }))
    }
    return TrainingData(
      task: SegmentationTask.name, unit: SegmentationTask.unit,
      examples: Examples(
        idColumn: "id", ids: (0..<count).map { "\($0)" }, records: volumes.records,
        modality: VolumeModality(), target: TargetDescription("voxels", volumes.labelMaps.names),
        observations: Observations(maps: volumes.labelMaps)))
  }

  /// Series of one and more steps, at irregular times and with missing values, whose first channel rises, falls or stays.
  static func series(_ count: Int = 60, lengths: ClosedRange<Int> = 1...20) -> TrainingData {
    var random = SeededGenerator(seed: 7, stream: "series")
    let all = (0..<count).map { i -> SeriesRecords.Series in
      var time = 0.0
      let times = (0..<(lengths.lowerBound + Int(random.next(upperBound: UInt64(lengths.count))))).map { _ in
        time += 0.5 + random.nextUniform()
        return time
      }
      return SeriesRecords.Series(
        times: times,
        values: times.flatMap { time in
          (0..<3).map { channel -> Float in
            let value = (channel == 0 ? Double(i % 3 - 1) * (1 + time / 5) : 0) + random.nextNormal() / 2
            return random.nextUniform() < 0.1 ? .nan : Float(value)
          }
        })
    }
    return TrainingData(
      task: SeriesTask.name, unit: SeriesTask.unit,
      examples: Examples(
        idColumn: "id", ids: (0..<count).map { "s\($0)" },
        records: SeriesRecords(channels: ["x", "y", "z"], series: all), modality: SeriesModality(),
        target: TargetDescription("classes", ["falls", "stays", "rises"]),
        observations: Observations(numbers: (0..<count).map { Float($0 % 3) }, width: 1)))
  }

  /// The defaults of the data's task.
  static func defaults(_ data: TrainingData, _ kind: EncoderOptions.Kind? = nil) -> ModelOptions {
    let tasks: [any Task.Type] = [
      SequenceTask.self, ResiduesTask.self, ExpressionTask.self, GenotypeTask.self, SeriesTask.self,
      ImageTask.self, SegmentationTask.self,
    ]
    return tasks.first { $0.name == data.task }!.defaults(for: data, TaskChoice(kind: kind))
  }

  /// Options of networks that train in milliseconds.
  static func options(
    _ kind: EncoderOptions.Kind, _ data: TrainingData, epochs: Int = 2, members: Int = 1
  ) -> ModelOptions {
    var options = defaults(data, kind)
    options.encoder.embeddingSize = 3
    options.encoder.stepSize = 4
    options.encoder.filters = 6
    options.encoder.kernelSize = 5
    options.encoder.poolSize = 2
    options.encoder.blocks = 2
    options.encoder.hiddenSize = 5
    options.head.hidden = kind == .linear ? [] : [6]
    options.ensemble = members
    options.training.epochs = epochs
    options.training.batchSize = 16
    options.training.validationShare = 0.1
    options.training.refits = false
    options.training.patience = 0
    options.training.learningRate = 0.02
    if kind == .layers { options.encoder.layers = layers(for: data) }
    return options
  }

  /// A list of most available layers, as in a file of options.
  static func layers(for data: TrainingData) -> [ListedLayer] {
    let isOfSteps = data.task == ResiduesTask.name
    let isRow = ![SequenceTask.name, SeriesTask.name].contains(data.task) && !isOfSteps
    let text = """
      [\(isRow ? "{\"layer\": \"cut\", \"size\": 4}," : "")
       {"layer": "convolution", "filters": 6, "kernelSize": 5, "name": "motifs"}, {"layer": "relu"},
       {"layer": "residual", "layers": [{"layer": "layerNorm"}, {"layer": "gelu"}, {"layer": "linear", "size": 6}]},
       \(isOfSteps ? "" : "{\"layer\": \"maxPool\", \"padding\": 1}, {\"layer\": \"averagePool\"},")
       {"layer": "dropout", "probability": 0.1}, {"layer": "batchNorm"},
       {"layer": "gru", "hiddenSize": 5, "isBidirectional": false}\(isOfSteps ? "" : ", {\"layer\": \"pooling\"}")]
      """
    return try! JSONDecoder().decode([ListedLayer].self, from: Data(text.utf8))
  }

  /// A whole training.
  static func trained(
    _ data: TrainingData, _ options: ModelOptions, seed: UInt64 = 1, transfer: TransferLearning? = nil,
    drawsValidation: Bool = true
  ) throws -> Training {
    var data = data
    if drawsValidation, data.division.validation.isEmpty { data.drawValidation(share: 0.2, seed: seed) }
    var training = try Training(data, options: options, seed: seed, transfer: transfer)
    _ = try training.run()
    if let again = try training.refit() {
      training = again
      _ = try training.run()
    }
    return training
  }

  /// Stops a run after each of some steps, in the refit where the first run is shorter, resumes it from its
  /// checkpoint, and expects the bytes of an uninterrupted run.
  ///
  /// - Returns: the number of stopped runs.
  static func stoppedRuns(
    _ data: TrainingData, _ options: ModelOptions, at steps: Range<Int>, giving expected: [UInt8]
  ) throws -> Int {
    let folder = TemporaryFolder(), path = folder.file("c.checkpoint")
    var stops = 0
    for stop in steps {
      var steps = 0
      func isStopped(_ training: inout Training) throws -> Bool {
        try training.run(shouldStop: { steps == stop }, onStep: { _, _, _ in steps += 1 }) == .interrupted
      }
      var first = try Training(data, options: options, seed: 1)
      if try !isStopped(&first) {
        guard let again = try first.refit() else { continue }
        first = again
        guard try isStopped(&first) else { continue }
      }
      stops += 1
      try first.writeCheckpoint(to: path)
      var second = try Training(data, options: options, seed: 1)
      try second.resume(fromCheckpoint: path)
      #expect(second.trainer.state == first.trainer.state && second.isRefit == first.isRefit)
      #expect(try second.run() == .finished)
      if let again = try second.refit() {
        second = again
        #expect(try second.run() == .finished)
      }
      #expect(try bytes(second.model) == expected, "\(data.task) stopped after step \(stop)")
    }
    return stops
  }

  /// The bytes of the model file.
  static func bytes(_ model: Model) throws -> [UInt8] {
    let folder = TemporaryFolder(), path = folder.file("m.safetensors")
    try model.write(to: path)
    return TemporaryFolder.contents(of: path)!
  }

  /// Returns the predictions of a model for all examples.
  static func predictions(_ model: Model, _ data: TrainingData) -> [Float] { model.predict(data.examples) }
}

extension TrainingData {
  /// The sequences of the only input.
  var sequences: [[UInt8]] {
    get { (examples.inputs[0].records as! SequenceRecords).sequences }
    set { examples.inputs[0].records = SequenceRecords(newValue) }
  }

  /// The table of the only input.
  var table: FeatureTable {
    get { examples.inputs[0].records as! FeatureTable }
    set { examples.inputs[0].records = newValue }
  }

  /// Draws a fraction of the training examples for validation.
  mutating func drawValidation(share: Double, seed: UInt64) {
    division.drawValidation(examples, share: share, seed: seed)
  }

  /// Returns the same examples with other classes.
  func ofClasses(_ names: [String], _ classes: [Int]) -> TrainingData {
    var data = self
    data.examples.target = TargetDescription("classes", names)
    data.examples.observations = Observations(numbers: classes.map { Float($0) }, width: 1)
    return data
  }
}

extension ModelOptions {
  /// The encoder of the only input.
  var encoder: EncoderOptions {
    get { inputs.first!.value.encoder }
    set { inputs[inputs.first!.key]!.encoder = newValue }
  }

  /// The options of the only input, which is of sequences.
  var sequence: SequenceModality {
    get { inputs.first!.value.preparation.base as! SequenceModality }
    set { inputs[inputs.first!.key]!.preparation = AnyModality(newValue) }
  }

  /// The dropout of the only encoder and of the head.
  mutating func setDropout(_ rate: Float) { (encoder.dropout, head.dropout) = (rate, rate) }
}
