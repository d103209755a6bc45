import LigaseTensors

/// Stochastic gradient descent with momentum: `v = momentum v + (1 - dampening) (g + decay p)`, `p -= rate v`; the
/// first step sets `v = g + decay p`. Nesterov's form (Sutskever et al., 2013) moves by `g + decay p + momentum v`.
///
/// ```swift
/// var optimizer = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4, isNesterov: true)
/// ```
public struct SGD: SavedOptimizer {
  /// The step size.
  public var learningRate: Float
  /// The fraction of the last change that is kept.
  package var momentum: Float
  /// The fraction of the gradient that does not enter the momentum.
  package var dampening: Float
  /// The weight decay.
  package var weightDecay: Float
  /// Whether the momentum is Nesterov's.
  package var isNesterov: Bool
  /// The number of steps taken.
  package var step = 0
  /// The running averages by parameter.
  package var state: [String: Tensor] = [:]

  /// Creates plain gradient descent, or with momentum if it is given.
  public init(
    learningRate: Float, momentum: Float = 0, dampening: Float = 0, weightDecay: Float = 0,
    isNesterov: Bool = false
  ) {
    require(
      !isNesterov || (momentum > 0 && dampening == 0), "SGD: Nesterov's form has a momentum and no dampening")
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// Updates the parameters by one step.
  public mutating func update<M: Module>(_ model: inout M, along gradient: M) {
    let settings = self
    let averages = momentum == 0 ? [] : ["velocity"]
    forEachParameter(of: &model, along: gradient, averages: averages) { _, parameter, g, averages in
      var velocity = averages.popLast() ?? Tensor.zeros([0])
      parameter.sgdUpdate(
        gradient: g, velocity: &velocity, rate: settings.learningRate, momentum: settings.momentum,
        dampening: settings.dampening, decay: settings.weightDecay, isNesterov: settings.isNesterov,
        isFirst: settings.step == 0)
      averages.append(velocity)
    }
  }
}
