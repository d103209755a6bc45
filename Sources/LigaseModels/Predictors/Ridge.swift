import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Ridge regression of values, or of 1 and 0 for classes and labels, on prepared rows of features:
/// `w = X' (X X' + penalty I)^-1 (y - mean y)` about the means of the features.
///
/// The penalty is the one with the smallest leave-one-out error over the training examples, which the
/// eigenvectors of the smaller of `X X'` and `X' X` give in closed form (Golub, Heath and Wahba, 1979).
/// Probabilities are predictions clipped to 0 and 1, and divided by their sum where an example has one class.
/// Tables with more than 2,000 samples and features, or more than 30 million numbers, are skipped.
package struct Ridge: Predictor {
  package static let name = "ridge"
  /// The transformation of a prediction.
  private enum Output: Int { case value, label, oneClass }

  /// The weights `[K, F]`, and the means of the targets, `[K]`, and of the features, `[F]`.
  var weights, base, center: Tensor
  private let output: Output

  /// The limits of the smaller side and of the number of elements of a table.
  private static let (mostSide, mostNumbers) = (2000, 30_000_000)

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> Ridge? {
    guard examples.inputs.inputs.count == 1, examples.examples.observations.steps.isEmpty, rows.count > 1,
      let features = examples.inputs.inputs[0].encoded as? EncodedRows,
      let output = output(of: examples.examples.target.objective)
    else { return nil }
    let width = features.values.shape[1], indicators = Indicators(examples.examples)
    guard width > 0, min(rows.count, width) <= mostSide, rows.count * width <= mostNumbers else { return nil }
    let x = features.values.gatheredRows(rows.map { Int32($0) })
    let center = x.mean(alongAxis: 0).scalars
    var centred = DoubleMatrix(rows: rows.count, columns: width)
    for (i, value) in x.scalars.enumerated() {
      centred.elements[i] = Double(value) - Double(center[i % width])
    }
    let base = indicators.means(rows), k = indicators.width
    let targets = (0..<k).map { t in
      rows.map { row -> Double? in
        let value = indicators.values[row * k + t]
        return value.isNaN ? nil : Double(value) - Double(base[t])
      }
    }
    guard let weights = weights(centred, targets) else { return nil }
    return Ridge(
      weights: Tensor(weights.map { Float($0) }, shape: [k, width]), base: Tensor(base),
      center: Tensor(center),
      output: output)
  }

  private static func output(of objective: String) -> Output? {
    switch objective {
    case ValuesObjective.name: .value
    case LabelsObjective.name: .label
    case ClassesObjective.name: .oneClass
    default: nil
    }
  }

  /// Returns the weights of each target, `[K, F]`, with the penalty of the smallest error.
  private static func weights(_ x: DoubleMatrix, _ targets: [[Double?]]) -> [Double]? {
    let n = x.rows, isDual = n <= x.columns
    let gram = isDual ? x.times(x, transposeOther: true) : x.times(x, transposeSelf: true)
    guard let (values, vectors) = gram.symmetricEigen(), let largest = values.last, largest > 0 else {
      return nil
    }
    let kept = values.indices.filter { values[$0] > 1e-10 * largest }
    // Left singular vectors as columns.
    var u = DoubleMatrix(rows: n, columns: kept.count)
    let projected = isDual ? vectors : x.times(vectors)
    for i in 0..<n {
      for (j, k) in kept.enumerated() { u[i, j] = projected[i, k] / (isDual ? 1 : values[k].squareRoot()) }
    }
    let y = DoubleMatrix(
      rows: targets.count, columns: n, targets.flatMap { $0.map { $0 ?? 0 } })
    let along = y.times(u), powers = kept.map { values[$0] }
    let scale = powers.reduce(0, +) / Double(n)
    var best = (penalty: scale, error: Double.infinity)
    for step in -8...8 {
      let penalty = scale * power(of: step)
      let error = leaveOneOutError(targets, u, along, powers, penalty)
      if error < best.error { best = (penalty, error) }
    }
    var shrunk = along
    for t in targets.indices {
      for j in powers.indices { shrunk[t, j] /= powers[j] + best.penalty }
    }
    return shrunk.times(u, transposeOther: true).times(x).elements
  }

  /// Returns the root of ten to the power of `step`.
  private static func power(of step: Int) -> Double {
    (0..<abs(step)).reduce(1.0) { product, _ in
      step < 0 ? product / 10.0.squareRoot() : product * 10.0.squareRoot()
    }
  }

  /// Returns the sum of squared leave-one-out residuals of the known targets: `(y - fit) / (1 - h)`.
  private static func leaveOneOutError(
    _ targets: [[Double?]], _ u: DoubleMatrix, _ along: DoubleMatrix, _ powers: [Double], _ penalty: Double
  ) -> Double {
    let shares = powers.map { $0 / ($0 + penalty) }
    var error = 0.0
    for i in 0..<u.rows {
      var leverage = 1 / Double(u.rows)
      for j in powers.indices { leverage += u[i, j] * u[i, j] * shares[j] }
      for t in targets.indices {
        guard let value = targets[t][i] else { continue }
        var fit = 0.0
        for j in powers.indices { fit += u[i, j] * shares[j] * along[t, j] }
        let left = (value - fit) / max(1 - leverage, 1e-6)
        error += left * left
      }
    }
    return error
  }

  private init(weights: Tensor, base: Tensor, center: Tensor, output: Output) {
    (self.weights, self.base, self.center, self.output) = (weights, base, center, output)
  }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    guard inputs.count == 1, inputs[0].preparation.base.shape.isRow, sizes.count == 3,
      Array(sizes.dropLast()) == [objective.count, inputs[0].preparation.base.shape.channels],
      let output = Ridge.output(of: type(of: objective).name), output.rawValue == sizes[2]
    else { return nil }
    self.init(
      weights: weights.constant("weights", [sizes[0], sizes[1]], 0),
      base: weights.constant("base", [sizes[0]], 0), center: weights.constant("center", [sizes[1]], 0),
      output: output)
  }

  package var sizes: [Int] { weights.shape + [output.rawValue] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let features = inputs.inputs[0].encoded as? EncodedRows else { return [] }
    let x = features.values.gatheredRows(rows.map { Int32($0) }) - center
    var found = x.linear(weight: weights, bias: base).scalars
    guard output != .value else { return found }
    let k = base.count, means = base.scalars
    for row in rows.indices {
      let own = (row * k)..<((row + 1) * k)
      for i in own { found[i] = min(max(found[i], 0), 1) }
      guard output == .oneClass else { continue }
      let sum = found[own].reduce(0, +)
      for i in own { found[i] = sum > 0 ? found[i] / sum : means[i - own.lowerBound] }
    }
    return found
  }

  package var dependence: PredictorDependence { .smooth }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? {
    guard let x = batches[0].rows else { return nil }
    let k = base.count
    let chosen = Tensor(
      outputs.flatMap { output in (0..<k).map { $0 == output ? 1 : 0 as Float } }, shape: [outputs.count, k])
    let found = (x - center).linear(weight: weights, bias: base)
    guard output != .value else { return (found * chosen).sum(alongAxis: 1) }
    // From 0 to 1.
    let clipped = found.relu() - (found - 1).relu(), own = (clipped * chosen).sum(alongAxis: 1)
    guard output == .oneClass else { return own }
    let sum = clipped.sum(alongAxis: 1), isKnown = sum.scalars.map { $0 > 0 }
    let rest = Tensor(isKnown.map { $0 ? 0 : 1 }), means = Tensor(outputs.map { base.scalars[$0] })
    return own / (sum + rest) * Tensor(isKnown.map { $0 ? 1 : 0 }) + means * rest
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("weights", &weights)
    visit.buffer("base", &base)
    visit.buffer("center", &center)
  }
}
