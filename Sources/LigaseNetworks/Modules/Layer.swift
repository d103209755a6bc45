import LigaseTensors

/// A module called like a function of a batch: it reads rows with a layout and returns rows with a layout, so that layers
/// compose (`Sequential`, `Residual`).
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
  /// The forward pass.
  func callAsFunction(_ input: Grids, _ context: Context) -> Grids
}

/// A layer that computes each row by itself, whatever the layout: its author writes what happens to rows `[R, C]`.
///
/// ```swift
/// struct Scale: RowLayer {
///   var factors: Tensor
///   func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input * factors }
///   mutating func visitParameters(_ visit: ParameterVisitor) { visit("factors", &factors) }
/// }
/// ```
public protocol RowLayer: Layer {
  /// The forward pass over the last axis.
  func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor
}

extension RowLayer {
  /// The rows under the same layout.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.mapValues { self($0, context) }
  }
}

/// A layer that has a way of its own for sequences whose equal steps are computed once.
package protocol SharingLayer: Layer {
  /// The shape of the layer's output.
  func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps
}

extension Layer {
  /// The forward pass where equal steps are computed once. A layer of rows computes each distinct row once; one that does not
  /// say how gets every step.
  package func callAsFunction(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    switch self {
    case let layer as any SharingLayer: layer.sharing(input, context)
    case let layer as any RowLayer: input.mapRows { layer($0, context) }
    default: SharedSteps(alone: self(input.grids, context))
    }
  }
}
