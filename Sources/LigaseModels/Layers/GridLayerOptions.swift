import LigaseNetworks

/// `instanceNorm`, over the places of each channel of an example, and `groupNorm`, over groups of channels and all places of an example.
struct GridNormOptions: LayerOptions {
  static let names = ["instanceNorm", "groupNorm"]
  private let layer: String
  /// The number of groups of channels of `groupNorm`.
  var groups = 8

  init(layer: String) { self.layer = layer }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    try LayerProblem.require(groups, in: 1...8192, "groups")
    if layer == "groupNorm", let channels = input.channels, channels % groups != 0 {
      throw LayerProblem("found \(channels) channels in \(groups) groups, expected a multiple")
    }
    return input
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    if layer == "groupNorm" { return GroupNorm(input.channels!, groups: groups, from: weights) }
    return InstanceNorm(input.channels!, isAffine: true, from: weights)
  }
}

/// `prelu`: `max(x, 0) + slope min(x, 0)` with a learned slope for each channel.
struct PReLUOptions: LayerOptions {
  static let names = ["prelu"]
  /// The slope at the beginning.
  var slope: Float = 0.25

  init(layer: String = "prelu") {}

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.require(slope, in: -10...10, "slope")
    return input
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    PReLU(input.channels!, slope: slope, from: weights)
  }
}
