import Synchronization

/// How a tracked tensor came to be: the histories of its inputs and the map from its gradient to theirs.
final class History: @unchecked Sendable {
  private static let clock = Atomic<UInt64>(0)

  /// Later histories have larger numbers, so a descending walk meets every tensor after all its uses.
  let order: UInt64
  var inputs: [History?]
  var pullback: ((Tensor) -> [Tensor?])?

  init(inputs: [History?], pullback: ((Tensor) -> [Tensor?])?) {
    order = History.clock.wrappingAdd(1, ordering: .relaxed).newValue
    self.inputs = inputs
    self.pullback = pullback
  }
}

extension Tensor {
  /// The same numbers as a leaf whose gradient can be asked for.
  public func tracked() -> Tensor {
    Tensor(shape: shape, storage: storage, history: History(inputs: [], pullback: nil))
  }

  /// Joins `value` to the tensors it was computed from.
  ///
  /// - Parameters:
  ///   - value: the result of the forward computation.
  ///   - inputs: the tensors a gradient may flow to.
  ///   - pullback: from the gradient of `value` to one gradient per input, each of the input's shape; `nil` where none
  ///     flows. It runs only when some input is tracked.
  /// - Returns: `value`, tracked when some input is.
  public static func recording(
    _ value: Tensor, from inputs: [Tensor], pullback: @escaping (Tensor) -> [Tensor?]
  ) -> Tensor {
    guard inputs.contains(where: \.isTracked) else { return value }
    return Tensor(
      shape: value.shape, storage: value.storage,
      history: History(inputs: inputs.map(\.history), pullback: pullback))
  }
}

/// The gradients of a scalar with respect to tracked leaves, by reverse accumulation.
///
/// - Parameters:
///   - value: a tensor of one element.
///   - leaves: tensors made by `tracked()`.
/// - Returns: one tensor per leaf, of its shape; zeros where `value` does not depend on it. The history of `value` is
///   taken apart on the way and cannot be used again.
public func gradients(of value: Tensor, at leaves: [Tensor]) -> [Tensor] {
  precondition(value.count == 1, "gradients: the value has the shape \(value.shape), not one element")
  var pending: [ObjectIdentifier: Tensor] = [:]
  if let root = value.history {
    pending[ObjectIdentifier(root)] = Tensor.ones(value.shape)
    for node in historiesLatestFirst(from: root) {
      guard let pullback = node.pullback else { continue }
      let gradient = pending.removeValue(forKey: ObjectIdentifier(node))
      node.pullback = nil
      let inputs = node.inputs
      node.inputs = []
      guard let gradient else { continue }
      for (input, part) in zip(inputs, pullback(gradient)) {
        guard let input, let part else { continue }
        let key = ObjectIdentifier(input)
        if var sum = pending.removeValue(forKey: key) {
          sum.accumulate(part)
          pending[key] = sum
        } else {
          pending[key] = part
        }
      }
    }
  }
  return leaves.map { leaf in
    guard let history = leaf.history, let gradient = pending[ObjectIdentifier(history)] else {
      return Tensor.zeros(leaf.shape)
    }
    precondition(
      gradient.count == leaf.count, "gradients: a pullback returned \(gradient.shape) for \(leaf.shape)")
    return gradient.shape == leaf.shape ? gradient : Tensor(shape: leaf.shape, storage: gradient.storage)
  }
}

/// Every history reachable from `root`, the latest first.
private func historiesLatestFirst(from root: History) -> [History] {
  var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
  var found: [History] = []
  var stack = [root]
  while let node = stack.popLast() {
    found.append(node)
    for case let input? in node.inputs where seen.insert(ObjectIdentifier(input)).inserted {
      stack.append(input)
    }
  }
  return found.sorted { $0.order > $1.order }
}
