import LigaseTensors

extension Module {
  /// The Euclidean norm of all learned tensors together, in double precision; of a gradient, its length.
  public var parameterNorm: Double {
    parameters.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
  }

  /// Scales a gradient down to length `limit` when it is longer (Pascanu et al., 2013).
  ///
  /// - Returns: the length before.
  @discardableResult
  public mutating func clip(toNorm limit: Float?) -> Double {
    let norm = parameterNorm
    guard let limit, norm.isFinite, norm > Double(limit) else { return norm }
    let scale = Float(Double(limit) / norm)
    updateTensors { _, role, tensor in if role == .parameter { tensor = tensor * scale } }
    return norm
  }
}
