import LigaseTensors

extension Module {
  /// The Euclidean norm of all learned tensors together, in double precision; for a gradient, its norm.
  package var parameterNorm: Double {
    parameters.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
  }

  /// Scales a gradient down to the norm `limit` when it is larger (Pascanu et al., 2013).
  ///
  /// - Returns: the norm before.
  @discardableResult
  public mutating func clip(toNorm limit: Float?) -> Double {
    let norm = parameterNorm
    guard let limit, norm.isFinite, norm > Double(limit) else { return norm }
    let scale = Float(Double(limit) / norm)
    updateTensors { _, role, tensor in if role == .parameter { tensor = tensor * scale } }
    return norm
  }

  /// Clips every number of a gradient to `±limit`; NaN is unchanged.
  package mutating func clip(toValue limit: Float?) {
    guard let limit else { return }
    require(limit > 0, "clip: found the limit \(limit), expected more than 0")
    updateTensors { _, role, tensor in
      guard role == .parameter else { return }
      tensor.withUnsafeMutableBufferPointer { numbers in
        for i in numbers.indices where abs(numbers[i]) > limit {
          numbers[i] = numbers[i] > 0 ? limit : -limit
        }
      }
    }
  }

  /// Adds the learned tensors of another module of the same shape, such as another gradient.
  mutating func addParameters(of other: Self) {
    var others = other.parameters.makeIterator()
    updateTensors { _, role, tensor in
      if role == .parameter, let part = others.next() { tensor = tensor + part }
    }
  }

  /// Divides every learned tensor by one number.
  mutating func divideParameters(by divisor: Double) {
    updateTensors { _, role, tensor in if role == .parameter { tensor = tensor * Float(1 / divisor) } }
  }
}
