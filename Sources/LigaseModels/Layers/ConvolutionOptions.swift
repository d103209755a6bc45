import LigaseNetworks
import LigaseTensors

/// `convolution`: filters that slide over steps, pixels or voxels.
struct ConvolutionOptions: LayerOptions {
  static let names = ["convolution"]
  /// Channels of the output.
  var filters = 64
  /// Places under a filter along each axis.
  var kernelSize = 3
  /// How far a filter moves.
  var stride = 1
  /// The distance between neighbouring places under a filter.
  var dilation = 1
  /// The padding beyond the ends.
  var padding = WindowPadding.same
  /// Whether a bias is added.
  var bias = true

  init(layer: String = "convolution") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(filters, in: 1...8192, "filters")
    try LayerProblem.require(kernelSize, in: 1...1024, "kernelSize")
    try LayerProblem.require(stride, in: 1...1024, "stride")
    try LayerProblem.require(dilation, in: 1...4096, "dilation")
    if padding == .same, stride > 1 {
      throw LayerProblem(
        "found stride \(stride) with padding \"same\", expected stride 1 or padding \"valid\"")
    }
    var output = input.with(channels: filters)
    if padding != .same { output.keepsPlaces = false }
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Convolution(
      input.channels!, filters, kernelSize: kernelSize, stride: stride, dilation: dilation,
      padding: padding == .same ? .same : .steps(0), rank: input.rank, bias: bias, from: weights)
  }
}

/// What lies beyond the ends of an axis under a sliding window.
enum WindowPadding: String, Codable, Hashable, Sendable {
  /// Zeros, so many that there are as many places as before.
  case same
  /// Nothing: the window stays inside.
  case valid
}

/// `maxPool` and `averagePool`: the largest value or the mean of each channel under a window.
struct WindowPoolingOptions: LayerOptions {
  static let names = ["maxPool", "averagePool"]
  private let layer: String
  /// Places under the window along each axis.
  var kernelSize = 2
  /// How far it moves; 0 for its own size.
  var stride = 0
  /// Places of padding on either side; padding never wins and enters no mean.
  var padding = 0

  init(layer: String) { self.layer = layer }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(kernelSize, in: 1...1024, "kernelSize")
    try LayerProblem.require(stride, in: 0...1024, "stride")
    try LayerProblem.require(padding, in: 0...kernelSize / 2, "padding")
    var output = input
    output.keepsPlaces = false
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    let step = stride == 0 ? kernelSize : stride
    if layer == "maxPool" {
      return MaxPool(kernelSize: kernelSize, stride: step, padding: .steps(padding), rank: input.rank)
    }
    return AveragePool(
      kernelSize: kernelSize, stride: step, padding: .steps(padding), countsPadding: false, rank: input.rank)
  }
}
