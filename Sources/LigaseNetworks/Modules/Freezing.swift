import LigaseTensors

/// A module with frozen tensors: training computes no gradient for them and keeps them exactly. The module
/// itself needs no changes for this.
///
/// ```swift
/// var frozen = Linear(3, 1, from: .drawing(seed: 1)).freezing(["weight"])
/// var optimizer = SGD(learningRate: 0.1)
/// let (loss, gradient) = valueWithGradient(at: frozen) {
///   squaredError($0.module(.ones([8, 3]), .inference), .zeros([8, 1]))
/// }
/// optimizer.update(&frozen, along: gradient)  // moves the bias alone
/// ```
public struct Freezing<Wrapped: Module>: Module {
  /// The module.
  public var module: Wrapped
  /// The dotted names of the frozen tensors.
  package var names: Set<String>

  /// Freezes the learned tensors of a module that have the given names.
  package init(_ module: Wrapped, names: Set<String>) {
    self.module = module
    self.names = names
  }

  /// Visits the module under its own names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    module.visitParameters(names.isEmpty ? visit : visit.freezing(names))
  }
}

extension Module {
  /// Returns this module with the learned tensors of the given dotted names frozen.
  public func freezing(_ names: Set<String>) -> Freezing<Self> { Freezing(self, names: names) }
}
