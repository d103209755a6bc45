import LigaseTensors

/// A sequence of layers. Their parameters are named by their indices, as in PyTorch, or by given names.
///
/// ```swift
/// let weights = WeightBuilder.drawing(seed: 1)
/// let network = Sequential([
///   Convolution(1, 8, kernelSize: 3, padding: .same, rank: 2, from: weights.nested("0")), Activation.relu,
///   MaxPool(kernelSize: 2, rank: 2), LengthPooling(.mean, size: 8, from: weights.nested("3")),
///   Linear(8, 2, from: weights.nested("4")),
/// ])
/// let images = Tensor.zeros([5, 1, 28, 28])
/// let logits = network(Grids(channelsFirst: images), .inference).values  // [5, 2]
/// ```
public struct Sequential: Layer {
  /// The layers.
  public var layers: [any Layer]
  /// The name of each layer.
  package let names: [String]

  /// Creates a sequence of layers named `0`, `1`, …
  public init(_ layers: [any Layer]) { self.init(named: layers.enumerated().map { ("\($0)", $1) }) }

  /// Creates a sequence of layers with given names.
  public init(named layers: [(name: String, layer: any Layer)]) {
    self.layers = layers.map(\.layer)
    names = layers.map(\.name)
  }

  /// Returns the output of the last layer; contexts that store activations get the output of each layer.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    zip(names, layers).reduce(input) { x, next in
      context.within(next.0) { context.keeping(next.1(x, context)) }
    }
  }

  /// Visits the layers under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    for i in layers.indices { layers[i].visitParameters(visit.nested(names[i])) }
  }
}

/// `x + body(x)`: layers that learn a change of their input (He et al., "Deep residual learning", 2016). The
/// body's output has the layout and channels of its input. The parameters are those of the body, under its
/// names.
///
/// ```swift
/// let weights = WeightBuilder.drawing(seed: 1)
/// let block = Residual(
///   Sequential([
///     Convolution(16, 16, kernelSize: 3, padding: .same, from: weights.nested("0")), Activation.relu,
///   ]))
/// let network = Sequential([Linear(4, 16, from: weights.nested("in")), block])
/// ```
public struct Residual: Layer {
  /// The layers that are added to their input.
  package var body: Sequential
  /// The layers that change layout or channels of the input before it is added; nil for the input itself.
  package var shortcut: Sequential?

  /// Creates a residual connection around some layers.
  public init(_ body: Sequential) { (self.body, shortcut) = (body, nil) }

  /// Creates a residual connection whose input is changed by other layers, such as a convolution of one tap
  /// with a stride. Their parameters are named `downsample.…`, as in torchvision.
  package init(_ body: Sequential, shortcut: Sequential) { (self.body, self.shortcut) = (body, shortcut) }

  /// Returns the sum of the input and the body's output.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let output = body(input, context)
    guard let shortcut else { return output + input }
    return output + context.within("downsample") { shortcut(input, context) }
  }

  /// Visits the layers of the body under their names, then those of the shortcut.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    body.visitParameters(visit)
    visit("downsample", &shortcut)
  }
}

extension Sequential: SharingLayer {
  /// Computes the output with equal steps computed once.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    layers.reduce(input) { $1($0, context) }
  }
}

extension Residual: SharingLayer {
  /// Computes the output with equal steps computed once.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    body(input, context) + (shortcut.map { $0(input, context) } ?? input)
  }
}
