import LigaseTensors

/// In training, sets each number to zero with a probability and scales the others so that the mean stays
/// (Srivastava et al., 2014); otherwise does nothing.
///
/// ```swift
/// let network = Sequential([Linear(4, 8, from: .drawing(seed: 1)), Activation.relu, Dropout(0.2)])
/// ```
public struct Dropout: RowLayer {
  /// The dropout rate.
  package var probability: Float

  /// Creates a layer with a dropout rate.
  public init(_ probability: Float) {
    require(probability >= 0 && probability <= 1, "Dropout: \(probability) is not a probability")
    self.probability = probability
  }

  /// A tensor of the same shape.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    guard context.isTraining, probability > 0 else { return input }
    return input.dropout(probability: probability, key: context.nextKey())
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}

extension Dropout: SharingLayer {
  /// Returns the input itself, because equal steps are computed once in inference only.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    precondition(!context.isTraining, "Dropout: equal steps are computed once in inference only")
    return input
  }
}
