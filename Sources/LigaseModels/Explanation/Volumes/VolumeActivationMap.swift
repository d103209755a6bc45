import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The places of a volume that speak for a class: Seg-Grad-CAM (Vinogradova et al., 2020).
///
/// ```
/// score = sum of the scores before the link of a class over the places where it is predicted
/// a_k   = mean over places of d score / d A_k          A: the maps of a layer, window by window
/// raw   = sum_k a_k A_k                                 relu = max(raw, 0)
/// ```
/// Windows are those of predictions, and the map is their weighted mean.
package struct VolumeActivationMap {
  /// The map before the ReLU, in the grid and the place of the input.
  package let raw: Image
  /// The number of the class.
  package let explained: Int
  /// The number of places where the class is predicted, and the mean of its score there.
  package let places: Int
  package let score: Float

  /// The largest number of the map and where it is: in millimetres to the right, front and top where the file says how the
  /// volume lies, else in voxels from 0.
  package var peak: (place: [Double], value: Float) {
    let values = raw.values, most = values.indices.max { values[$0] < values[$1] } ?? 0
    let e = [Int](repeating: 1, count: 3 - raw.extents.count) + raw.extents
    let place = raw.place(
      x: Double(most % e[2]), y: Double(most / e[2] % e[1]), z: Double(most / (e[2] * e[1])))
    return ([place.x, place.y, place.z], values[most])
  }

  /// Returns the slice of a volume with the largest sum of the map after the ReLU, and the map there; seen from the feet (the
  /// patient's right on the left, the front above) where the file says how the volume lies.
  package func slice(of records: VolumeRecords, _ record: Int) -> (image: Image, map: Image) {
    let image = records.channel(0, of: record), body = AxisOrder(raw)?.ordered(raw) ?? raw
    let (height, width) = (image.extents[image.extents.count - 2], image.extents.last!)
    let size = height * width, depth = image.values.count / size
    func range(_ slice: Int) -> Range<Int> { (slice * size)..<((slice + 1) * size) }
    let sums = (0..<depth).map { slice in
      range(slice).reduce(0.0) { $0 + Double(max(body.values[$1], 0)) }
    }
    let chosen = range(sums.indices.max { (sums[$0], $1) < (sums[$1], $0) } ?? 0)
    let isTurned = raw.affine != nil && raw.extents.count == 3
    func shown(_ values: ArraySlice<Float>) -> Image {
      // Half a turn brings the front above and the patient's right to the left.
      Image(extents: [height, width], channels: 1, values: isTurned ? values.reversed() : Array(values))
    }
    return (shown(image.values[chosen]), shown(body.values.map { max($0, 0) }[chosen]))
  }
}

extension VolumePrediction {
  /// The layers whose maps can be shown, by name, the network's own layers last: those that have at least a place for every output along
  /// each axis, or that have fewer over the same window.
  package var gridLayers: [String] {
    guard let (names, kept) = model.activationsOfZeros(0) else { return [] }
    let outputs = preparation.extents(preparation.options.segment)
    let shown = kept.keys.filter { name in
      let extents = kept[name]!.layout.extents(of: 0)
      guard extents.count == outputs.count else { return false }
      return zip(extents, outputs).allSatisfy { $0 >= $1 } || preparation.options.margin == 0
    }
    let own = names.filter(shown.contains)
    return shown.filter { !own.contains($0) }.sorted() + own
  }

  /// Returns the map of a class, the mean over the networks of an ensemble.
  ///
  /// - Parameters:
  ///   - explained: the class; nil takes the one with the most places, except for the first.
  ///   - layer: the layer whose maps are weighted; nil takes the last.
  /// - Throws: `ExplanationError` where the network has no such layer.
  package func gradCAM(
    _ record: Int, of records: VolumeRecords, class explained: Int?, layer: String?
  ) throws -> VolumeActivationMap {
    let layer = try chosenLayer(layer)
    let score = SegmentationScore(self, record, of: records, class: explained)
    let (map, value) = gradCAM(score, layer)
    return score.map(map, score: value, of: records[record])
  }

  /// Returns guided Grad-CAM (Selvaraju et al., 2017) of a class: the gradient of the score at the input by guided
  /// back-propagation, the sum over channels, times the map after the ReLU.
  ///
  /// - Throws: `ExplanationError` where the network has no such layer.
  package func guidedGradCAM(
    _ record: Int, of records: VolumeRecords, class explained: Int?, layer: String?
  ) throws -> VolumeActivationMap {
    let layer = try chosenLayer(layer)
    let score = SegmentationScore(self, record, of: records, class: explained)
    let (map, value) = gradCAM(score, layer), gradient = try guidedGradient(score)
    return score.map(zip(map, gradient).map { max($0, 0) * $1 }, score: value, of: records[record])
  }

  /// The layer of a name, or the last.
  private func chosenLayer(_ name: String?) throws -> String {
    let known = gridLayers
    guard let layer = name ?? known.last, known.contains(layer) else {
      throw ExplanationError(
        name.map {
          "found no layer '\($0)' with places, expected one of \(FormatError.list(known, limit: 20))"
        }
          ?? "Grad-CAM needs a convolutional network; the model has none")
    }
    return layer
  }

  /// The map of a layer at the places that the network reads, the mean over the networks, and the score.
  private func gradCAM(_ score: SegmentationScore, _ layer: String) -> (map: [Float], score: Double) {
    let windows = score.windows, share = 1 / Float(model.network.members.count)
    var map = [Float](repeating: 0, count: windows.extents.reduce(1, *)), value = 0.0
    for member in model.network.members.indices where score.places > 0 {
      let found = weights(score, layer, member)
      value += found.score / Double(model.network.members.count)
      let one = windows.mean(channels: 1) { _, batch in
        let maps = self.maps(of: layer, batch, member).maps
        let values = maps.values.scalars, c = maps.channels
        let raw = (0..<maps.layout.rowCount).map { row in
          (0..<c).reduce(Float(0)) { $0 + found.weights[$1] * values[row * c + $1] }
        }
        return Self.spread(raw, maps.layout.extents(of: 0), to: windows.roi)
      }
      for i in map.indices { map[i] += share * one[i] }
    }
    return (map, value)
  }

  /// The gradient of the score at the input, of which ReLUs pass on positive numbers alone; the sum over channels at each place.
  private func guidedGradient(_ score: SegmentationScore) throws -> [Float] {
    let windows = score.windows, network = model.network
    var gradient = [Float](repeating: 0, count: windows.extents.reduce(1, *))
    let found = windows.map { origin, batch in
      Result { () throws -> [Float]? in
        guard let factors = score.factors(from: origin), case .steps(let steps) = batch else { return nil }
        let leaf = steps.values.tracked()
        let encoded = network.encode(
          .steps(Grids(values: leaf, layout: steps.layout)), input: 0, known: [-1], .inference)
        let outputs = network.outputs([encoded], places: [nil], .inference)
        let sum = outputs.dropFirst().reduce(outputs[0], +) / Float(outputs.count)
        let value = (sum * score.factors(factors, of: sum)).sum()
        return try gradientsIfAny(of: value, at: [leaf], by: GuidedBackpropagation())[0]?.scalars
      }
    }
    for (origin, one) in zip(windows.origins, found) {
      guard let slopes = try one.get() else { continue }
      let channels = preparation.channelNames.count
      windows.forEachRead(from: origin) { row, place in
        for c in 0..<channels { gradient[place] += slopes[row * channels + c] }
      }
    }
    return gradient
  }

  /// The most probable class of each place; -1 outside the mask.
  func predicted(_ windows: VolumeWindows, _ probabilities: [Float]) -> [Int32] {
    let k = objective.count, extents = windows.extents
    let inside = windows.volumes.maskPart(windows.record, from: extents.map { _ in 0 }, extents: extents)
    return probabilities.withUnsafeBufferPointer { p in
      (0..<extents.reduce(1, *)).map { place in
        inside?[place] ?? 1 != 0 ? Self.mostProbable(p.baseAddress! + place * k, of: k) : -1
      }
    }
  }

  /// Returns the mean gradient of the score at each map of a layer, and the score.
  private func weights(
    _ score: SegmentationScore, _ layer: String, _ member: Int
  ) -> (weights: [Float], score: Double) {
    var (sums, places, total) = ([Double](), 0.0, 0.0)
    score.windows.forEach { origin, batch -> (sums: [Double], places: Int, score: Double) in
      let (maps, logits) = self.maps(of: layer, batch, member)
      guard let factors = score.factors(from: origin) else { return ([], maps.layout.rowCount, 0) }
      let value = (logits * score.factors(factors, of: logits)).sum(), c = maps.channels
      var sums = [Double](repeating: 0, count: c)
      if let slopes = gradientsIfAny(of: value, at: [maps.values])[0]?.scalars {
        for i in slopes.indices { sums[i % c] += Double(slopes[i]) }
      }
      return (sums, maps.layout.rowCount, Double(value.scalar))
    } _: { _, found in
      places += Double(found.places)
      total += found.score
      if sums.isEmpty {
        sums = found.sums
      } else if !found.sums.isEmpty {
        for c in sums.indices { sums[c] += found.sums[c] }
      }
    }
    return (sums.map { Float($0 / max(places, 1)) }, total)
  }

  /// Returns the maps of a layer, and the scores of each class at each place of a window, `[places, K]`.
  private func maps(of layer: String, _ batch: InputBatch, _ m: Int) -> (maps: Grids, logits: Tensor) {
    guard case .steps(let steps) = batch else { preconditionFailure("gradCAM: a batch of rows") }
    let context = Context.inference
    context.activations = [:]
    let tracked = InputBatch.steps(Grids(values: steps.values.tracked(), layout: steps.layout))
    let once = model.network.shared[0].map { $0(tracked, context) }
    let member = model.network.members[m]
    let branch = member.branches[0](tracked, once, known: [-1], context)
    guard let maps = context.activations?[layer] else {
      preconditionFailure("gradCAM: no maps are kept of the layer \(layer)")
    }
    return (maps, member([branch], .inference))
  }

  /// Returns a map with a number for each output of a window: its middle, or resized where it is coarser.
  private static func spread(_ map: [Float], _ extents: [Int], to roi: [Int]) -> [Float] {
    let image = Image(extents: extents, channels: 1, values: map)
    let isFine = zip(extents, roi).allSatisfy { $0 >= $1 }
    return (isFine ? image.paddedOrCropped(to: roi) : image.resized(to: roi)).values
  }

  /// Returns numbers at the places that the network reads as an image in the grid and the place of the file.
  func inFile(_ map: [Float], _ windows: VolumeWindows, _ geometry: VolumeRecords.Geometry) -> Image {
    var values = map
    if preparation.resamples(geometry) {
      values = [Float](repeating: 0, count: geometry.extents.reduce(1, *))
      windows.volumes.forEachVoxel(windows.record, channels: 1, of: map) { values[$0] = $1[0] }
    }
    return placed(values, geometry)
  }
}
