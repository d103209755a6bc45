import LigaseTensors

/// A stack of recurrent layers in one or two directions: Elman's RNN, GRU or LSTM, with PyTorch's parameter names,
/// gate order and initialisation.
///
/// Sequences have their own lengths without padding, and the backward direction starts at each sequence's
/// last step. Names: `weight_ih_l0` `[G H, C]`, `weight_hh_l0` `[G H, H]`, `bias_ih_l0` and `bias_hh_l0` `[G
/// H]`, with `_reverse` for the backward direction.
///
/// ```swift
/// let lstm = Recurrent(.lstm, inputSize: 4, hiddenSize: 32, isBidirectional: true, from: .drawing(seed: 1))
/// let bases = Grids(values: .zeros([17, 4]), layout: GridLayout(lengths: [5, 9, 3]))
/// let outputs = lstm(bases, .inference)              // rows [17, 64], both directions
/// ```
public struct Recurrent: Layer {
  /// The kind of cell.
  package let cell: RecurrentCell
  /// The hidden size of one direction, H.
  package let hiddenSize: Int
  /// Whether the layers are bidirectional.
  package let isBidirectional: Bool
  /// The dropout rate of the outputs of every layer but the last.
  package var dropout: Float
  /// The weights of each layer, one entry for each direction.
  package var layers: [[RecurrentWeights]]

  /// Creates layers with parameters drawn uniformly from `±1/sqrt(H)`.
  ///
  /// - Parameters:
  ///   - cell: the kind of cell.
  ///   - inputSize: C of the first layer.
  ///   - hiddenSize: H of every layer.
  ///   - layerCount: the number of layers, each of which reads the outputs of the previous one.
  ///   - isBidirectional: whether every layer also has a backward direction.
  ///   - bias: whether there are biases.
  ///   - dropout: dropout rate between layers in training.
  ///   - weights: draws the parameters, or loads them from a file.
  public init(
    _ cell: RecurrentCell, inputSize: Int, hiddenSize: Int, layerCount: Int = 1,
    isBidirectional: Bool = false,
    bias: Bool = true, dropout: Float = 0, from weights: WeightBuilder
  ) {
    require(layerCount >= 1 && hiddenSize >= 1, "Recurrent: \(layerCount) layers of \(hiddenSize)")
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.isBidirectional = isBidirectional
    self.dropout = dropout
    let bound = 1 / Float(hiddenSize).squareRoot()
    let directions = isBidirectional ? 2 : 1, gates = cell.gateCount * hiddenSize
    layers = (0..<layerCount).map { layer in
      Self.suffixes.prefix(directions).map { suffix in
        func draw(_ name: String, _ shape: [Int]) -> Tensor {
          weights.uniform("\(name)_l\(layer)\(suffix)", shape, bound: bound)
        }
        return RecurrentWeights(
          inputHidden: draw("weight_ih", [gates, layer == 0 ? inputSize : hiddenSize * directions]),
          hiddenHidden: draw("weight_hh", [gates, hiddenSize]),
          inputBias: bias ? draw("bias_ih", [gates]) : nil, hiddenBias: bias ? draw("bias_hh", [gates]) : nil)
      }
    }
  }

  /// The suffix of the names of each direction.
  private static let suffixes = ["", "_reverse"]

  /// The number of output channels, D H.
  public var outputSize: Int { hiddenSize * (isBidirectional ? 2 : 1) }

  /// Returns the outputs of the last layer at every step, `[sum of L, D H]`.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    run(input, context, initial: nil, wantsFinal: false).outputs
  }

  /// Returns the outputs of the last layer, and the state of each layer after the last step.
  ///
  /// - Parameters:
  ///   - input: steps `[sum of L, C]`.
  ///   - initial: one state for each layer, as returned by an earlier call; zeros when nil. `detached` states
  ///     truncate backpropagation through time.
  ///   - context: training or inference.
  public func callAsFunction(
    _ input: Grids, initial: [RecurrentState]?, _ context: Context
  ) -> (outputs: Grids, final: [RecurrentState]) {
    run(input, context, initial: initial, wantsFinal: true)
  }

  private func run(
    _ input: Grids, _ context: Context, initial: [RecurrentState]?, wantsFinal: Bool
  ) -> (outputs: Grids, final: [RecurrentState]) {
    require(
      initial == nil || initial!.count == layers.count,
      "Recurrent: \(initial?.count ?? 0) states for \(layers.count) layers")
    var (sequences, states) = (input, [RecurrentState]())
    for (index, directions) in layers.enumerated() {
      let (outputs, final) = sequences.recurrent(
        cell, directions: directions, initial: initial?[index], wantsFinalState: wantsFinal)
      sequences = outputs
      if let final { states.append(final) }
      if context.isTraining, dropout > 0, index < layers.count - 1 {
        sequences = Dropout(dropout)(sequences, context)
      }
    }
    return (sequences, states)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    for layer in layers.indices {
      for (direction, suffix) in zip(layers[layer].indices, Self.suffixes) {
        visit("weight_ih_l\(layer)\(suffix)", &layers[layer][direction].inputHidden)
        visit("weight_hh_l\(layer)\(suffix)", &layers[layer][direction].hiddenHidden)
        visit("bias_ih_l\(layer)\(suffix)", &layers[layer][direction].inputBias)
        visit("bias_hh_l\(layer)\(suffix)", &layers[layer][direction].hiddenBias)
      }
    }
  }
}

extension Recurrent: SharingLayer {
  /// Returns the outputs of the last layer; sequences with equal first steps share their states.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    layers.reduce(input) { $0.recurrent(cell, directions: $1) }
  }
}
