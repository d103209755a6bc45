import LigaseTensors

/// Adam (Kingma and Ba, 2015), and AdamW (Loshchilov and Hutter, 2019) when the weight decay is decoupled.
///
/// ```swift
/// var model = Linear(3, 1, from: .drawing(seed: 1))
/// var optimizer = Adam.decoupled(learningRate: 1e-3, weightDecay: 0.01)
/// let (loss, gradient) = valueWithGradient(at: model) { squaredError($0(.ones([8, 3]), .inference), .zeros([8, 1])) }
/// optimizer.update(&model, along: gradient)
/// ```
public struct Adam: SavedOptimizer {
  /// The step size.
  public var learningRate: Float
  /// The decay rate of the running mean of gradients.
  package var beta1: Float
  /// The decay rate of the running mean of squared gradients.
  package var beta2: Float
  /// Added to the root of the second moment.
  package var epsilon: Float
  /// The weight decay.
  package var weightDecay: Float
  /// Whether the decay acts on the parameter (AdamW) instead of the gradient (Adam).
  package var isDecoupled: Bool
  /// The factor on the weight decay of the parameter with a name: 1 by default, 0 for no decay.
  package var decayFactor: @Sendable (String) -> Float
  /// The factor on the step size of the parameter with a name, in place of PyTorch's parameter groups.
  package var rateFactor: @Sendable (String) -> Float
  /// The number of steps taken.
  package var step = 0
  /// The running averages by parameter.
  package var state: [String: Tensor] = [:]

  /// Creates Adam with PyTorch's defaults.
  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, isDecoupled: Bool = false,
    decayFactor: @escaping @Sendable (String) -> Float = { _ in 1 },
    rateFactor: @escaping @Sendable (String) -> Float = { _ in 1 }
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.decayFactor = decayFactor
    self.rateFactor = rateFactor
  }

  /// Returns AdamW with PyTorch's defaults.
  public static func decoupled(learningRate: Float = 1e-3, weightDecay: Float = 0.01) -> Adam {
    Adam(learningRate: learningRate, weightDecay: weightDecay, isDecoupled: true)
  }

  /// Updates the parameters by one step.
  public mutating func update<M: Module>(_ model: inout M, along gradient: M) {
    let settings = self
    let time = Float(step + 1)
    forEachParameter(of: &model, along: gradient, averages: ["mean", "square"]) {
      name, parameter, g, averages in
      let decay = settings.weightDecay * settings.decayFactor(name)
      averages.withUnsafeMutableBufferPointer { averages in
        parameter.adamUpdate(
          gradient: g, mean: &averages[0], square: &averages[1],
          rate: settings.learningRate * settings.rateFactor(name),
          beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
          decay: settings.isDecoupled ? 0 : decay, decoupledDecay: settings.isDecoupled ? decay : 0,
          time: time)
      }
    }
  }
}
