import LigaseNetworks
import LigaseTensors

/// `lstm`, `gru` and `rnn`: recurrent layers over steps.
struct RecurrentOptions: LayerOptions {
  static let names = ["lstm", "gru", "rnn"]
  private let layer: String
  /// The hidden size of one direction, H.
  var hiddenSize = 64
  /// The number of stacked layers.
  var layers = 1
  /// Whether the layers are bidirectional.
  var isBidirectional = true
  /// The dropout rate of the outputs of every layer but the last.
  var dropout: Float = 0

  init(layer: String) { self.layer = layer }

  /// Creates the options of a kind of cell.
  init(_ cell: RecurrentCell, hiddenSize: Int, layers: Int, isBidirectional: Bool, dropout: Float) {
    layer =
      switch cell {
      case .lstm: "lstm"
      case .gru: "gru"
      case .tanh, .relu: "rnn"
      }
    (self.hiddenSize, self.layers, self.isBidirectional) = (hiddenSize, layers, isBidirectional)
    self.dropout = dropout
  }

  /// The name of the layer in lists.
  var name: String { layer }

  private var cell: RecurrentCell {
    switch layer {
    case "lstm": .lstm
    case "gru": .gru
    default: .tanh
    }
  }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input, 1...1)
    try LayerProblem.require(hiddenSize, in: 1...8192, "hiddenSize")
    try LayerProblem.require(layers, in: 1...16, "layers")
    try LayerProblem.require(dropout, in: 0...0.999, "dropout")
    var output = input.with(channels: hiddenSize * (isBidirectional ? 2 : 1))
    output.isBidirectional = isBidirectional
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    Recurrent(
      cell, inputSize: input.channels!, hiddenSize: hiddenSize, layerCount: layers,
      isBidirectional: isBidirectional, dropout: layers > 1 ? dropout : 0, from: weights)
  }
}

/// `pooling`: one row for all positions of an example.
struct LengthPoolingOptions: LayerOptions {
  static let names = ["pooling"]
  /// The kind of pooling.
  var kind = LengthPooling.Kind.attention

  init(layer: String = "pooling") {}

  init(_ kind: LengthPooling.Kind) { self.kind = kind }

  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    try LayerProblem.requireSpace(input)
    if kind == .last, input.rank > 1 {
      throw LayerProblem(
        "found pooling last over \(input.rank) axes of space, expected mean, max or attention")
    }
    var output = LayerShape(rank: 0, channels: input.channels)
    output.keepsPlaces = false
    return output
  }

  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer {
    LengthPooling(
      kind, size: input.channels!, isBidirectional: input.isBidirectional,
      attentionSize: min(input.channels!, 64), from: weights)
  }
}
