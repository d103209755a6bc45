import LigaseNetworks

/// `deepmedic`: pathways at several resolutions over the middle of each volume.
struct DeepMedicOptions: LayerOptions {
  static let names = ["deepmedic"]
  /// The sizes.
  var sizes = DeepMedic.Sizes()

  init(layer: String = "deepmedic") {}

  init(_ sizes: DeepMedic.Sizes) { self.sizes = sizes }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    if sizes.maps.isEmpty || !sizes.maps.allSatisfy({ 1...4096 ~= $0 }) || sizes.maps.count > 64
      || !sizes.hidden.allSatisfy({ 1...65536 ~= $0 }) || sizes.hidden.count > 16
    {
      throw LayerProblem(
        "found maps \(sizes.maps) and \(sizes.hidden), expected up to 64 layers of 1 to 4096")
    }
    if sizes.factors.first != 1 || !sizes.factors.allSatisfy({ 1...31 ~= $0 && $0 % 2 == 1 }) {
      throw LayerProblem("found factors \(sizes.factors), expected odd numbers up to 31, the first 1")
    }
    if !(sizes.residuals + sizes.hiddenResiduals).allSatisfy({ $0 >= 2 }) {
      throw LayerProblem("found an addition at layer 1, which has no layer before it")
    }
    if !(1...31 ~= sizes.hiddenKernel) || sizes.hiddenKernel % 2 == 0 {
      throw LayerProblem("hiddenKernel must be an odd number up to 31 (got \(sizes.hiddenKernel))")
    }
    if sizes.dropout.count != sizes.hidden.count + 1 || !sizes.dropout.allSatisfy({ 0..<1 ~= $0 }) {
      throw LayerProblem("found dropout \(sizes.dropout), expected a rate for each hidden layer and one more")
    }
    var output = input.with(channels: sizes.outputSize)
    output.margin += sizes.margin
    if let extents = input.extents {
      if let extent = extents.first(where: { $0 <= 2 * sizes.margin }) {
        throw LayerProblem("found \(extent) places along an axis, expected more than \(2 * sizes.margin)")
      }
      output.extents = extents.map { $0 - 2 * sizes.margin }
    }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    DeepMedic(input.channels!, sizes, rank: input.rank, from: weights)
  }
}

/// `unet`: levels of convolutions at ever lower resolution, and back up.
struct UNetOptions: LayerOptions {
  static let names = ["unet"]
  /// The maps of the first level; each further level has twice as many.
  var filters = 16
  /// The number of levels.
  var levels = 4

  init(layer: String = "unet") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(filters, in: 1...1024, "filters")
    try LayerProblem.require(levels, in: 1...8, "levels")
    return input.with(channels: filters)
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    UNet(input.channels!, maps: filters, levels: levels, rank: input.rank, from: weights)
  }
}

/// `transposedConvolution`: the adjoint of a convolution, which enlarges grids.
struct TransposedConvolutionOptions: LayerOptions {
  static let names = ["transposedConvolution"]
  /// The number of output channels.
  var filters = 64
  /// The size of the filters along each axis.
  var kernelSize = 2
  /// The stride: by how much grids become larger.
  var stride = 2
  /// Whether a bias is added.
  var bias = true

  init(layer: String = "transposedConvolution") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(filters, in: 1...8192, "filters")
    try LayerProblem.require(kernelSize, in: 1...1024, "kernelSize")
    try LayerProblem.require(stride, in: 1...1024, "stride")
    var output = input.with(channels: filters)
    output.keepsPlaces = false
    output.extents = input.extents?.map { max(0, ($0 - 1) * stride + kernelSize) }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    TransposedConvolution(
      input.channels!, filters, kernelSize: kernelSize, stride: stride, rank: input.rank, bias: bias,
      from: weights)
  }
}

/// `upsample`: grids at a multiple of their extents, with places repeated or interpolated.
struct UpsamplingOptions: LayerOptions {
  static let names = ["upsample"]
  /// The factor of the extents.
  var factor = 2
  /// How the new places are filled.
  var mode = Upsampling.Mode.nearest

  init(layer: String = "upsample") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(factor, in: 1...64, "factor")
    var output = input
    output.keepsPlaces = factor == 1 && input.keepsPlaces
    output.extents = input.extents?.map { $0 * factor }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Upsampling(factor: factor, mode: mode)
  }
}
