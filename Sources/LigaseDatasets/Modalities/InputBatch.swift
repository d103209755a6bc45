import LigaseTensors

/// The input of a network for a batch of examples.
package enum InputBatch: Sendable {
  /// The features of every step of sequences of different lengths.
  case steps(Grids)
  /// Steps of which equal ones are computed once, for inference.
  case shared(SharedSteps)
  /// One token for each step.
  case tokens(Ragged<Int32>)
  /// Shares of all tokens for each step, `[sum of L, tokens]`: tokens of which explanations take fractions.
  case tokenShares(Grids)
  /// One row of features for each example, `[N, F]`.
  case rows(Tensor)

  /// The number of examples.
  package var count: Int {
    switch self {
    case .steps(let steps): steps.count
    case .shared(let steps): steps.count
    case .tokens(let tokens): tokens.layout.count
    case .tokenShares(let shares): shares.count
    case .rows(let rows): rows.shape[0]
    }
  }

  /// The features of every step, for inputs of steps.
  package var steps: Grids? {
    switch self {
    case .steps(let steps): steps
    case .shared(let steps): steps.grids
    case .tokens, .tokenShares, .rows: nil
    }
  }

  /// The rows, for inputs with one row for each example.
  package var rows: Tensor? { if case .rows(let rows) = self { rows } else { nil } }

  /// Whether steps are tokens.
  package var isOfTokens: Bool {
    switch self {
    case .tokens, .tokenShares: true
    case .steps, .shared, .rows: false
    }
  }
}
