import LigaseTensors

/// An elementwise function.
///
/// ```swift
/// let network = Sequential([
///   Linear(4, 8, from: .drawing(seed: 1)), Activation.relu,
/// ])
/// let y = Activation.tanh(Tensor([-1, 0, 1]), .inference)
/// ```
public enum Activation: String, Codable, CaseIterable, RowLayer {
  /// `max(x, 0)`.
  case relu
  /// `x Phi(x)`, the exact form (Hendrycks and Gimpel, 2016).
  case gelu
  /// The hyperbolic tangent.
  case tanh
  /// `1 / (1 + e^-x)`.
  case sigmoid
  /// The number itself.
  case none

  /// The function of each number.
  package func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .relu: input.relu()
    case .gelu: input.gelu()
    case .tanh: input.tanh()
    case .sigmoid: input.sigmoid()
    case .none: input
    }
  }

  /// The function of each number.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { self(input) }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {}
}
