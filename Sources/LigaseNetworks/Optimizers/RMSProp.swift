import LigaseTensors

/// RMSProp (Tieleman and Hinton, 2012): `v = alpha v + (1 - alpha) g^2`, `p -= rate g / (sqrt(v) + epsilon)`,
/// with optional momentum.
///
/// ```swift
/// var optimizer = RMSProp(learningRate: 1e-2, momentum: 0.9)
/// ```
public struct RMSProp: SavedOptimizer {
  /// The step size.
  public var learningRate: Float
  /// The decay rate of the running mean of squared gradients.
  package var alpha: Float
  /// Added to the root of the mean square.
  package var epsilon: Float
  /// The weight decay: this multiple of a parameter is added to its gradient.
  package var weightDecay: Float
  /// The L1 penalty: this multiple of the sign of a parameter is added to its gradient.
  package var signDecay: Float = 0
  /// Whether weight decay and L1 penalty leave out tensors of one axis: biases, factors of normalisations, slopes.
  package var penalizesMatricesOnly = false
  /// The fraction of the last change that is kept.
  package var momentum: Float
  /// Whether the change that is kept is taken once more in advance (Nesterov).
  package var isNesterov = false
  /// The number of steps taken.
  package var step = 0
  /// The running averages by parameter.
  package var state: [String: Tensor] = [:]

  /// Creates RMSProp with PyTorch's defaults.
  public init(
    learningRate: Float = 1e-2, alpha: Float = 0.99, epsilon: Float = 1e-8, weightDecay: Float = 0,
    momentum: Float = 0, isNesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isNesterov = isNesterov
  }

  /// Updates the parameters by one step.
  public mutating func update<M: Module>(_ model: inout M, along gradient: M) {
    let settings = self
    let averages = momentum == 0 ? ["square"] : ["square", "velocity"]
    forEachParameter(of: &model, along: gradient, averages: averages) { _, parameter, g, averages in
      let isFree = settings.penalizesMatricesOnly && parameter.shape.count < 2
      var velocity = averages.count > 1 ? averages.removeLast() : Tensor.zeros([0])
      parameter.rmspropUpdate(
        gradient: g, square: &averages[0], velocity: &velocity, rate: settings.learningRate,
        alpha: settings.alpha,
        epsilon: settings.epsilon, momentum: settings.momentum,
        isNesterov: settings.isNesterov, decay: isFree ? 0 : settings.weightDecay,
        signDecay: isFree ? 0 : settings.signDecay)
      averages.append(velocity)
    }
  }
}
