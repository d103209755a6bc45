import LigaseTensors

/// A module that is a function of a batch: it reads rows with a layout and returns rows with a layout, so
/// that layers can be composed (`Sequential`, `Residual`).
///
/// ```swift
/// struct Doubled: Layer {
///   var body: Linear
///   func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
///     let once = body(input, context)
///     return once + once
///   }
///   mutating func visitParameters(_ visit: ParameterVisitor) { visit("body", &body) }
/// }
/// ```
public protocol Layer: Module {
  /// Computes the output of the layer.
  func callAsFunction(_ input: Grids, _ context: Context) -> Grids
}

/// A layer that computes each row by itself, whatever the layout; its author only implements a function of
/// rows `[R, C]`.
///
/// ```swift
/// struct Scale: RowLayer {
///   var factors: Tensor
///   func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input * factors }
///   mutating func visitParameters(_ visit: ParameterVisitor) { visit("factors", &factors) }
/// }
/// ```
public protocol RowLayer: Layer {
  /// Computes the output over the last axis.
  func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor
}

extension RowLayer {
  /// Returns the computed rows with the same layout.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.mapValues { self($0, context) }
  }
}

/// A layer with its own computation for sequences whose equal steps are computed once.
package protocol SharingLayer: Layer {
  /// Computes the output of the layer.
  func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps
}

extension Layer {
  /// Computes the output with equal steps computed once. A `SharingLayer` uses its own method, a `RowLayer`
  /// computes each distinct row once, and any other layer gets every step.
  package func callAsFunction(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    switch self {
    case let layer as any SharingLayer: layer.sharing(input, context)
    case let layer as any RowLayer: input.mapRows { layer($0, context) }
    default: SharedSteps(alone: self(input.grids, context))
    }
  }
}
