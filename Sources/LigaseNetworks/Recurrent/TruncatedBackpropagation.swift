import LigaseTensors

extension RecurrentState {
  /// The states of a stack of layers without a history.
  public static func detached(_ states: [RecurrentState]) -> [RecurrentState] { states.map(\.detached) }
}

/// Back-propagation through time in windows, for sequences whose whole history would not fit into memory.
///
/// The batch is walked from its first step to its last in windows of `window` steps. States are carried from window to
/// window as numbers without a history, so the gradient of a window ends at its first step and memory does not grow
/// with the length. Bidirectional layers need the whole sequence and have no place here.
///
/// ```swift
/// try truncatedBackpropagation(through: &model, length: input.layout.longest, window: 100) {
///   model, steps, states in
///   let (outputs, final) = model.recurrent(input.steps(steps), initial: states, context)
///   return (squaredError(model.head(outputs.values, context), targets.steps(steps).values), final)
/// } step: { model, steps, loss, gradient in
///   optimizer.update(&model, along: gradient)
/// }
/// ```
/// Source: Williams and Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
/// trajectories" (1990).
///
/// - Parameters:
///   - model: the model; `step` may change it between windows.
///   - length: steps of the longest sequence.
///   - window: steps of a window, but for the last, which may be shorter.
///   - initial: the states before the first step, one a layer; zeros when nil.
///   - body: the loss of the given steps from the given states, and the states after them.
///   - step: gets the steps, the loss and the gradient of each window, in order.
/// - Returns: the states after the last step, to be carried on.
@discardableResult
public func truncatedBackpropagation<M: Module>(
  through model: inout M, length: Int, window: Int, initial: [RecurrentState]? = nil,
  _ body: (M, Range<Int>, [RecurrentState]?) throws -> (loss: Tensor, states: [RecurrentState]),
  step: (inout M, Range<Int>, Tensor, M) throws -> Void
) rethrows -> [RecurrentState]? {
  require(window >= 1, "truncatedBackpropagation: a window of \(window) steps")
  var states = initial.map(RecurrentState.detached)
  for start in stride(from: 0, to: length, by: window) {
    let steps = start..<min(start + window, length)
    var after: [RecurrentState] = []
    let (loss, gradient) = try valueWithGradient(at: model) { model in
      let (loss, reached) = try body(model, steps, states)
      after = RecurrentState.detached(reached)
      return loss
    }
    states = after
    try step(&model, steps, loss, gradient)
  }
  return states
}
