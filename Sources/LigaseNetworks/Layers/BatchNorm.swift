import LigaseTensors

/// `(x - mean) / sqrt(variance + epsilon) * weight + bias` for each channel (Ioffe and Szegedy, 2015): over the batch
/// in training, with running statistics otherwise.
///
/// The running mean and the running unbiased variance move by `momentum` towards those of each training
/// batch. The changes are recorded by `Context.change`, and the statistics are buffers of the module, as in
/// PyTorch. They lag behind the weights, and those of averaged weights are not the averages of statistics: a
/// `Trainer` computes them anew for the weights that it validates and keeps.
///
/// ```swift
/// var norm = BatchNorm(4, from: .drawing(seed: 1))
/// let context = Context.training(SeededGenerator(seed: 1))
/// let y = norm(Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 4]), context)
/// context.applyChanges(to: &norm)                    // the running statistics move
/// ```
public struct BatchNorm: RowLayer {
  /// The factors `[C]`, initially ones.
  package var weight: Tensor
  /// The shifts `[C]`, initially zeros.
  package var bias: Tensor
  /// The running means `[C]`, initially zeros.
  package var runningMean: Tensor
  /// The running variances `[C]`, initially ones.
  package var runningVariance: Tensor
  /// The number of batches in the running statistics, a scalar.
  package var batchCount: Tensor
  /// The weight of a batch in the running statistics.
  package var momentum: Float
  /// Added to the variance.
  package var epsilon: Float

  /// Creates a layer for `size` channels.
  public init(_ size: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, from weights: WeightBuilder) {
    weight = weights.constant("weight", [size], 1)
    bias = weights.constant("bias", [size], 0)
    runningMean = weights.constant("running_mean", [size], 0)
    runningVariance = weights.constant("running_var", [size], 1)
    batchCount = weights.constant("num_batches_tracked", [], 0)
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// Returns a tensor of the same shape, `[..., C]`; the statistics are over all rows.
  public func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor {
    for (name, tensor) in [
      ("weight", weight), ("bias", bias), ("running mean", runningMean),
      ("running variance", runningVariance),
    ] {
      require(
        tensor.shape == [input.shape[input.rank - 1]],
        "BatchNorm: the \(name) has the shape \(tensor.shape), the channels of the input are \(input.shape.last!)"
      )
    }
    guard context.isTraining || context.statisticsWeight != nil else {
      let scale = weight * Tensor(runningVariance.scalars.map { 1 / ($0 + epsilon).squareRoot() })
      return input.scaledColumns(by: scale, plus: bias - runningMean * scale)
    }
    let rows = input.shape.dropLast().reduce(1, *)
    let (normalized, mean, variance) = input.normalizedColumns(epsilon: epsilon)
    if rows > 0 {
      let momentum = context.statisticsWeight ?? momentum
      let unbiased = variance * (rows > 1 ? Float(rows) / Float(rows - 1) : 1)
      context.change(runningMean, to: runningMean * (1 - momentum) + mean * momentum)
      context.change(runningVariance, to: runningVariance * (1 - momentum) + unbiased * momentum)
      context.change(batchCount, to: batchCount + 1)
    }
    return normalized.scaledColumns(by: weight, plus: bias)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
    visit.buffer("running_mean", &runningMean)
    visit.buffer("running_var", &runningVariance)
    visit.buffer("num_batches_tracked", &batchCount)
  }
}
