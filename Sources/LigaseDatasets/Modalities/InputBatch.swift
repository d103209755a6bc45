import LigaseTensors

/// The input of a network for a batch of examples.
package enum InputBatch: Sendable {
  /// Features of every step of sequences of their own lengths.
  case steps(Grids)
  /// The same where equal steps are computed once, for inference.
  case shared(SharedSteps)
  /// A token a step.
  case tokens(Ragged<Int32>)
  /// One row of features an example, `[N, F]`.
  case rows(Tensor)

  /// The number of examples.
  package var count: Int {
    switch self {
    case .steps(let steps): steps.count
    case .shared(let steps): steps.count
    case .tokens(let tokens): tokens.layout.count
    case .rows(let rows): rows.shape[0]
    }
  }

  /// The features of every step, where there are steps.
  package var steps: Grids? {
    switch self {
    case .steps(let steps): steps
    case .shared(let steps): steps.grids
    case .tokens, .rows: nil
    }
  }

  /// The rows, where an example is one.
  package var rows: Tensor? { if case .rows(let rows) = self { rows } else { nil } }
}
