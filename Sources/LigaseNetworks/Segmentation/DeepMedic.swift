import LigaseTensors

/// A multi-scale network for the segmentation of volumes: a pathway that reads places around each output at full
/// resolution, and pathways that read a wider surrounding at every third and fifth place; their channels are
/// joined and read by layers of one place.
///
/// All convolutions of the pathways are valid, so that the outputs stand for the middle of the input: `extent - 2
/// margin` places along each axis. Outputs of a pathway of factor f are repeated f times and cut at the end.
///
/// Source: Kamnitsas et al., "Efficient multi-scale 3D CNN with fully connected CRF for accurate brain lesion
/// segmentation" (2017), and the authors' code.
package struct DeepMedic: Layer {
  /// The sizes of the network.
  package struct Sizes: Codable, Hashable, Sendable {
    /// The maps of each layer of a pathway.
    package var maps = [30, 30, 40, 40, 40, 40, 50, 50]
    /// The factor by which each pathway reads fewer places: odd numbers, the first 1.
    package var factors = [1, 3, 5]
    /// The layers of a pathway, from 1, whose outputs have the input of the layer before added.
    package var residuals = [4, 6, 8]
    /// The maps of the hidden layers after the pathways.
    package var hidden = [250, 250]
    /// The size of the filters of the first hidden layer.
    package var hiddenKernel = 3
    /// The hidden layers, from 1, whose outputs have the input of the layer before added.
    package var hiddenResiduals = [2]
    /// Dropout before each hidden layer, and before the layer of the classes.
    package var dropout: [Float] = [0, 0.5, 0.5]

    package init() {}

    /// Three layers of few maps, without hidden layers.
    package static var tiny: Sizes {
      var sizes = Sizes()
      (sizes.maps, sizes.factors, sizes.residuals) = ([4, 5, 6], [1, 3], [])
      (sizes.hidden, sizes.hiddenResiduals, sizes.dropout) = ([], [], [0])
      return sizes
    }

    /// The places that an output of a pathway reads along an axis.
    package var field: Int { 2 * maps.count + 1 }

    /// The places before the normal pathway's input at which the pathway of a factor begins.
    func lead(_ factor: Int) -> Int { (factor - 1) / 2 * field - factor / 2 }

    /// The places of the input at either end of an axis that have no output.
    package var margin: Int { maps.count + factors.map(lead).max()! }

    /// The channels of the output.
    package var outputSize: Int { hidden.last ?? maps.last! * factors.count }
  }

  package let sizes: Sizes
  /// The layers of each pathway.
  package var pathways: [[PreactivatedConvolution]]
  /// The hidden layers after the pathways.
  package var hidden: [PreactivatedConvolution]
  /// Normalisation, activation and dropout before the layer of the classes.
  package var last: PreactivatedConvolution

  /// Creates a network for `channels` channels of `rank` axes.
  package init(_ channels: Int, _ sizes: Sizes, rank: Int = 3, from weights: WeightBuilder) {
    self.sizes = sizes
    pathways = sizes.factors.indices.map { path in
      sizes.maps.indices.map { layer in
        PreactivatedConvolution(
          layer == 0 ? channels : sizes.maps[layer - 1], sizes.maps[layer], kernelSize: 3, rank: rank,
          isFirst: layer == 0, from: weights.nested("pathways.\(path).\(layer)"))
      }
    }
    let joined = sizes.maps.last! * sizes.factors.count
    hidden = sizes.hidden.indices.map { layer in
      PreactivatedConvolution(
        layer == 0 ? joined : sizes.hidden[layer - 1], sizes.hidden[layer],
        kernelSize: layer == 0 ? sizes.hiddenKernel : 1, rank: rank, dropout: sizes.dropout[layer],
        isMirrored: true, from: weights.nested("hidden.\(layer)"))
    }
    last = PreactivatedConvolution(
      sizes.outputSize, nil, kernelSize: 1, rank: rank, dropout: sizes.dropout[sizes.hidden.count],
      from: weights.nested("last"))
  }

  /// Returns the features of the middle of each example.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let scales = sizes.factors.indices.map { path in
      context.within("pathways.\(path)") { context.keeping(scale(path, input, context)) }
    }
    var x = Grids.concatenatingChannels(scales)
    x = context.within("hidden") { run(hidden, x, residuals: sizes.hiddenResiduals, context) }
    return last(x, context)
  }

  /// Returns the output of a pathway at the places of the network's output.
  private func scale(_ path: Int, _ input: Grids, _ context: Context) -> Grids {
    let (factor, field) = (sizes.factors[path], sizes.field)
    let first = sizes.margin - sizes.maps.count - sizes.lead(factor)
    let read = input.picking("pathway") { _, extent in
      let outputs = extent - 2 * sizes.margin
      require(outputs > 0, "DeepMedic: \(extent) places, expected more than \(2 * sizes.margin)")
      return (0..<((outputs + factor - 1) / factor + field - 1)).map { first + factor * $0 }
    }
    let found = run(pathways[path], read, residuals: sizes.residuals, context)
    guard factor > 1 else { return found }
    return found.picking("repeated") { example, axis, _ in
      (0..<(input.layout.extents(of: example)[axis] - 2 * sizes.margin)).map { $0 / factor }
    }
  }

  /// Runs layers with additions of the input of the layer before: its middle, with zeros as further channels.
  private func run(
    _ layers: [PreactivatedConvolution], _ input: Grids, residuals: [Int], _ context: Context
  ) -> Grids {
    var (x, before) = (input, input)
    for (i, layer) in layers.enumerated() {
      let read = x
      x = context.within("\(i)") { layer(read, context) }
      if residuals.contains(i + 1) {
        let middle = before.centreCropped(to: x.layout), more = x.channels - before.channels
        x =
          x
          + (more == 0
            ? middle : middle.mapValues { .concatenated([$0, .zeros([$0.shape[0], more])]) })
      }
      x = context.within("\(i)") { context.keeping(x) }
      before = read
    }
    return x
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    for path in pathways.indices {
      for layer in pathways[path].indices {
        pathways[path][layer].visitParameters(visit.nested("pathways.\(path).\(layer)"))
      }
    }
    for layer in hidden.indices { hidden[layer].visitParameters(visit.nested("hidden.\(layer)")) }
    visit("last", &last)
  }
}

/// Batch normalisation, a parametric ReLU, dropout and a convolution without a bias; the first layer of a network
/// adds a bias to its input instead, without normalisation and activation.
package struct PreactivatedConvolution: Layer {
  package var norm: BatchNorm?
  package var activation: PReLU?
  /// The bias of the input, `[C]`, of a first layer.
  package var bias: Tensor?
  /// The convolution; nil where another layer follows.
  package var convolution: Convolution?
  private let dropout: Float
  private let padding: Int

  /// Creates a layer whose filters are drawn as He et al. (2015) do, with the deviation `sqrt(2 / (K C))`.
  package init(
    _ inputSize: Int, _ outputSize: Int?, kernelSize: Int, rank: Int, isFirst: Bool = false,
    dropout: Float = 0, isMirrored: Bool = false, from weights: WeightBuilder
  ) {
    (self.dropout, padding) = (dropout, isMirrored ? (kernelSize - 1) / 2 : 0)
    if isFirst {
      bias = weights.constant("bias", [inputSize], 0)
    } else {
      norm = BatchNorm(inputSize, from: weights.nested("norm"))
      activation = PReLU(inputSize, slope: 0.01, from: weights.nested("activation"))
    }
    guard let outputSize else { return }
    let window = SlidingWindow(size: kernelSize, rank: rank)
    let fan = (0..<rank).reduce(inputSize) { size, _ in size * kernelSize }
    convolution = Convolution(
      weight: weights.nested("convolution").normal(
        "weight", [outputSize, inputSize] + [Int](repeating: kernelSize, count: rank),
        deviation: (2 / Float(fan)).squareRoot()), bias: nil, window: window)
  }

  /// Returns the convolution of the activated input.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    var x = input
    if let bias { x = x.mapValues { $0 + bias } }
    if let norm { x = norm(x, context) }
    if let activation { x = activation(x, context) }
    if dropout > 0 { x = Dropout(dropout)(x, context) }
    if padding > 0 { x = x.mirrored(by: padding) }
    return convolution.map { $0(x, context) } ?? x
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("norm", &norm)
    visit("activation", &activation)
    visit("bias", &bias)
    visit("convolution", &convolution)
  }
}
