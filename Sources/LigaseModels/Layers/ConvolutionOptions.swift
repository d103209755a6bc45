import LigaseNetworks
import LigaseTensors

/// `convolution`: a convolution over steps, pixels or voxels.
struct ConvolutionOptions: LayerOptions {
  static let names = ["convolution"]
  /// The number of output channels.
  var filters = 64
  /// The size of the filters along each axis.
  var kernelSize = 3
  /// The stride of the filters.
  var stride = 1
  /// The dilation of the filters.
  var dilation = 1
  /// The padding at the ends of each axis.
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
    if padding == .same, stride > 1, dilation * (kernelSize - 1) % 2 == 1 {
      throw LayerProblem(
        "found stride \(stride) with padding \"same\" and a window of an even number of places, expected an odd one, stride 1 or padding \"valid\""
      )
    }
    var output = try input.with(channels: filters).slid(by: window(input.rank))
    if padding != .same || stride > 1 { output.keepsPlaces = false }
    return output
  }

  private func window(_ rank: Int) -> SlidingWindow {
    let sides: SlidingWindow.Padding =
      padding == .valid ? .steps(0) : stride == 1 ? .same : .steps(dilation * (kernelSize - 1) / 2)
    return SlidingWindow(size: kernelSize, stride: stride, dilation: dilation, padding: sides, rank: rank)
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Convolution(input.channels!, filters, window: window(input.rank), bias: bias, from: weights)
  }
}

/// The padding of a sliding window at the ends of an axis.
enum WindowPadding: String, Codable, Hashable, Sendable {
  /// Zeros that keep the length of the axis at a stride of 1; at larger strides as many on either side.
  case same
  /// No padding: the window stays inside.
  case valid
}

/// `maxPool` and `averagePool`: the maximum or mean of each channel in a window.
struct WindowPoolingOptions: LayerOptions {
  static let names = ["maxPool", "averagePool"]
  private let layer: String
  /// The size of the window along each axis.
  var kernelSize = 2
  /// The stride of the window; 0 uses its size.
  var stride = 0
  /// The padding on either side; it is never a maximum and not included in means.
  var padding = 0

  init(layer: String) { self.layer = layer }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(kernelSize, in: 1...1024, "kernelSize")
    try LayerProblem.require(stride, in: 0...1024, "stride")
    try LayerProblem.require(padding, in: 0...kernelSize / 2, "padding")
    var output = try input.slid(
      by: SlidingWindow(size: kernelSize, stride: step, padding: .steps(padding), rank: input.rank))
    output.keepsPlaces = false
    return output
  }

  private var step: Int { stride == 0 ? kernelSize : stride }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    if layer == "maxPool" {
      return MaxPool(kernelSize: kernelSize, stride: step, padding: .steps(padding), rank: input.rank)
    }
    return AveragePool(
      kernelSize: kernelSize, stride: step, padding: .steps(padding), countsPadding: false, rank: input.rank)
  }
}
