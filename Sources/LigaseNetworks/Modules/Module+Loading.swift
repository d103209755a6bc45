import LigaseTensors

/// The reason why saved tensors do not match a module.
package struct ModuleLoadingError: Error, CustomStringConvertible, Sendable {
  /// The parameter, the value found and the value expected.
  public let description: String
}

extension Module {
  /// Replaces every parameter and buffer by a saved tensor.
  ///
  /// - Parameter tensor: the saved tensor of a dotted name, or nil.
  /// - Throws: `ModuleLoadingError` when one is missing or has another shape; the module is then unchanged.
  public mutating func load(_ tensor: (String) -> Tensor?) throws {
    var copy = self
    var problem: String?
    copy.updateTensors { name, _, current in
      guard problem == nil else { return }
      guard let saved = tensor(name) else {
        problem = "the tensor '\(name)' is missing, expected one of shape \(current.shape)"
        return
      }
      guard saved.shape == current.shape else {
        problem = "the tensor '\(name)' has the shape \(saved.shape), expected \(current.shape)"
        return
      }
      current = saved
    }
    if let problem { throw ModuleLoadingError(description: problem) }
    self = copy
  }

  /// Moves every tensor towards that of another module: `keep * self + (1 - keep) * other`. Buffers are
  /// copied.
  package mutating func average(with other: Self, keeping keep: Float) {
    let found = other.namedTensors, own = namedTensors
    require(
      found.count == own.count, "average: \(own.count) tensors and \(found.count) of the other module")
    for (a, b) in zip(own, found) {
      require(
        a.tensor.shape == b.tensor.shape,
        "average: \(a.name) has the shape \(a.tensor.shape), and \(b.tensor.shape) in the other module")
    }
    var others = found.makeIterator()
    updateTensors { _, role, tensor in
      guard let (_, _, new) = others.next() else { return }
      if role == .parameter { tensor.average(with: new, keeping: keep) } else { tensor = new }
    }
  }
}
