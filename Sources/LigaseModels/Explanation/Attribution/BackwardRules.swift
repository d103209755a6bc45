internal import Glibc
import LigaseTensors

/// Guided back-propagation (Springenberg et al., 2015): ReLUs pass on positive gradients alone, where their input is positive.
struct GuidedBackpropagation: BackwardRule {
  func pullback(_ step: BackwardStep, _ gradient: Tensor) -> [Tensor?] {
    step.standard(step.operation.name == "relu" ? gradient.relu() : gradient)
  }
}

/// Deconvolution (Zeiler and Fergus, 2014): ReLUs pass on positive gradients alone, whatever their input.
struct Deconvolution: BackwardRule {
  func pullback(_ step: BackwardStep, _ gradient: Tensor) -> [Tensor?] {
    step.operation.name == "relu" ? [gradient.relu()] : step.standard(gradient)
  }
}

/// DeepLIFT's rescale rule (Shrikumar et al., 2017): through a function of one number the factor is that of the change of its
/// output to that of its input between example and baseline.
///
/// Rows are those of the examples, then those of their baselines. Operations that are linear in the tracked input keep
/// their pullbacks; others, such as the gates of recurrent layers and softmax, have no rule and are refused.
struct RescaleRule: BackwardRule {
  /// Functions of one number.
  private static let functions: Set = ["relu", "gelu", "tanh", "sigmoid", "exp", "log", "prelu"]
  /// The largest of several numbers.
  private static let maxima: Set = ["maxPooled", "adaptiveMaxPooled", "maxOverLength"]
  /// Operations that are linear in each tracked input.
  private static let linear: Set = [
    "add", "subtract", "linear", "convolved", "transposeConvolved", "reshaped", "permuted",
    "slicedLast", "slicedFirst", "concatenated", "concatenatedRows", "padded", "gatheredRows", "broadcast",
    "sum",
    "meanOverLength", "averagePooled", "adaptiveAveragePooled",
  ]
  /// Operations that are linear where one input is tracked.
  private static let products: Set = ["multiply", "matmul", "divide", "scaledColumns", "sumOverLength"]
  /// The change of an input below which the derivative stands for the quotient of changes.
  private static let least: Float = 1e-6

  func pullback(_ step: BackwardStep, _ gradient: Tensor) throws -> [Tensor?] {
    let name = step.operation.name
    if Self.functions.contains(name), let input = step.inputs[0], let output = step.output {
      return [quotient(input, output, gradient, step.standard(gradient)[0]!)]
        + step.inputs.dropFirst().map { _ in nil }
    }
    if Self.maxima.contains(name), let input = step.inputs[0], let output = step.output {
      return [maximum(input, output, gradient, step.standard)]
    }
    if name == "logSoftmax", let input = step.inputs[0] { return [logSoftmax(input, gradient)] }
    if Self.linear.contains(name) || Self.products.contains(name) && step.isTracked.count(where: { $0 }) == 1
    {
      return step.standard(gradient)
    }
    throw ExplanationError(
      "DeepLIFT has no rule for the operation \(name) of this network; integrated-gradients explains every network"
    )
  }

  /// Returns the gradient times the quotient of changes; that of the derivative where the input does not change.
  private func quotient(_ input: Tensor, _ output: Tensor, _ gradient: Tensor, _ standard: Tensor) -> Tensor {
    let (x, y, g) = (input.scalars, output.scalars, gradient.scalars), half = x.count / 2
    var found = standard.scalars
    for i in 0..<half {
      let change = x[i] - x[i + half]
      guard abs(change) >= Self.least else { continue }
      let factor = (y[i] - y[i + half]) / change
      (found[i], found[i + half]) = (factor * g[i], factor * g[i + half])
    }
    return Tensor(found, shape: input.shape)
  }

  /// Returns the gradient through maxima: the change of an output is divided between the places of both largest inputs, at the
  /// larger of both outputs. Where the baseline has its largest number at the example's place, too, the whole change is there.
  private func maximum(
    _ input: Tensor, _ output: Tensor, _ gradient: Tensor, _ standard: (Tensor) -> [Tensor?]
  ) -> Tensor {
    let (x, y, g) = (input.scalars, output.scalars, gradient.scalars), half = x.count / 2,
      outputs = y.count / 2
    var shares = g
    let isShared = sharedWinners(x, y, output.shape, standard)
    for i in 0..<outputs {
      if isShared[i] {
        (shares[i], shares[i + outputs]) = (g[i] * (y[i] - y[i + outputs]), 0)
        continue
      }
      let larger = max(y[i], y[i + outputs])
      shares[i] = g[i] * (larger - y[i + outputs])
      shares[i + outputs] = g[i + outputs] * (y[i] - larger)
    }
    let spread = standard(Tensor(shares, shape: output.shape))[0]!.scalars
    var found = standard(gradient)[0]!.scalars
    for i in 0..<half {
      let change = x[i] - x[i + half]
      guard abs(change) >= Self.least else { continue }
      let factor = (spread[i] + spread[i + half]) / change
      (found[i], found[i + half]) = (factor, factor)
    }
    return Tensor(found, shape: input.shape)
  }

  /// Returns the gradient through the logarithm of the softmax of rows: that of its mean slope on the way from baseline to
  /// example, so that the changes of its outputs are divided among its inputs without rest.
  private func logSoftmax(_ input: Tensor, _ gradient: Tensor) -> Tensor {
    let z = input.scalars, g = gradient.scalars, k = input.shape.last!, half = z.count / 2
    let rule = GaussLegendre.rule(16)
    var found = g
    for row in stride(from: 0, to: half, by: k) {
      var mean = [Double](repeating: 0, count: k)
      for (node, weight) in rule {
        let way = (0..<k).map {
          Double(z[half + row + $0]) + node * (Double(z[row + $0]) - Double(z[half + row + $0]))
        }
        let most = way.max()!, powers = way.map { exp($0 - most) }, sum = powers.reduce(0, +)
        for c in 0..<k { mean[c] += weight * powers[c] / sum }
      }
      for start in [row, half + row] {
        let total = (0..<k).reduce(0.0) { $0 + Double(g[start + $1]) }
        for c in 0..<k { found[start + c] = Float(Double(g[start + c]) - mean[c] * total) }
      }
    }
    return Tensor(found, shape: input.shape)
  }

  /// Whether the baseline has its maximum where the example has its own, for each output whose window alone has its maximum there.
  private func sharedWinners(
    _ x: [Float], _ y: [Float], _ shape: [Int], _ standard: (Tensor) -> [Tensor?]
  ) -> [Bool] {
    let outputs = y.count / 2, half = x.count / 2
    func spread(_ values: [Float]) -> [Float] {
      standard(Tensor(values + [Float](repeating: 0, count: outputs), shape: shape))[0]!.scalars
    }
    // The number of the output that reads its maximum at each place, and how many do.
    let numbers = spread((0..<outputs).map { Float($0 & 0xFFFF) }),
      rest = spread((0..<outputs).map { Float($0 >> 16) })
    let readers = spread([Float](repeating: 1, count: outputs))
    var isShared = [Bool](repeating: false, count: outputs)
    for place in 0..<half where readers[place] == 1 {
      let output = Int(numbers[place]) | Int(rest[place]) << 16
      isShared[output] = x[half + place] == y[outputs + output]
    }
    return isShared
  }
}
