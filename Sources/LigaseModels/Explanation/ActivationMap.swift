import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The places of an image that speak for an output: Grad-CAM (Selvaraju et al., 2017).
///
/// ```
/// a_k   = mean over places of d score / d A_k          A: the maps of a layer, score: the output before the link
/// raw   = sum_k a_k A_k                                 relu = max(raw, 0)
/// ```
/// Places with positive numbers raise the score. Where predictions average flips and turns of an image, so does the map. The map has the extents of the layer; ``image(extents:)`` brings it to those of the
/// image by linear interpolation.
package struct ActivationMap: Sendable {
  /// The extents of the layer.
  package let extents: [Int]
  /// The map before the ReLU.
  package let raw: [Float]

  package init(extents: [Int], raw: [Float]) { (self.extents, self.raw) = (extents, raw) }

  /// The map after the ReLU.
  package var relu: [Float] { raw.map { max($0, 0) } }

  /// The sum of two maps.
  static func + (a: ActivationMap, b: ActivationMap) -> ActivationMap {
    ActivationMap(extents: a.extents, raw: zip(a.raw, b.raw).map { $0 + $1 })
  }

  /// The map after a flip or turn.
  func turned(_ symmetry: ImageSymmetry) -> ActivationMap {
    ActivationMap(
      extents: extents, raw: symmetry.apply(raw, height: extents[0], width: extents[1], channels: 1))
  }

  /// The map after and before the ReLU at the places of an image that was prepared.
  package func images(in image: Image, _ preparation: ImagePreparation) -> (map: Image, raw: Image) {
    func placed(_ values: [Float]) -> Image {
      preparation.placed(Image(extents: extents, channels: 1, values: values), in: image)
    }
    return (placed(relu), placed(raw))
  }

  /// The map after the ReLU with the extents of an image.
  package func image(extents target: [Int]) -> Image {
    Image(extents: extents, channels: 1, values: relu).resized(to: target)
  }

  /// The map before the ReLU with the extents of an image.
  package func rawImage(extents target: [Int]) -> Image {
    Image(extents: extents, channels: 1, values: raw).resized(to: target)
  }
}

/// An explanation that cannot be given.
package struct ExplanationError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension Model {
  /// Whether the network of one image input reads images of any size: it ends in a pooling over all places.
  package var readsAnySize: Bool {
    guard manifest.inputs.count == 1, let options = manifest.options.inputs[manifest.inputs[0].name]?.encoder
    else { return false }
    var shape = LayerShape(
      manifest.inputs[0].preparation.base.shape, channels: manifest.inputs[0].preparation.base.shape.channels)
    shape.extents = nil
    let list = options.layerList(manifest.inputs[0].preparation.base.shape, isOfSteps: false)
    return !options.kind.isDense && (try? list.output(of: shape)) != nil
  }

  /// The places along the smaller axis that maps have at least, where the image has as many.
  package static let leastPlaces = 16

  /// The layer whose maps explain best where: the last whose maps have at least 16 places along each axis, or the last of all. Later maps
  /// are too coarse to tell places apart.
  package func defaultLayer(of input: Int) -> String? {
    let layers = gridExtents(of: input), image = manifest.inputs[input].preparation.base.shape.extents
    let least = min(Self.leastPlaces, image.min() ?? 1)
    return (layers.last { $0.extents.min() ?? 0 >= least } ?? layers.last)?.name
  }

  /// The layers of the model whose outputs are grids of two axes, in order, by their dotted names.
  package func gridLayers(of input: Int) -> [String] { gridExtents(of: input).map(\.name) }

  private func gridExtents(of input: Int) -> [(name: String, extents: [Int])] {
    guard manifest.inputs[input].preparation.base.shape.axes == 2,
      let (names, kept) = activationsOfZeros(input)
    else { return [] }
    return names.compactMap { name in
      kept[name].flatMap { $0.layout.rank == 2 ? (name, $0.layout.extents(of: 0)) : nil }
    }
  }

  /// Returns the names of an encoder's own layers in order, and the outputs of all of its layers for an input of zeros; nil where
  /// networks share the encoder.
  func activationsOfZeros(_ input: Int) -> (names: [String], kept: [String: Grids])? {
    let shape = manifest.inputs[input].preparation.base.shape
    guard let encoder = network.members.first?.branches[input].encoder else { return nil }
    let context = Context.inference
    context.activations = [:]
    let batch = Grids(
      values: .zeros([shape.extents.reduce(1, *), shape.channels]),
      layout: GridLayout(extents: [shape.extents]))
    _ = encoder(.steps(batch), context)
    return (encoder.layerNames, context.activations ?? [:])
  }

  /// Returns the Grad-CAM maps of one image input, the mean over the networks of the ensemble and the views that predictions average.
  ///
  /// - Parameters:
  ///   - rows: the examples.
  ///   - input: the input, which is of images.
  ///   - outputs: the output to explain, for each of `rows`.
  ///   - layer: the layer whose maps are weighted; nil takes ``defaultLayer(of:)``.
  /// - Throws: `ExplanationError` where the model has no such layer.
  package func gradCAM(
    _ prepared: PreparedInputs, rows: [Int], input: Int, outputs: [Int], layer: String? = nil
  ) throws -> [ActivationMap] {
    let known = gridLayers(of: input)
    guard !known.isEmpty else {
      throw ExplanationError(
        "Grad-CAM needs a convolutional network over images; the model has \(manifest.options.inputs[manifest.inputs[input].name]!.encoder.kind.rawValue)"
      )
    }
    let chosen = layer ?? defaultLayer(of: input)!
    guard known.contains(chosen) else {
      throw ExplanationError(
        "found no layer '\(chosen)' with places, expected one of \(FormatError.list(known, limit: 20))")
    }
    let batches = ModelNetwork.batches(rows.count, most: 64) { place in
      prepared.inputs[input].encoded.weight(
        of: prepared.inputs[input].index.map { Int($0[rows[place]]) } ?? rows[place])
    }
    return ModelNetwork.forEach(batches) { range in
      maps(prepared, rows: Array(rows[range]), input: input, outputs: Array(outputs[range]), layer: chosen)
    }.flatMap { $0 }
  }

  /// The maps of one batch: the mean over the networks and over the views of the images that predictions average, each turned back.
  private func maps(
    _ prepared: PreparedInputs, rows: [Int], input: Int, outputs: [Int], layer: String
  ) -> [ActivationMap] {
    let encoded = prepared.inputs[input].encoded
    var sums: [ActivationMap] = []
    for view in 0..<encoded.viewCount {
      let back = (encoded as? EncodedImages)?.preparation.group[view].inverse
      for member in network.members.indices {
        var found = maps(prepared, rows: rows, input: input, outputs: outputs, layer: layer, member, view)
        if let back { found = found.map { $0.turned(back) } }
        sums = sums.isEmpty ? found : zip(sums, found).map { $0 + $1 }
      }
    }
    let share = 1 / Float(network.members.count * encoded.viewCount)
    return sums.map { ActivationMap(extents: $0.extents, raw: $0.raw.map { $0 * share }) }
  }

  /// The maps of one network for one view.
  private func maps(
    _ prepared: PreparedInputs, rows: [Int], input: Int, outputs: [Int], layer: String, _ m: Int, _ view: Int
  ) -> [ActivationMap] {
    let member = network.members[m], context = Context.inference
    var grids: Grids?
    let branches = prepared.inputs.enumerated().map { i, one -> BranchOutput in
      let records = one.index.map { index in rows.map { Int(max(index[$0], 0)) } } ?? rows
      var batch = one.encoded.batch(records, view: i == input ? view : 0)
      let own = i == input ? context : .inference
      if i == input, case .steps(let steps) = batch {
        batch = .steps(Grids(values: steps.values.tracked(), layout: steps.layout))
        context.activations = [:]
      }
      let once = network.shared[i].map { $0(batch, own) }
      let output = member.branches[i](batch, once, known: records.map { one.known[$0] }, own)
      if i == input {
        grids = context.activations?[layer]
        context.activations = nil
      }
      return output
    }
    let logits = member(branches, .inference), k = logits.shape[1]
    let chosen = Tensor(
      outputs.flatMap { output in (0..<k).map { $0 == output ? 1 : 0 as Float } }, shape: [outputs.count, k])
    guard let grids else { preconditionFailure("gradCAM: no maps are kept of the layer \(layer)") }
    let gradient =
      gradientsIfAny(of: (logits * chosen).sum(), at: [grids.values])[0] ?? .zeros(grids.values.shape)
    return ActivationMap.weighted(grids, by: gradient)
  }
}

extension ActivationMap {

  /// The maps of each example, weighted by the means of their gradients.
  package static func weighted(_ grids: Grids, by gradient: Tensor) -> [ActivationMap] {
    let (values, slopes, c) = (grids.values.scalars, gradient.scalars, grids.channels)
    return (0..<grids.count).map { s in
      let rows = grids.layout.offsets[s]..<grids.layout.offsets[s + 1]
      var weights = [Float](repeating: 0, count: c)
      for row in rows { for k in 0..<c { weights[k] += slopes[row * c + k] } }
      for k in 0..<c { weights[k] /= Float(max(rows.count, 1)) }
      let raw = rows.map { row in (0..<c).reduce(Float(0)) { $0 + weights[$1] * values[row * c + $1] } }
      return ActivationMap(extents: grids.layout.extents(of: s), raw: raw)
    }
  }
}
