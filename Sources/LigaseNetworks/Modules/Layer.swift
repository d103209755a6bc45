import LigaseTensors

/// A module called like a function of a batch: it reads rows with a layout and returns rows with a layout, so that layers
/// compose (`Sequential`, `Residual`).
public protocol Layer: Module {
  /// The forward pass.
  func callAsFunction(_ input: Grids, _ context: Context) -> Grids
  /// The same for sequences whose equal steps are computed once. Where a layer does not say how, it gets every step.
  func callAsFunction(_ input: SharedSteps, _ context: Context) -> SharedSteps
}

extension Layer {
  /// Every step by itself.
  public func callAsFunction(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    SharedSteps(alone: self(input.grids, context))
  }
}

/// A layer that computes each row by itself, whatever the layout: its author writes what happens to rows `[R, C]`.
public protocol RowLayer: Layer {
  /// The forward pass over the last axis.
  func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor
}

extension RowLayer {
  /// The rows under the same layout.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    input.mapValues { self($0, context) }
  }

  /// Each distinct row once.
  public func callAsFunction(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    input.mapRows { self($0, context) }
  }
}
