import LigaseTensors

/// What a network reads for some examples.
package enum InputBatch: Sendable {
  /// Features of every step of sequences of their own lengths.
  case steps(Sequences)
  /// A token a step.
  case tokens(Ragged<Int32>)
  /// One row of features an example, `[N, F]`.
  case rows(Tensor)

  /// The number of examples.
  package var count: Int {
    switch self {
    case .steps(let sequences): sequences.count
    case .tokens(let tokens): tokens.layout.count
    case .rows(let rows): rows.shape[0]
    }
  }
}
