import Synchronization

/// A replacement of pullbacks in a backward pass, by the names of operations, for explanations of a network.
package protocol BackwardRule {
  /// Returns one gradient for each input of an operation, of the input's shape; nil where none flows.
  ///
  /// - Parameters:
  ///   - step: the operation and the values that it read and gave.
  ///   - gradient: the gradient of its output.
  func pullback(_ step: BackwardStep, _ gradient: Tensor) throws -> [Tensor?]
}

/// An operation in a backward pass.
package struct BackwardStep {
  /// The operation.
  package let operation: Operation
  /// The values of tracked inputs, nil for others, and of the output; all nil unless ``withKeptValues(_:)`` recorded them.
  package let inputs: [Tensor?]
  package let output: Tensor?
  /// Which inputs are tracked.
  package let isTracked: [Bool]
  /// The pullback of the operation itself.
  package let standard: (Tensor) -> [Tensor?]
}

/// Whether values of tracked tensors are kept for rules: the number of callers that want it.
enum KeptValues {
  private static let callers = Atomic<Int>(0)

  static var isOn: Bool { callers.load(ordering: .relaxed) > 0 }
  static func begin() { callers.wrappingAdd(1, ordering: .relaxed) }
  static func end() { callers.wrappingSubtract(1, ordering: .relaxed) }
}

/// Calls `body`, in which histories keep the values of tensors, so that rules can read them.
package func withKeptValues<Result>(_ body: () throws -> Result) rethrows -> Result {
  KeptValues.begin()
  defer { KeptValues.end() }
  return try body()
}

/// Returns the gradients of a scalar with respect to tracked tensors where `rule` replaces the pullbacks of operations; nil
/// for a tensor on which `value` does not depend.
package func gradientsIfAny(
  of value: Tensor, at tensors: [Tensor], by rule: any BackwardRule
) throws -> [Tensor?] {
  try backward(from: value, to: tensors) { try rule.pullback($0, $1) }
}
