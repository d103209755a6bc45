import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite(.serialized) struct SegmentationTests {
  /// Options of small networks and segments.
  private func options(_ kind: EncoderOptions.Kind, _ data: TrainingData, steps: Int = 60) -> ModelOptions {
    var options = SimulatedExamples.defaults(data, kind)
    var modality = options.inputs["volume"]!.preparation.base as! VolumeModality
    (modality.segment, modality.roiSize) = ([7], [6])
    options.training.epochs = 3
    options.training.batchSize = 4
    modality.segmentsPerVolume = steps * 4 / (3 * data.examples.count)
    options.inputs["volume"]!.preparation = AnyModality(modality)
    options.inputs["volume"]!.encoder.filters = 4
    options.inputs["volume"]!.encoder.blocks = 2
    options.training.learningRate = 0.01
    return options
  }

  private func bytes(_ training: Training) throws -> [UInt8] { try SimulatedExamples.bytes(training.model) }

  private func trained(_ data: TrainingData, _ options: ModelOptions, seed: UInt64 = 1) throws -> Training {
    var training = try Training(data, options: options, seed: seed)
    _ = try training.run()
    return training
  }

  private func dice(_ model: Model, _ data: TrainingData, _ row: Int) throws -> Double {
    let prediction = try #require(VolumePrediction(model))
    let records = try #require(data.examples.inputs[0].records as? VolumeRecords)
    let extents = records[row].extents
    let map = prediction.labelMap(row, of: records)
    let truth = try #require(data.examples.observations.maps).classes(
      row, from: extents.map { _ in 0 }, extents: extents)
    let mask = records.maskPart(row, from: extents.map { _ in 0 }, extents: extents)
    let (a, b) = (map.values.map { $0 == 2 }, truth.map { $0 == 1 })
    if let mask { #expect(zip(a, mask).allSatisfy { !$0 || $1 == 1 }) }
    let inside = zip(b, mask ?? truth.map { _ in 1 }).map { $0 && $1 == 1 }
    let both = zip(a, inside).count { $0 && $1 }
    return 2 * Double(both) / Double(max(1, a.count { $0 } + inside.count { $0 }))
  }

  /// Volumes and images, with masks and without, on cases that were not in training.
  @Test(arguments: [EncoderOptions.Kind.deepMedicTiny, .unet, .resnet])
  func networksLearnLabels(_ kind: EncoderOptions.Kind) throws {
    for (extents, hasMask) in [([10, 12, 11], true), ([14, 16], false)] {
      var data = try SimulatedExamples.volumes(5, extents: extents, hasMask: hasMask)
      data.division.train = [0, 1, 2]
      data.division.test = [3, 4]
      let model = try trained(data, options(kind, data, steps: 150)).model
      let found = (try dice(model, data, 3) + dice(model, data, 4)) / 2
      #expect(found > 0.7, "\(kind) of \(extents): \(found)")
    }
  }

  /// The gradient of a score at the maps before the last, linear layer is the weights of that layer, so that the map of a label is its
  /// score without bias, times the share of the places where it is predicted.
  @Test(arguments: [EncoderOptions.Kind.unet, .deepMedicTiny])
  func mapsOfTheLastLayerAreScores(_ kind: EncoderOptions.Kind) throws {
    let extents = [8, 8, 8]
    var data = try SimulatedExamples.volumes(4, extents: extents, hasMask: false)
    data.division.train = [0, 1, 2, 3]
    var options = options(kind, data, steps: 60)
    var modality = options.inputs["volume"]!.preparation.base as! VolumeModality
    modality.roiSize = [8]
    options.inputs["volume"]!.preparation = AnyModality(modality)
    let model = try trained(data, options).model
    let prediction = try #require(VolumePrediction(model))
    let records = try #require(data.examples.inputs[0].records as? VolumeRecords)
    let encoded = model.manifest.inputs[0].preparation.base.encode(records) as! EncodedVolumes
    let batch = encoded.windowBatch(0, from: [0, 0, 0], extents: extents)
    let known = model.network.encode(batch, input: 0, known: [-1], .prediction)
    let logits = model.network.outputs([known], places: [nil], .prediction)[0], k = logits.shape[1]
    let scores = (0..<512).map { logits.scalars[$0 * k + 1] - logits.scalars[$0 * k] }
    let predicted = scores.count { $0 > 0 }
    let maps = try [0, 1].map { try prediction.gradCAM(0, of: records, class: $0, layer: nil) }
    #expect(maps[1].places == predicted && maps[0].places == 512 - predicted && predicted > 20)
    #expect(maps[1].explained == 1 && maps[1].raw.extents == extents)
    // Differences of two places, where the biases fall out.
    let shares = maps.map { Float($0.places) / 512 }
    for place in 1..<512 {
      let found = (0..<2).map { (maps[$0].raw.values[place] - maps[$0].raw.values[0]) / shares[$0] }
      #expect(abs(found[1] - found[0] - (scores[place] - scores[0])) < 2e-3 * max(1, abs(scores[place])))
    }
    let most = try #require(maps[1].raw.values.max())
    #expect(maps[1].peak.value == most)
    let slice = maps[1].slice(of: records, 0)
    #expect(slice.image.extents == [8, 8] && slice.map.values.contains { $0 == max(most, 0) } || most <= 0)
    #expect(throws: ExplanationError.self) {
      try prediction.gradCAM(0, of: records, class: nil, layer: "none")
    }
  }

  @Test func theSameSeedGivesTheSameBytesAndMapsWithAnyNumberOfThreads() throws {
    let data = try SimulatedExamples.volumes()
    for kind in [EncoderOptions.Kind.deepMedicTiny, .unet] {
      let options = options(kind, data, steps: 6)
      let one = try Compute.withThreads(1) { try trained(data, options) }
      let two = try Compute.withThreads(2) { try trained(data, options) }
      #expect(try bytes(one) == bytes(two))
      #expect(try bytes(trained(data, options, seed: 2)) != bytes(one))
      let records = try #require(data.examples.inputs[0].records as? VolumeRecords)
      let prediction = try #require(VolumePrediction(one.model))
      let maps = [1, 2].map { threads in
        Compute.withThreads(threads) { prediction.probabilities(0, of: records) }
      }
      #expect(maps[0] == maps[1])
    }
  }

  /// A resumed run gives the bytes of an uninterrupted one.
  @Test func aRunResumesInTheMiddleOfAnEpoch() throws {
    let data = try SimulatedExamples.volumes(), options = options(.deepMedicTiny, data, steps: 9)
    let whole = try trained(data, options)
    var (first, steps) = (try Training(data, options: options, seed: 1), 0)
    _ = try first.run(shouldStop: {
      steps += 1
      return steps == 4
    })
    let folder = TemporaryFolder(), path = folder.file("checkpoint")
    try first.writeCheckpoint(to: path)
    var second = try Training(data, options: options, seed: 1)
    try second.resume(fromCheckpoint: path)
    _ = try second.run()
    #expect(try bytes(second) == bytes(whole))
  }

  /// Validation cases choose the epoch by the loss of the same segments.
  @Test func validationCasesAreJudgedOnSegments() throws {
    var data = try SimulatedExamples.volumes()
    (data.division.train, data.division.validation) = ([0, 1], [2, 3])
    let training = try trained(data, options(.unet, data, steps: 12))
    let metric = try #require(training.model.manifest.provenance.metrics["validation_cross_entropy"])
    #expect(metric.isFinite && metric == training.trainer.state.stopping.best)
  }

  @Test func aLabelThatNoTrainingCaseHasIsAnError() throws {
    var data = try SimulatedExamples.volumes(3)
    data.division.train = []
    #expect(throws: JoinError.self) { _ = try Training(data, options: options(.unet, data), seed: 1) }
    var changed = options(.unet, data)
    var modality = changed.inputs["volume"]!.preparation.base as! VolumeModality
    modality.margin = 3
    changed.inputs["volume"]!.preparation = AnyModality(modality)
    data.division.train = [0]
    #expect(throws: TrainingError.self) { _ = try Training(data, options: changed, seed: 1) }
  }

  /// The last window of each axis ends with the volume.
  @Test func windowsCoverTheVolume() {
    #expect(VolumeWindows.origins([10, 4], [4, 4], overlap: 0) == [[0, 0], [4, 0], [6, 0]])
    #expect(VolumeWindows.origins([9], [4], overlap: 0.5).map { $0[0] } == [0, 2, 4, 5])
    #expect(VolumeWindows.origins([1, 5], [1, 5], overlap: 0.25) == [[0, 0]])
  }
}
