import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct ActivationMapTests {
  private static let trained: (model: Model, data: TrainingData)? = {
    guard let data = try? SimulatedExamples.images(120) else { return nil }
    var options = SimulatedExamples.options(.resnet, data, epochs: 12, members: 2)
    options.head.hidden = []
    guard let model = try? SimulatedExamples.trained(data, options).model else { return nil }
    return (model, data)
  }()

  private func prepared(_ model: Model, _ data: TrainingData) -> PreparedInputs {
    PreparedExamples(data.examples, as: model.manifest.inputs).inputs
  }

  /// With a mean over all places and one linear layer, the mean of the map is the share of the logit that depends on the places: half the
  /// difference of the logits of two classes equals that of the means of their maps, up to what the biases add.
  @Test func mapsOfTheLastLayerAddUpToTheLogits() throws {
    let (model, data) = try #require(Self.trained)
    let inputs = prepared(model, data), rows = [0, 1, 2, 3]
    let last = try #require(model.gridLayers(of: 0).last)
    let maps = try (0..<2).map { output in
      try model.gradCAM(inputs, rows: rows, input: 0, outputs: rows.map { _ in output }, layer: last)
    }
    // Gradients of a mean over P places and a linear layer: a_k = w_k / P, so that the sum of the map is the mean of the logit.
    func sum(_ map: ActivationMap) -> Float { map.raw.reduce(0, +) }
    let alone = try model.gradCAM(inputs, rows: [2], input: 0, outputs: [1], layer: last)[0]
    #expect(alone.raw == maps[1][2].raw && alone.extents == maps[1][2].extents)
    let differences = rows.map { sum(maps[1][$0]) - sum(maps[0][$0]) }
    let outputs = model.predict(inputs, rows: rows)
    // The order of the differences is that of the probabilities.
    let byMap = rows.sorted { differences[$0] < differences[$1] }
    let byOutput = rows.sorted { outputs[2 * $0 + 1] < outputs[2 * $1 + 1] }
    #expect(Set(byMap.prefix(2)) == Set(byOutput.prefix(2)))
  }

  @Test func thePeakIsInTheSquareMoreOftenThanTheBrightestPointByChance() throws {
    let (model, data) = try #require(Self.trained)
    let inputs = prepared(model, data), rows = Array(0..<40)
    let maps = try model.gradCAM(inputs, rows: rows, input: 0, outputs: rows.map { $0 % 2 })
    let records = data.examples.inputs[0].records as! ImageRecords
    var hits = 0
    for (row, map) in zip(rows, maps) {
      let image = map.image(extents: [18, 14]),
        peak = image.values.indices.max { image.values[$0] < image.values[$1] }!
      // The square is where the mean of 4 × 4 pixels is largest.
      var best = (mean: -Float.infinity, y: 0, x: 0)
      for y in 0...14 {
        for x in 0...10 {
          let mean = (0..<16).reduce(Float(0)) { $0 + records[row].values[(y + $1 / 4) * 14 + x + $1 % 4] }
          if mean > best.mean { best = (mean, y, x) }
        }
      }
      let (y, x) = (peak / 14, peak % 14)
      if (best.y - 1...best.y + 4).contains(y), (best.x - 1...best.x + 4).contains(x) { hits += 1 }
    }
    #expect(hits > 20, "\(hits) of 40")
  }

  @Test func layersAndModelsThatHaveNoMaps() throws {
    let (model, data) = try #require(Self.trained)
    #expect(model.readsAnySize && model.gridLayers(of: 0).first == "stem")
    #expect(throws: ExplanationError.self) {
      try model.gradCAM(prepared(model, data), rows: [0], input: 0, outputs: [0], layer: "stems")
    }
    let flat = try SimulatedExamples.trained(data, SimulatedExamples.options(.lesionCNN, data, epochs: 1))
      .model
    #expect(!flat.readsAnySize && !flat.gridLayers(of: 0).isEmpty)
    let linear = try SimulatedExamples.trained(data, SimulatedExamples.options(.linear, data, epochs: 1))
      .model
    #expect(throws: ExplanationError.self) {
      try linear.gradCAM(prepared(linear, data), rows: [0], input: 0, outputs: [0])
    }
  }

  @Test func boxesAreRegionsAboveHalfOfTheLargestNumber() {
    let map = Image(
      extents: [4, 5], channels: 1, values: [0, 9, 8, 0, 0, 0, 4, 5, 0, 7, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0])
    let boxes = LesionBox.boxes(in: map)
    #expect(boxes.count == 2)
    #expect(abs(boxes[0].x - 35 / 22) < 1e-6 && abs(boxes[0].y - 5 / 22) < 1e-6)
    #expect(
      boxes[0].peak == (1, 0) && (boxes[0].xMin, boxes[0].xMax, boxes[0].yMin, boxes[0].yMax) == (1, 2, 0, 1))
    #expect(
      boxes[1].peak == (4, 1) && (boxes[1].yMin, boxes[1].yMax) == (1, 2)
        && abs(boxes[1].strength - 7.0 / 9) < 1e-6)
    #expect(LesionBox.boxes(in: Image(extents: [1, 2], channels: 1, values: [0, -1])).isEmpty)
  }
}
