import Synchronization

/// The history of a tracked tensor: the histories of its inputs and the pullback from its gradient to theirs.
final class History: @unchecked Sendable {
  private static let clock = Atomic<UInt64>(0)

  /// Later histories have larger numbers, so a descending walk meets every tensor after all its uses.
  let order: UInt64
  /// The shape of the tensor, and of its gradient.
  let shape: [Int]
  /// The operation that computed the tensor; nil for a leaf.
  let operation: Operation?
  var inputs: [History?]
  /// The pullback; nil for a leaf, and after it has run.
  var pullback: ((Tensor) -> [Tensor?])?
  /// The value of the tensor, where rules of a backward pass are to read it.
  var value: Tensor?

  init(
    of tensor: Tensor, operation: Operation?, inputs: [History?], pullback: ((Tensor) -> [Tensor?])?
  ) {
    shape = tensor.shape
    if KeptValues.isOn { value = tensor.detached }
    order = History.clock.wrappingAdd(1, ordering: .relaxed).newValue
    self.operation = operation
    self.inputs = inputs
    self.pullback = pullback
  }
}

extension Tensor {
  /// Returns the same numbers as a leaf whose gradient can be computed.
  public func tracked() -> Tensor {
    Tensor(
      shape: shape, storage: storage,
      history: History(of: self, operation: nil, inputs: [], pullback: nil))
  }

  /// Records the computation of `value` from other tensors.
  ///
  /// - Parameters:
  ///   - value: the result of the forward computation.
  ///   - inputs: the tensors to which a gradient may flow.
  ///   - name: the name of the operation, in traces and errors.
  ///   - attributes: the other parameters of the operation; evaluated only if it is recorded.
  ///   - pullback: returns one gradient for each input, of the input's shape, given the gradient of `value`;
  ///     `nil` where none flows. It runs only if some input is tracked. Its result is checked.
  /// - Returns: `value`, tracked when some input is.
  public static func recording(
    _ value: Tensor, from inputs: [Tensor], _ name: String,
    _ attributes: @autoclosure () -> [String: Operation.Attribute] = [:],
    pullback: @escaping (Tensor) -> [Tensor?]
  ) -> Tensor {
    guard inputs.contains(where: \.isTracked) else { return value }
    let history = History(
      of: value, operation: Operation(name, attributes()), inputs: inputs.map(\.history),
      pullback: pullback)
    return Tensor(shape: value.shape, storage: value.storage, history: history)
  }
}

/// Returns the gradients of a scalar with respect to tracked tensors, by reverse accumulation.
///
/// ```swift
/// let x = Tensor([1, 2, 3]).tracked()
/// let y = x * 2                                       // tracked, because it was made from x
/// gradients(of: (y * y).sum(), at: [x, y])            // [8, 16, 24] and [4, 8, 12]
/// ```
///
/// Stops the program where one of the tensors is not tracked or `value` does not depend on it: its gradient
/// is then undefined, not zero.
///
/// - Parameters:
///   - value: a tensor of one element.
///   - tensors: leaves made by `tracked()`, or tensors computed from them on the way to `value`.
/// - Returns: one tensor for each, of its shape. The history of `value` is released during the computation
///   and cannot be used again.
public func gradients(of value: Tensor, at tensors: [Tensor]) -> [Tensor] {
  zip(gradientsIfAny(of: value, at: tensors), tensors.indices).map { gradient, i in
    require(
      gradient != nil,
      "gradients: the value does not depend on tensor \(i), of shape \(tensors[i].shape)")
    return gradient!
  }
}

/// Returns `gradients(of:at:)` with nil for a tracked tensor on which `value` does not depend.
package func gradientsIfAny(of value: Tensor, at tensors: [Tensor]) -> [Tensor?] {
  backward(from: value, to: tensors) { step, gradient in step.standard(gradient) }
}

/// Walks back from a scalar, and returns the gradients at tracked tensors.
///
/// - Parameter rule: returns the gradients of an operation's inputs.
func backward(
  from value: Tensor, to tensors: [Tensor], _ rule: (BackwardStep, Tensor) throws -> [Tensor?]
) rethrows -> [Tensor?] {
  require(value.count == 1, "gradients: the value has the shape \(value.shape), not one element")
  var wanted: Set<ObjectIdentifier> = []
  for (i, tensor) in tensors.enumerated() {
    require(
      tensor.isTracked,
      "gradients: tensor \(i), of shape \(tensor.shape), is not tracked, so no gradient is kept there")
    wanted.insert(ObjectIdentifier(tensor.history!))
  }
  var pending: [ObjectIdentifier: Tensor] = [:], kept: [ObjectIdentifier: Tensor] = [:]
  if let root = value.history {
    pending[ObjectIdentifier(root)] = Tensor.ones(value.shape)
    for node in historiesLatestFirst(from: root) {
      let key = ObjectIdentifier(node)
      guard let gradient = pending.removeValue(forKey: key) else {
        // No gradient flows here, so its history is no longer needed.
        if node.operation != nil { (node.pullback, node.inputs, node.value) = (nil, [], nil) }
        continue
      }
      if wanted.contains(key) { kept[key] = gradient }
      for (input, part) in try node.pulledBack(gradient, rule) { pending.add(part, to: input) }
    }
  }
  return tensors.map { kept[ObjectIdentifier($0.history!)] }
}

extension History {
  /// Returns the gradients of the inputs, of their shapes; releases the node.
  fileprivate func pulledBack(
    _ gradient: Tensor, _ rule: (BackwardStep, Tensor) throws -> [Tensor?]
  ) rethrows -> [(input: History, gradient: Tensor)] {
    guard let operation else { return [] }
    guard let pullback else {
      fatalError("gradients: the history of \(operation.name) was taken apart by an earlier call")
    }
    let inputs = inputs, output = value
    (self.pullback, self.inputs, value) = (nil, [], nil)
    let parts = try rule(
      BackwardStep(
        operation: operation, inputs: inputs.map { $0?.value }, output: output,
        isTracked: inputs.map { $0 != nil }, standard: pullback), gradient)
    require(
      parts.count == inputs.count,
      "gradients: the pullback of \(operation.name) returned \(parts.count) gradients for \(inputs.count) inputs"
    )
    return zip(inputs, parts).enumerated().compactMap { i, pair in
      guard let input = pair.0, let part = pair.1 else { return nil }
      require(
        part.shape == input.shape,
        "gradients: the pullback of \(operation.name) returned a gradient of shape \(part.shape) for input \(i), of shape "
          + "\(input.shape)")
      return (input, part)
    }
  }
}

extension [ObjectIdentifier: Tensor] {
  /// Adds a gradient to the present gradient of a tensor.
  fileprivate mutating func add(_ part: Tensor, to input: History) {
    let key = ObjectIdentifier(input)
    if var sum = removeValue(forKey: key) {
      sum.accumulate(part)
      self[key] = sum
    } else {
      self[key] = part
    }
  }
}

/// Returns every history reachable from `root`, the latest first.
func historiesLatestFirst(from root: History) -> [History] {
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
