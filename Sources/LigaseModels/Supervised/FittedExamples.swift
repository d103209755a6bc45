internal import Glibc
import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Examples as the trainer sees them: encoded inputs, and losses over the observations of a batch.
struct FittedExamples: Sendable {
  let inputs: EncodedInputs
  let target: Target
  private let observations: Observations
  private let classWeights: Tensor?

  /// Fits the scales of values on the training rows.
  ///
  /// - Throws: `JoinError` for a class without a training example, or values that do not vary.
  init(_ data: SupervisedData, inputs: EncodedInputs, train: [Int], balancesClasses: Bool) throws {
    self.inputs = inputs
    let examples = data.examples
    guard !train.isEmpty else { throw JoinError("the training part is empty") }
    var target = examples.target
    switch (examples.observations, examples.target) {
    case (.values(var all), .values(var scales)):
      let k = scales.count
      for t in 0..<k {
        let known = train.map { Double(all[$0 * k + t]) }.filter { !$0.isNaN }
        guard let first = known.first, known.contains(where: { $0 != first }) else {
          throw JoinError(
            "every training value of '\(scales[t].name)' is \(known.first.map { "\(Float($0))" } ?? "missing"), "
              + "expected values that vary")
        }
        let mean = known.reduce(0, +) / Double(known.count)
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
        scales[t].mean = Float(mean)
        scales[t].deviation = max(Float(variance.squareRoot()), .leastNormalMagnitude)
        for i in 0..<examples.count {
          all[i * k + t] = (all[i * k + t] - scales[t].mean) / scales[t].deviation
        }
      }
      target = .values(scales)
      observations = .values(all)
      classWeights = nil
    default:
      observations = examples.observations
      let counts = Self.classCounts(observations, train, target.count)
      if counts.count(where: { $0 > 0 }) < 2, counts.count >= 2 {
        let only = zip(target.names, counts).first { $1 > 0 }?.0 ?? "none"
        throw JoinError("every training example is of class '\(only)', expected two classes or more")
      }
      classWeights =
        balancesClasses && !counts.isEmpty
        ? Tensor(
          counts.map { $0 == 0 ? 0 : Float(counts.reduce(0, +)) / Float(counts.count) / Float($0) }) : nil
    }
    self.target = target
  }

  /// Training examples, or residues, of each class; empty where there are no classes.
  static func classCounts(_ observations: Observations, _ rows: [Int], _ count: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    switch observations {
    case .classes(let classes): for row in rows { counts[Int(classes[row])] += 1 }
    case .residues(let all):
      for row in rows { for label in all[row] where label >= 0 { counts[Int(label)] += 1 } }
    case .labels, .values: return []
    }
    return counts
  }

  /// The logarithms of the shares that classes have in the loss; zeros for other targets.
  func priorLogits(_ counts: [Int]) -> Tensor {
    guard !counts.isEmpty, classWeights == nil else { return .zeros([target.count]) }
    let total = Float(counts.reduce(0, +))
    return Tensor(counts.map { log(max(Float($0), 0.5) / total) })
  }

  /// The loss of outputs for the given examples.
  func loss(_ outputs: Tensor, _ rows: [Int]) -> Tensor {
    let k = target.count
    func pick(_ all: [Float]) -> (Tensor, LossWeights) {
      let values = rows.flatMap { all[($0 * k)..<(($0 + 1) * k)] }
      let known = values.map { !$0.isNaN }
      let filled = Tensor(values.map { $0.isNaN ? 0 : $0 }, shape: [rows.count, k])
      return (filled, known.allSatisfy { $0 } ? .equal : LossWeights(mask: known))
    }
    switch observations {
    case .classes(let classes):
      return softmaxCrossEntropy(
        logits: outputs, labels: rows.map { classes[$0] }, classWeights: classWeights)
    case .residues(let all):
      let labels = rows.flatMap { all[$0] }
      return softmaxCrossEntropy(
        logits: outputs, labels: labels.map { max($0, 0) }, classWeights: classWeights,
        weighting: LossWeights(mask: labels.map { $0 >= 0 }))
    case .labels(let all):
      let (values, weighting) = pick(all)
      return binaryCrossEntropy(logits: outputs, values, weighting: weighting)
    case .values(let all):
      let (values, weighting) = pick(all)
      return squaredError(outputs, values, weighting: weighting)
    }
  }

  /// The validation metric: the mean negative logarithm of the probability of what was observed, or the root mean
  /// squared error in units of the deviation.
  func metric(_ predictions: [Float], _ rows: [Int]) -> Double {
    let k = target.count
    var (sum, count) = (0.0, 0)
    func add(_ p: Float) {
      sum -= log(Double(max(p, 1e-12)))
      count += 1
    }
    switch observations {
    case .classes(let classes):
      for (i, row) in rows.enumerated() { add(predictions[i * k + Int(classes[row])]) }
    case .residues(let all):
      var at = 0
      for row in rows {
        for label in all[row] {
          if label >= 0 { add(predictions[at * k + Int(label)]) }
          at += 1
        }
      }
    case .labels(let all):
      for (i, row) in rows.enumerated() {
        for t in 0..<k where !all[row * k + t].isNaN {
          let p = predictions[i * k + t]
          add(all[row * k + t] > 0.5 ? p : 1 - p)
        }
      }
    case .values(let all):
      for (i, row) in rows.enumerated() {
        for t in 0..<k where !all[row * k + t].isNaN {
          let d = Double(predictions[i * k + t]) - Double(all[row * k + t])
          sum += d * d
          count += 1
        }
      }
      return (sum / Double(max(count, 1))).squareRoot()
    }
    return sum / Double(max(count, 1))
  }
}
