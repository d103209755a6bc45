/// The kinds of recurrent cells.
public enum RecurrentCell: Sendable {
  /// Elman's network with tanh: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`.
  case tanh
  /// Elman's network with max(x, 0).
  case relu
  /// Gated recurrent unit (Cho et al., 2014) in PyTorch's form, gates r z n: the reset gate scales the hidden side of
  /// the candidate, `n = tanh(W_in x + b_in + r (W_hn h + b_hn))`, `h' = (1 - z) n + z h`.
  case gru
  /// Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate, Gers et al., 2000), gates i f g o:
  /// `c' = f c + i g`, `h' = o tanh(c')`.
  case lstm

  /// The name in traces: `lstm`.
  var name: String { "\(self)" }

  /// The number of blocks of H rows of each weight.
  package var gateCount: Int {
    switch self {
    case .tanh, .relu: 1
    case .gru: 3
    case .lstm: 4
    }
  }
}

/// The parameters of one direction of one layer, in PyTorch's layout; G is the cell's `gateCount`.
package struct RecurrentWeights: Sendable {
  /// The input weights, `[G H, C]`.
  package var inputHidden: Tensor
  /// The hidden weights, `[G H, H]`.
  package var hiddenHidden: Tensor
  /// The input bias, `[G H]`, or nil.
  package var inputBias: Tensor?
  /// The hidden bias, `[G H]`, or nil.
  package var hiddenBias: Tensor?

  /// Creates the parameters.
  package init(inputHidden: Tensor, hiddenHidden: Tensor, inputBias: Tensor?, hiddenBias: Tensor?) {
    self.inputHidden = inputHidden
    self.hiddenHidden = hiddenHidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  /// The hidden size, H.
  package var hiddenSize: Int { hiddenHidden.shape[1] }
  /// The input size, C.
  package var inputSize: Int { inputHidden.shape[1] }

  /// Stops the program unless the parameters fit a cell that reads `channels` numbers in each step.
  func requireFit(_ cell: RecurrentCell, channels: Int, hiddenSize h: Int) {
    let g = cell.gateCount * h
    for (name, tensor, shape) in [
      ("weights", inputHidden as Tensor?, [g, channels]), ("weights", hiddenHidden, [g, h]),
      ("input bias", inputBias, [g]), ("hidden bias", hiddenBias, [g]),
    ] {
      guard let tensor else { continue }
      require(
        tensor.shape == shape,
        "recurrent: steps of \(channels) and a state of \(h) do not fit \(name) \(tensor.shape), expected \(shape)"
      )
    }
  }

  var isTracked: Bool { tensors.contains(where: \.isTracked) }
  var tensors: [Tensor] { [inputHidden, hiddenHidden] + [inputBias, hiddenBias].compactMap { $0 } }
}

extension [RecurrentWeights] {
  /// Stops the program unless they are one or two directions that fit a cell and steps of these channels.
  ///
  /// - Returns: the hidden size, H.
  func requireFit(_ cell: RecurrentCell, channels: Int) -> Int {
    require((1...2).contains(count), "recurrent: weights of \(count) directions, expected 1 or 2")
    require(
      self[0].hiddenHidden.rank == 2,
      "recurrent: hidden weights \(self[0].hiddenHidden.shape), expected a matrix")
    let h = self[0].hiddenSize
    for weights in self { weights.requireFit(cell, channels: channels, hiddenSize: h) }
    return h
  }
}

/// The state of a recurrent layer between two windows of the same sequences, `[D, N, H]` with D directions.
///
/// ```swift
/// var lstm = Recurrent(.lstm, inputSize: 4, hiddenSize: 16, from: .drawing(seed: 1))
/// let series = Grids(values: .ones([200, 4]), layout: GridLayout(lengths: [100, 100]))
/// var state: [RecurrentState]?
/// for start in stride(from: 0, to: 100, by: 25) {  // windows of 25 steps, each with a gradient of its own
///   let (outputs, final) = lstm(series.steps(start..<start + 25), initial: state, .inference)
///   state = final.map(\.detached)
///   print(outputs.meanOverLength())
/// }
/// ```
public struct RecurrentState: Sendable {
  /// The hidden state h.
  public var hidden: Tensor
  /// The cell state c; LSTM only.
  public var cell: Tensor?

  /// Creates a state.
  public init(hidden: Tensor, cell: Tensor? = nil) {
    self.hidden = hidden
    self.cell = cell
  }

  /// The same numbers without a history: truncates backpropagation through time here.
  public var detached: RecurrentState { RecurrentState(hidden: hidden.detached, cell: cell?.detached) }
}
