import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Cox's regression on the prepared features of all inputs side by side, with one quadratic penalty that inner folds choose.
package struct CoxRidge: Predictor {
  package static let name = "cox_ridge"
  /// The weights of the features, input by input.
  private let weights: [Double]
  private let objective: SurvivalObjective

  /// The most features beside more examples.
  private static let mostFeatures = 2000

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> CoxRidge? {
    guard examples.examples.target.objective == SurvivalObjective.name,
      let x = RowFeatures(examples.inputs, rows: rows), min(x.width, rows.count) <= mostFeatures
    else { return nil }
    var objective = SurvivalObjective(unfitted: examples.examples.target)
    let observed = examples.examples.observations, truth = SurvivalTimes(observed, rows)
    guard
      let choice = PenaltyChoice(
        examples, inputs: examples.inputs.inputs.map(\.name), objective: objective, targets: observed,
        rows: rows,
        seed: 0, isShared: true)
    else { return nil }
    let penalty = choice.penalties()[0] * Double(truth.events.count { $0 })
    guard let block = RotatedBlock(x.centred(rows)),
      let fit = CoxModel.fit(
        block.columns, truth, penalties: [Double](repeating: penalty, count: block.columns.columns),
        tolerance: 1e-9)
    else { return nil }
    let weights = block.weights(fit.beta)
    objective.complete(outputs: x.products(weights, rows: rows), observed, rows: rows)
    return CoxRidge(weights: weights, objective: objective)
  }

  private init(weights: [Double], objective: SurvivalObjective) {
    (self.weights, self.objective) = (weights, objective)
  }

  /// A baseline only.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let x = RowFeatures(inputs, rows: rows) else { return [] }
    return objective.finished(x.products(weights, rows: rows), inputs, rows: rows)
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// The survival of all training examples together, by Kaplan and Meier.
package struct KaplanMeierBaseline: Predictor {
  package static let name = "kaplan_meier"
  private let outputs: [Float]

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> KaplanMeierBaseline? {
    guard examples.examples.target.objective == SurvivalObjective.name else { return nil }
    let curve = KaplanMeier.survival(of: SurvivalTimes(examples.examples.observations, rows))
    let survival = examples.examples.target.times.map { Float(curve.value(at: Double($0))) }
    return KaplanMeierBaseline(
      outputs: [0] + survival + [KaplanMeier.median(curve).map { Float($0) } ?? .nan, 1])
  }

  private init(outputs: [Float]) { self.outputs = outputs }

  /// A baseline only.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] { rows.flatMap { _ in outputs } }
  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// The prepared features of all inputs side by side; nil where an input is no row of features. An example without a record has
/// means.
struct RowFeatures {
  private let values: [(numbers: [Float], width: Int, index: [Int32]?)]
  /// The number of features.
  let width: Int

  init?(_ inputs: PreparedInputs, rows: [Int]) {
    var values: [(numbers: [Float], width: Int, index: [Int32]?)] = []
    for input in inputs.inputs {
      guard let features = input.encoded as? EncodedRows else { return nil }
      values.append((features.values.scalars, features.values.shape[1], input.index))
    }
    self.values = values
    width = values.reduce(0) { $0 + $1.width }
  }

  /// Rows × features, each feature about its mean; a missing record is at the mean.
  func centred(_ rows: [Int]) -> DoubleMatrix {
    var matrix = DoubleMatrix(rows: rows.count, columns: width)
    var at = 0
    for (numbers, width, index) in values {
      let records = rows.map { row in index.map { Int($0[row]) } ?? row }, known = records.count { $0 >= 0 }
      for j in 0..<width {
        let mean =
          records.reduce(0.0) { $1 < 0 ? $0 : $0 + Double(numbers[$1 * width + j]) } / Double(max(known, 1))
        for (i, record) in records.enumerated() where record >= 0 {
          matrix[i, at + j] = Double(numbers[record * width + j]) - mean
        }
      }
      at += width
    }
    return matrix
  }

  /// The product of the features of each row with weights.
  func products(_ weights: [Double], rows: [Int]) -> [Float] {
    rows.map { row in
      var (sum, at) = (0.0, 0)
      for (numbers, width, index) in values {
        let record = index.map { Int($0[row]) } ?? row
        if record >= 0 { for j in 0..<width { sum += weights[at + j] * Double(numbers[record * width + j]) } }
        at += width
      }
      return Float(sum)
    }
  }
}
