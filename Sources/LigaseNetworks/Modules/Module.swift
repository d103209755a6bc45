import LigaseTensors

/// A type with parameters: a layer or a whole model.
///
/// A type implements one traversal; counting, saving, loading, clipping and updating are based on it.
/// ```swift
/// struct Regression: Module {
///   var encoder: Linear
///   var weight: Tensor
///   mutating func visitParameters(_ visit: ParameterVisitor) {
///     visit("encoder", &encoder)
///     visit("weight", &weight)
///   }
/// }
/// ```
public protocol Module: Sendable {
  /// Passes every parameter, buffer and nested module to `visit`, always in the same order.
  mutating func visitParameters(_ visit: ParameterVisitor)
}

/// Receives the parameters of a module under dotted names, as in PyTorch: `head.0.weight`.
///
/// ```swift
/// struct Head: Module {
///   var hidden: [Linear], output: Linear, scale: Tensor, mean: Tensor
///   mutating func visitParameters(_ visit: ParameterVisitor) {
///     visit("hidden", &hidden)                       // hidden.0.weight, hidden.0.bias, hidden.1.weight, …
///     visit("output", &output)
///     visit("scale", &scale)
///     visit.buffer("mean", &mean)                    // kept with the model, not learned
///   }
/// }
/// ```
public struct ParameterVisitor {
  /// The role of a visited tensor.
  public enum Role: Sendable {
    /// A learned parameter.
    case parameter
    /// A tensor that is saved with the model but not learned, such as running statistics.
    case buffer
    /// A parameter that this training keeps unchanged: no gradient is computed for it (`Module.freezing`).
    case frozen
  }

  private let prefix: String
  private let body: (String, Role, inout Tensor) -> Void

  /// Creates a visitor that calls `body` with each dotted name, role and tensor.
  package init(_ body: @escaping (String, Role, inout Tensor) -> Void) {
    self.init(prefix: "", body: body)
  }

  private init(prefix: String, body: @escaping (String, Role, inout Tensor) -> Void) {
    self.prefix = prefix
    self.body = body
  }

  func nested(_ name: String) -> ParameterVisitor {
    ParameterVisitor(prefix: prefix + name + ".", body: body)
  }

  /// Visits a learned tensor.
  public func callAsFunction(_ name: String, _ tensor: inout Tensor) {
    body(prefix + name, .parameter, &tensor)
  }

  /// Visits an optional learned tensor.
  public func callAsFunction(_ name: String, _ tensor: inout Tensor?) {
    if tensor != nil { body(prefix + name, .parameter, &tensor!) }
  }

  /// Visits a buffer: a tensor that is saved but not learned.
  public func buffer(_ name: String, _ tensor: inout Tensor) { body(prefix + name, .buffer, &tensor) }

  /// Returns a visitor for which learned tensors with some names below the current one are frozen.
  func freezing(_ names: Set<String>) -> ParameterVisitor {
    let (prefix, body) = (prefix, body)
    return ParameterVisitor(prefix: prefix) { name, role, tensor in
      let isFrozen = role == .parameter && names.contains(String(name.dropFirst(prefix.count)))
      body(name, isFrozen ? .frozen : role, &tensor)
    }
  }

  /// Visits a nested module.
  public func callAsFunction<M: Module>(_ name: String, _ module: inout M) {
    module.visitParameters(nested(name))
  }

  /// Visits an optional nested module.
  public func callAsFunction<M: Module>(_ name: String, _ module: inout M?) {
    if module != nil { module!.visitParameters(nested(name)) }
  }

  /// Visits nested modules under their indices.
  public func callAsFunction<M: Module>(_ name: String, _ modules: inout [M]) {
    for i in modules.indices { modules[i].visitParameters(nested("\(name).\(i)")) }
  }
}

extension Module {
  /// Calls `body` with the dotted name, role and tensor of each parameter and buffer, and stores changes.
  public mutating func updateTensors(_ body: (String, ParameterVisitor.Role, inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in visitParameters(ParameterVisitor(body)) }
  }

  /// The names, roles and tensors in visiting order.
  public var namedTensors: [(name: String, role: ParameterVisitor.Role, tensor: Tensor)] {
    var copy = self
    var found: [(String, ParameterVisitor.Role, Tensor)] = []
    copy.updateTensors { name, role, tensor in found.append((name, role, tensor)) }
    return found
  }

  /// The learned tensors in visiting order.
  public var parameters: [Tensor] { namedTensors.filter { $0.role == .parameter }.map(\.tensor) }

  /// The number of learned parameters.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Returns the module with each learned tensor replaced in visiting order.
  public func replacingParameters(with tensors: [Tensor]) -> Self {
    var copy = self
    var next = tensors.makeIterator()
    copy.updateTensors { name, role, tensor in
      guard role == .parameter else { return }
      guard let replacement = next.next() else { fatalError("no tensor for the parameter \(name)") }
      require(
        replacement.shape == tensor.shape, "\(name) has the shape \(tensor.shape), not \(replacement.shape)")
      tensor = replacement
    }
    return copy
  }
}

/// Returns the value of a scalar function of a model and its gradient, which has the model's own type. A
/// parameter without effect on the value, such as that of an unused head, has a gradient of zeros.
///
/// ```swift
/// let model = Linear(3, 1, from: .drawing(seed: 1)), x = Tensor.ones([8, 3]), y = Tensor.zeros([8, 1])
/// let (loss, gradient) = valueWithGradient(at: model) { squaredError($0(x, .inference), y) }
/// print(loss.scalar, gradient.weight)                // the gradient is a Linear too
/// ```
///
/// - Parameters:
///   - model: the model; gradients are computed for its learned tensors, but not for frozen ones.
///   - body: returns a tensor of one element.
/// - Returns: the value, and a copy of the model whose learned tensors are the gradients and whose frozen
///   ones are zeros.
public func valueWithGradient<M: Module>(at model: M, _ body: (M) throws -> Tensor) rethrows -> (Tensor, M) {
  let leaves = model.parameters.map { $0.tracked() }
  let value = try body(model.replacingParameters(with: leaves))
  let found = gradientsIfAny(of: value, at: leaves)
  let parts = zip(found, leaves).map { gradient, leaf in gradient ?? .zeros(leaf.shape) }
  var gradient = model.replacingParameters(with: parts)
  gradient.updateTensors { _, role, tensor in if role == .frozen { tensor = .zeros(tensor.shape) } }
  return (value.detached, gradient)
}
