import LigaseNetworks
import LigaseTensors

/// `linear`: a dense layer over the channels of each position.
struct LinearOptions: LayerOptions {
  static let names = ["linear"]
  /// The number of output channels.
  var size = 64
  /// Whether a bias is added.
  var bias = true

  init(layer: String = "linear") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.require(size, in: 1...65536, "size")
    return input.with(channels: size)
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Linear(input.channels!, size, bias: bias, from: weights)
  }
}

/// `relu`, `gelu`, `tanh` and `sigmoid`: a function of each number.
struct ActivationOptions: LayerOptions {
  static let names = Activation.allCases.filter { $0 != .none }.map(\.rawValue)
  private let layer: String

  init(layer: String) { self.layer = layer }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape { input }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Activation(rawValue: layer) ?? .none
  }
}

/// `dropout`: random removal of activations in training; `dropout2d` removes whole channels of an example.
struct DropoutOptions: LayerOptions {
  static let names = ["dropout", "dropout2d"]
  private let layer: String
  /// The dropout rate.
  var probability: Float = 0.2

  init(layer: String = "dropout") { self.layer = layer }

  init(_ probability: Float, layer: String = "dropout") {
    (self.probability, self.layer) = (probability, layer)
  }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.require(probability, in: 0...0.999, "probability")
    return input
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    if layer == "dropout2d" { return ChannelDropout(probability) }
    return Dropout(probability)
  }
}

/// `layerNorm`, over the channels of each position, and `batchNorm`, over a batch.
struct NormalizationOptions: LayerOptions {
  static let names = ["layerNorm", "batchNorm"]
  private let layer: String
  /// Whether each position is normalised by itself.
  var isOfRows: Bool { layer == "layerNorm" }

  init(layer: String) { self.layer = layer }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape { input }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    if layer == "batchNorm" { return BatchNorm(input.channels!, from: weights) }
    return LayerNorm(input.channels!, from: weights)
  }
}

/// `residual`: layers whose input is added to their output; both must have the same positions and channels.
struct ResidualOptions: LayerOptions {
  static let names = ["residual"]
  /// The layers.
  var layers: [ListedLayer] = []

  init(layer: String = "residual") {}

  init(_ layers: [ListedLayer]) { self.layers = layers }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    if layers.isEmpty { throw LayerProblem("found no layers, expected at least one") }
    var fresh = input
    fresh.keepsPlaces = true
    let output = try layers.output(of: fresh)
    if output.rank != input.rank || !output.keepsPlaces {
      throw LayerProblem("found layers that change the places, expected as many places as they read")
    }
    if let found = output.channels, let channels = input.channels, found != channels {
      throw LayerProblem("found layers from \(channels) to \(found) channels, expected as many as they read")
    }
    return input.with(channels: input.channels ?? output.channels)
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    do { return Residual(try layers.build(input, from: weights)) } catch {
      preconditionFailure("ResidualOptions: \(error)")
    }
  }
}

/// `cut`: splits a row of features into steps of `size` features, padded with zeros.
struct CutOptions: LayerOptions {
  static let names = ["cut"]
  /// The number of features of a step.
  var size = 64

  init(layer: String = "cut") {}

  init(_ size: Int) { self.size = size }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.require(size, in: 1...65536, "size")
    if input.rank != 0 { throw LayerProblem("it reads one row an example, and gets steps, pixels or voxels") }
    var output = LayerShape(rank: 1, channels: input.channels.map { min(size, $0) })
    output.keepsPlaces = false
    output.extents = input.channels.map { [($0 + min(size, $0) - 1) / max(min(size, $0), 1)] }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    CutRows(size: min(size, input.channels!))
  }
}

/// Splits rows into steps of `size` features, padded with zeros.
private struct CutRows: Layer {
  let size: Int

  func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let (n, width) = (input.count, input.channels), length = (width + size - 1) / size
    let spare = length * size - width
    let full = spare == 0 ? input.values : .concatenated([input.values, .zeros([n, spare])])
    return Grids(
      values: full.reshaped([n * length, size]),
      layout: GridLayout(lengths: [Int](repeating: length, count: n)))
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// `flatten`: the channels of all places in one row, channel by channel, as PyTorch's `Flatten`; all examples have the same extents.
struct FlattenOptions: LayerOptions {
  static let names = ["flatten"]

  init(layer: String = "flatten") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    var output = LayerShape(rank: 0, channels: nil)
    output.keepsPlaces = false
    if let channels = input.channels {
      guard let extents = input.extents else {
        throw LayerProblem("it reads examples of one size, and these may differ")
      }
      output.channels = extents.reduce(channels, *)
      try LayerProblem.require(output.channels!, in: 1...(1 << 24), "flattened numbers")
    }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer { Flatten() }
}
