import FoundationEssentials
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// Occlusion and guided Grad-CAM of volumes, of linear networks whose maps are known.
@Suite(.serialized) struct VolumeExplanationTests {
  /// A network of one convolution, without a function that bends.
  private func model(kernelSize: Int, overlap: Float = 0.5, hasMask: Bool = true) throws -> (
    prediction: VolumePrediction, records: VolumeRecords
  ) {
    var data = try SimulatedExamples.volumes(hasMask: hasMask)
    data.division.train = [0, 1, 2, 3]
    var options = SimulatedExamples.defaults(data, .layers)
    options.encoder.layers = try JSONDecoder().decode(
      [ListedLayer].self,
      from: Data("[{\"layer\": \"convolution\", \"filters\": 3, \"kernelSize\": \(kernelSize)}]".utf8))
    var modality = options.inputs["volume"]!.preparation.base as! VolumeModality
    (modality.segment, modality.roiSize, modality.overlap) = ([6], [7], overlap)
    modality.segmentsPerVolume = 20
    options.inputs["volume"]!.preparation = AnyModality(modality)
    options.training.epochs = 2
    options.training.batchSize = 4
    options.training.learningRate = 0.02
    options.ensemble = 2
    var training = try Training(data, options: options, seed: 1)
    _ = try training.run()
    let prediction = try #require(VolumePrediction(training.model))
    return (prediction, data.examples.inputs[0].records as! VolumeRecords)
  }

  /// The scores of a class for single voxels, the mean over the networks: of zeros, and for each channel of 1 in it.
  private func scores(_ model: Model, _ channels: Int, class output: Int) -> [Float] {
    var values = [Float](repeating: 0, count: (channels + 1) * channels)
    for c in 0..<channels { values[(c + 1) * channels + c] = 1 }
    let batch = InputBatch.steps(
      Grids(
        values: Tensor(values, shape: [channels + 1, channels]),
        layout: GridLayout(extents: [[Int]](repeating: [1, 1, 1], count: channels + 1))))
    let encoded = model.network.encode(
      batch, input: 0, known: [Int32](repeating: -1, count: channels + 1), .inference)
    let outputs = model.network.outputs([encoded], places: [nil], .inference), k = outputs[0].shape[1]
    return (0...channels).map { row in
      outputs.reduce(0) { $0 + $1.scalars[row * k + output] } / Float(outputs.count)
    }
  }

  /// Standardised values at each voxel, and whether the class is predicted there.
  private func voxels(
    _ prediction: VolumePrediction, _ records: VolumeRecords, _ model: Model, class output: Int
  )
    -> (values: [Float], isPredicted: [Bool])
  {
    let encoded = model.manifest.inputs[0].preparation.base.encode(records) as! EncodedVolumes
    let extents = records[0].extents
    guard case .steps(let steps) = encoded.windowBatch(0, from: [0, 0, 0], extents: extents) else {
      return ([], [])
    }
    let all = prediction.probabilities(0, of: records), k = model.outputNames.count
    func isLargest(_ place: Int) -> Bool {
      (0..<k).allSatisfy { all[place * k + $0] <= all[place * k + output] }
    }
    let inside = records.maskPart(0, from: [0, 0, 0], extents: extents)
    return (steps.values.scalars, (0..<(all.count / k)).map { inside?[$0] ?? 1 != 0 && isLargest($0) })
  }

  @Test(arguments: [0, 1]) func mapsOfVoxelsByThemselves(_ output: Int) throws {
    let (prediction, records) = try model(kernelSize: 1), own = prediction.model
    let extents = records[0].extents, size = 4
    let weights = scores(own, 2, class: output)
    let (values, isPredicted) = voxels(prediction, records, own, class: output)
    #expect(isPredicted.contains(true) && isPredicted.contains(false))
    /// The part of the score that a voxel makes.
    func part(_ place: Int) -> Double {
      guard isPredicted[place] else { return 0 }
      let (a, b) = (weights[1] - weights[0], weights[2] - weights[0])
      return Double(a) * Double(values[place * 2]) + Double(b) * Double(values[place * 2 + 1])
    }
    var options = VolumeOcclusion()
    options.size = BoxLength(Double(size), isInMillimetres: false)
    let found = try prediction.occlusion(0, of: records, class: output, options)
    let map = found.map.raw.values, inside = records.maskPart(0, from: [0, 0, 0], extents: extents)!
    var (sums, boxOf) = ([Int: Double](), [Int]())
    for place in map.indices {
      let z = place / (extents[1] * extents[2]), y = place / extents[2] % extents[1], x = place % extents[2]
      let box = (z / size * 10 + y / size) * 10 + x / size
      boxOf.append(box)
      sums[box, default: 0] += part(place)
    }
    let most = sums.values.map(abs).max()!
    for place in map.indices {
      let expected = inside[place] == 0 ? 0 : sums[boxOf[place]]!
      #expect(abs(Double(map[place]) - expected) < 1e-3 * most, "\(map[place]), expected \(expected)")
    }
    let mean = map.indices.reduce(0.0) { $0 + part($1) } / Double(found.map.places) + Double(weights[0])
    #expect(found.map.places == isPredicted.count { $0 } && abs(Double(found.map.score) - mean) < 1e-3)
    // The boxes of the planes outside the mask are not left out, and windows far from a box are not predicted again.
    #expect(found.boxes == Set(map.indices.filter { inside[$0] != 0 }.map { boxOf[$0] }).count)
    let cam = try prediction.gradCAM(0, of: records, class: output, layer: nil)
    let guided = try prediction.guidedGradCAM(0, of: records, class: output, layer: nil)
    let gradient = weights[1] + weights[2] - 2 * weights[0]
    for place in map.indices {
      let expected = isPredicted[place] ? max(cam.raw.values[place], 0) * gradient : 0
      #expect(abs(guided.raw.values[place] - expected) < 1e-4 * max(1, abs(expected)))
    }
  }

  /// Losses of a linear network add up to the score without its bias, also where convolutions and windows overlap.
  @Test(arguments: [0 as Float, 0.5]) func lossesAddUp(_ overlap: Float) throws {
    let (prediction, records) = try model(kernelSize: 3, overlap: overlap, hasMask: false)
    let own = prediction.model, bias = scores(own, 2, class: 1)[0]
    let found = try prediction.occlusion(0, of: records, class: 1, VolumeOcclusion())
    let extents = records[0].extents, sizes = extents.map { ($0 + 7) / 8 }
    var sum = 0.0
    for (place, loss) in found.map.raw.values.enumerated() {
      let voxel = [place / (extents[1] * extents[2]), place / extents[2] % extents[1], place % extents[2]]
      var count = 1
      for axis in 0..<3 {
        let first = voxel[axis] / sizes[axis] * sizes[axis]
        count *= min(first + sizes[axis], extents[axis]) - first
      }
      sum += Double(loss) / Double(count)
    }
    let expected = Double(found.map.places) * (Double(found.map.score) - Double(bias))
    #expect(found.map.places > 20)
    #expect(abs(sum - expected) < 1e-3 * max(1, abs(expected)), "\(sum), expected \(expected)")
    // Boxes that overlap have the means of their losses.
    var options = VolumeOcclusion()
    (options.size, options.stride) = (
      BoxLength(5, isInMillimetres: false), BoxLength(3, isInMillimetres: false)
    )
    let one = try prediction.occlusion(0, of: records, class: 1, options)
    #expect(one.boxes == 3 * 4 * 3)
    for threads in [1, 2] {
      let again = try Compute.withThreads(threads) {
        try prediction.occlusion(0, of: records, class: 1, options)
      }
      #expect(again.map.raw.values == one.map.raw.values && again.predictions == one.predictions)
    }
    #expect(one.predictions < (one.boxes + 1) * 27)
  }

  @Test func boxesInMillimetres() throws {
    let (prediction, records) = try model(kernelSize: 1, hasMask: false)
    var options = VolumeOcclusion()
    options.size = BoxLength(4, isInMillimetres: true)
    #expect {
      try prediction.occlusion(0, of: records, class: 1, options)
    } throws: { error in
      "\(error)".contains("does not say how far its voxels are apart")
    }
    var volumes = VolumeCollector(channelNames: ["a", "b"])
    var random = SeededGenerator(seed: 3)
    let channels = ["a", "b"].map { name -> VolumeCollector.Named in
      var image = Image(
        extents: [10, 12, 11], channels: 1, values: (0..<1320).map { _ in Float(4 * random.nextNormal()) })
      image.spacing = [2, 1, 1]
      return (name, image)
    }
    try volumes.add("x", channels: channels, mask: nil, labels: nil)
    // Two planes of 2 mm, and four voxels of 1 mm.
    #expect(try prediction.occlusion(0, of: volumes.records, class: 1, options).boxes == 5 * 3 * 3)
  }
}
