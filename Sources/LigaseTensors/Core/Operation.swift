/// The description of a recorded operation: its name and the parameters that its inputs do not show. A trace
/// of operations is a graph that can be printed, exported or profiled.
///
/// ```swift
/// let x = Tensor([1, 2]).tracked()
/// let cube = Tensor.recording(x * x * x, from: [x], "cube") { gradient in [gradient * x * x * 3] }
/// gradients(of: cube.sum(), at: [x])                 // [3, 12]
/// ```
public struct Operation: Hashable, Sendable {
  /// A parameter of an operation.
  public enum Attribute: Hashable, Sendable {
    /// A whole number, such as an axis.
    case integer(Int)
    /// Whole numbers, one for each axis, such as strides.
    case integers([Int])
    /// A number, such as an epsilon.
    case number(Float)
    /// A named choice.
    case name(String)
  }

  /// The name: `linear`, `convolved`.
  public let name: String
  /// The parameters by name.
  public let attributes: [String: Attribute]

  /// Creates an operation.
  public init(_ name: String, _ attributes: [String: Attribute] = [:]) {
    (self.name, self.attributes) = (name, attributes)
  }
}

/// One tensor in the computation of a value: its operation and its inputs.
package struct TracedTensor: Sendable {
  /// The operation; nil for a leaf.
  package let operation: Operation?
  /// The shape of the tensor.
  package let shape: [Int]
  /// The indices of its inputs in the trace; nil for those that are not tracked.
  package let inputs: [Int?]
}

extension Tensor {
  /// The tracked tensors from which this one was computed, in the order of the computation, with itself at
  /// the end.
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
