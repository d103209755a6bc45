/// The weights of one direction, packed for the sweeps over its shares.
struct PackedWeights: Sendable {
  /// `W_ih^T`, `[C, G H]`, and `W_hh^T`, `[H, G H]`.
  let input, hidden: PackedMatrix
  /// `W_ih`, `[G H, C]`, and `W_hh`, `[G H, H]`; for backpropagation only.
  let inputPullback, hiddenPullback: PackedMatrix?
  /// The bias of the input side: the sum of both biases, except for a GRU, whose hidden side has its own.
  let bias: Tensor?

  init(_ weights: RecurrentWeights, cell: RecurrentCell, forPullback: Bool) {
    input = PackedMatrix(weights.inputHidden, transposed: true)
    hidden = PackedMatrix(weights.hiddenHidden, transposed: true)
    inputPullback = forPullback ? PackedMatrix(weights.inputHidden, transposed: false) : nil
    hiddenPullback = forPullback ? PackedMatrix(weights.hiddenHidden, transposed: false) : nil
    let (a, b) = (weights.inputBias?.detached, cell == .gru ? nil : weights.hiddenBias?.detached)
    bias = if let a, let b { a + b } else { a ?? b }
  }
}
