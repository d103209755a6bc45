import LigaseTensors

/// Updates a model's parameters with a gradient, and keeps the state for the next step.
///
/// ```swift
/// var optimizer: any Optimizer = SGD(learningRate: 0.1, momentum: 0.9)
/// var model = Linear(1, 1, from: .drawing(seed: 1))
/// for _ in 0..<100 {
///   let (_, gradient) = valueWithGradient(at: model) { squaredError($0(.ones([4, 1]), .inference), .ones([4, 1])) }
///   optimizer.update(&model, along: gradient)
/// }
/// ```
public protocol Optimizer: Sendable {
  /// The step size; a schedule changes it between steps.
  var learningRate: Float { get set }

  /// Updates the parameters by one step.
  mutating func update<M: Module>(_ model: inout M, along gradient: M)
}

/// An optimiser whose state can be saved in a checkpoint.
package protocol SavedOptimizer: Optimizer {
  /// The number of steps taken.
  var step: Int { get set }
  /// The running averages, one tensor for each parameter under `name.of.parameter/average`.
  var state: [String: Tensor] { get set }
}

extension SavedOptimizer {
  /// Visits parameters and gradients together, with the named running averages of each, which are initially
  /// zeros.
  ///
  /// Stops the program where a gradient or an average has another shape than its parameter.
  mutating func forEachParameter<M: Module>(
    of model: inout M, along gradient: M, averages: [String],
    _ body: (_ name: String, _ parameter: inout Tensor, _ gradient: Tensor, _ averages: inout [Tensor]) ->
      Void
  ) {
    let (operation, found, parameters) = ("\(Self.self)", gradient.parameters, model.parameters)
    require(
      found.count == parameters.count,
      "\(operation): \(found.count) gradients for \(parameters.count) parameters")
    step += 1
    var gradients = found.makeIterator()
    var state = self.state
    self.state = [:]
    model.updateTensors { name, role, tensor in
      guard role == .parameter, let gradient = gradients.next() else { return }
      require(
        gradient.shape == tensor.shape,
        "\(operation): \(name) has the shape \(tensor.shape), its gradient \(gradient.shape)")
      var kept = averages.map { state.removeValue(forKey: "\(name)/\($0)") ?? Tensor.zeros(tensor.shape) }
      for (average, value) in zip(averages, kept) {
        require(
          value.shape == tensor.shape,
          "\(operation): \(name) has the shape \(tensor.shape), its average '\(average)' \(value.shape)")
      }
      body(name, &tensor, gradient, &kept)
      for (average, value) in zip(averages, kept) { state["\(name)/\(average)"] = value }
    }
    self.state = state
  }
}
