import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// A predictor that is fitted in one step on training examples. It can be a baseline, or have a weight in a
/// model's predictions. A new predictor is one file and one line in ``Predictors``.
package protocol Predictor: Module {
  /// The name of the predictor in scores, options and model files.
  static var name: String { get }

  /// Fits on training examples.
  ///
  /// - Returns: nil where the predictor does not apply to such examples.
  static func fit(_ examples: PreparedExamples, rows: [Int]) -> Self?

  /// Why such examples are not for this predictor as a baseline, where people expect it, such as its time; nil else.
  static func reasonToSkip(_ examples: Examples, trainingCount: Int) -> String?

  /// Returns K numbers for each of `rows`, in the unit of the data, or K for each of their steps; NaN where
  /// it has no prediction.
  func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float]

  /// Notes about the fit, one line each.
  var notes: [String] { get }

  /// The weight of the predictor in a blend without validation examples; nil gives equal weights.
  var shareWithoutValidation: Double? { get }

  /// The sizes from which `init(sizes:inputs:objective:from:)` rebuilds the predictor.
  var sizes: [Int] { get }

  /// How predictions depend on the numbers of the inputs.
  var dependence: PredictorDependence { get }

  /// Whether the predictor has a prediction for an example.
  func answers(_ inputs: PreparedInputs, row: Int) -> Bool

  /// Returns one prediction for each point, `[N]`; nil where they are not known as a function of the batches. Of a smooth
  /// dependence the gradient flows to the rows of the batches.
  ///
  /// - Parameters:
  ///   - batches: the rows of each input.
  ///   - rows: the example of each point.
  ///   - outputs: the output of each.
  func output(_ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]) -> Tensor?

  /// Creates a predictor whose tensors are then loaded; nil where the sizes do not fit the model's inputs and
  /// outputs.
  init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  )
}

extension Predictor {
  package static func reasonToSkip(_ examples: Examples, trainingCount: Int) -> String? { nil }
  package var notes: [String] { [] }
  package var shareWithoutValidation: Double? { nil }
  package var dependence: PredictorDependence { .unknown }
  package func answers(_ inputs: PreparedInputs, row: Int) -> Bool { true }
  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? { nil }
}

/// How the predictions of a predictor depend on the numbers of a model's inputs.
package enum PredictorDependence: Sendable {
  /// Not known as a function of them.
  case unknown
  /// Not at all.
  case none
  /// With gradients, but for kinks.
  case smooth
  /// In steps, between which the gradient is zero.
  case steps
}

/// The available predictors.
package enum Predictors {
  static let all: [any Predictor.Type] = [
    Prior.self, Ridge.self, KMerRidge.self, NearestCentroid.self, NearestSample.self, KeyMeans.self,
    LowRank.self, KaplanMeierBaseline.self, CoxRidge.self, GaussianProcess.self, NearestSeries.self,
    LastValue.self,
  ]

  static func named(_ name: String) -> (any Predictor.Type)? { all.first { $0.name == name } }

  /// The names of the predictors.
  static var names: [String] { all.map { $0.name } }

  /// Lines about baselines that are skipped in a cross-validation, and why.
  static func skipped(_ examples: Examples, folds: Int) -> [String] {
    all.compactMap { type in
      type.reasonToSkip(examples, trainingCount: examples.count - examples.count / folds).map {
        "skipped the baseline \(type.name): \($0)"
      }
    }
  }

  /// Returns the baselines of some examples: every predictor that applies to them, except those in the
  /// model's blend.
  package static func baselines(_ examples: PreparedExamples, rows: [Int], besides blended: [String]) -> [(
    name: String, predictor: any Predictor
  )] {
    all.compactMap { type in
      if blended.contains(type.name) { return nil }
      return type.fit(examples, rows: rows).map { (type.name, $0) }
    }
  }
}

/// The class frequencies, or the means.
package struct Prior: Predictor {
  package static let name = "prior"
  var means: Tensor
  private let isOfSteps: Bool

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> Prior? {
    guard examples.examples.target.objective != SurvivalObjective.name else { return nil }
    let observed = examples.examples.observations, k = examples.examples.target.names.count
    if !observed.steps.isEmpty {
      var counts = [Float](repeating: 0, count: k)
      for row in rows { for label in observed.steps[row] where label >= 0 { counts[Int(label)] += 1 } }
      let all = max(counts.reduce(0, +), 1)
      return Prior(means: Tensor(counts.map { $0 / all }), isOfSteps: true)
    }
    let indicators = Indicators(examples.examples)
    return Prior(means: Tensor(indicators.means(rows)), isOfSteps: false)
  }

  private init(means: Tensor, isOfSteps: Bool) { (self.means, self.isOfSteps) = (means, isOfSteps) }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    guard sizes == [objective.count, objective.isOfSteps ? 1 : 0] else { return nil }
    self.init(means: weights.constant("means", [sizes[0]], 0), isOfSteps: sizes[1] == 1)
  }

  package var sizes: [Int] { [means.count, isOfSteps ? 1 : 0] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    let values = means.scalars
    return rows.flatMap { row -> [Float] in
      guard isOfSteps else { return values }
      return (0..<inputs.inputs[0].encoded.weight(of: row)).flatMap { _ in values }
    }
  }

  package var dependence: PredictorDependence { .none }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? { Tensor(outputs.map { means.scalars[$0] }) }

  package mutating func visitParameters(_ visit: ParameterVisitor) { visit.buffer("means", &means) }
}

/// Observations as numbers; 1 and 0 for classes.
struct Indicators {
  let values: [Float]
  let width: Int

  init(_ examples: Examples) {
    width = examples.target.names.count
    guard let strata = examples.classes else {
      values = examples.observations.numbers
      return
    }
    var values = [Float](repeating: 0, count: strata.count * width)
    for (row, label) in strata.enumerated() { values[row * width + label] = 1 }
    self.values = values
  }

  /// Returns the mean of each number over some rows.
  func means(_ rows: [Int]) -> [Float] {
    (0..<width).map { t in
      let known = rows.map { values[$0 * width + t] }.filter { !$0.isNaN }
      return known.isEmpty ? 0 : Float(known.reduce(0) { $0 + Double($1) } / Double(known.count))
    }
  }
}
