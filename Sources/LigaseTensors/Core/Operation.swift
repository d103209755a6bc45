/// What a recorded operation does: its name and the choices that its inputs do not show. A trace of operations is a graph
/// that can be printed, exported or profiled.
///
/// ```swift
/// let x = Tensor([1, 2]).tracked()
/// let cube = Tensor.recording(x * x * x, from: [x], "cube") { gradient in [gradient * x * x * 3] }
/// gradients(of: cube.sum(), at: [x])                 // [3, 12]
/// ```
public struct Operation: Hashable, Sendable {
  /// A choice of an operation.
  public enum Attribute: Hashable, Sendable {
    /// A whole number, such as an axis.
    case integer(Int)
    /// Whole numbers, one an axis, such as strides.
    case integers([Int])
    /// A number, such as an epsilon.
    case number(Float)
    /// A choice by name.
    case name(String)
  }

  /// The name: `linear`, `convolved`.
  public let name: String
  /// The choices by name.
  public let attributes: [String: Attribute]

  /// Joins name and choices.
  public init(_ name: String, _ attributes: [String: Attribute] = [:]) {
    (self.name, self.attributes) = (name, attributes)
  }
}

/// One tensor on the way to a value: how it was made, and from what.
package struct TracedTensor: Sendable {
  /// The operation; nil for a leaf.
  package let operation: Operation?
  /// Its shape.
  package let shape: [Int]
  /// The numbers of the tensors it was made from in the trace; nil for those that are not tracked.
  package let inputs: [Int?]
}

extension Tensor {
  /// The tracked tensors that this one was computed from, in the order of the computation, itself the last one.
  package var trace: [TracedTensor] {
    guard let history else { return [] }
    let nodes = historiesLatestFirst(from: history).reversed()
    let numbers = Dictionary(
      uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($1), $0) })
    return nodes.map { node in
      TracedTensor(
        operation: node.operation, shape: node.shape,
        inputs: node.inputs.map { $0.flatMap { numbers[ObjectIdentifier($0)] } })
    }
  }
}
