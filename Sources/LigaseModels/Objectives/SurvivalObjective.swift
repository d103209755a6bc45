internal import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The time to an event, right-censored: Cox's proportional hazards with Efron's approximation for ties.
///
/// ```
/// S(t | x) = exp(-H(t) e^(f(x) - center)),   H: Breslow's cumulative baseline hazard of the training examples
/// ```
/// The outputs of an example are its log relative hazard (higher: earlier event), its survival at some times, its median
/// time, not-a-number where survival stays above a half, and its risk group: 0, 1 or 2 for the lowest, middle and highest third
/// of the training predictions.
///
/// Sources: Cox (1972); Efron (1977); Breslow (1972).
package struct SurvivalObjective: Objective {
  package static let name = "survival"
  package static let isOfSteps = false
  package static let isAdditive = false
  /// The names of the risk groups.
  package static let groups = ["low", "medium", "high"]

  package var names: [String]
  /// The times at which survival is predicted.
  package var times: [Float]
  /// The mean output of the training examples.
  var center: Float = 0
  /// The times of events in training and the cumulative baseline hazard from each on.
  var hazardTimes: [Float] = []
  var hazards: [Double] = []
  /// Log relative hazards that part the thirds of the training examples.
  var cuts: [Float] = []

  /// The most steps of a baseline hazard that are kept.
  private static let mostSteps = 1000

  package init(names: [String]) { (self.names, times) = (names, []) }

  package init(unfitted target: TargetDescription) {
    (names, times) = (target.names, target.times)
  }

  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    self.init(unfitted: examples.examples.target)
    try options.requireLoss(.standard, of: "times to an event")
    if options.balancesClasses {
      throw TrainingError("found class weights, expected none: times to an event have no classes")
    }
    if options.parts > 1 {
      throw TrainingError(
        "found parts \(options.parts), expected 1: the partial likelihood compares all examples of a batch")
    }
    guard rows.contains(where: { examples.examples.observations.numbers[$0 * 2 + 1] == 1 }) else {
      throw JoinError("found no event among \(rows.count) training examples, expected at least one")
    }
  }

  package var scoreNames: [String] { ["log hazard"] }

  package var problem: String? {
    if names.count != 1 { return "found \(names.count) times to an event, expected one" }
    if hazardTimes.count != hazards.count
      || zip(hazardTimes, hazardTimes.dropFirst()).contains(where: { !($0 < $1) })
    {
      return "found a baseline hazard whose times do not ascend"
    }
    return hazards.contains { !($0 >= 0) } ? "found a negative baseline hazard" : nil
  }

  package var metricName: String { "cox_loss" }
  package var outputCount: Int { times.count + 3 }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    let truth = SurvivalTimes(targets, rows), shape = outputs.shape
    let (value, gradient) = CoxModel.partialLikelihood(linear: outputs.scalars.map { Double($0) }, of: truth)
    return LossSum(weight: Double(truth.events.count { $0 })) { divisor in
      Tensor.recording(Tensor(Float(value / divisor)), from: [outputs], "partialLikelihood") { dy in
        let factor = Double(dy.scalar) / divisor
        return [Tensor(gradient.map { Float($0 * factor) }, shape: shape)]
      }
    }
  }

  package func link(_ outputs: Tensor) -> Tensor { outputs }

  /// The negative logarithm of the partial likelihood, for each event.
  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    let truth = SurvivalTimes(observed, rows)
    let risk = rows.indices.map { Double(predictions[$0 * outputCount]) }
    let value = CoxModel.partialLikelihood(linear: risk, of: truth).negativeLogLikelihood
    return value / Double(max(truth.events.count { $0 }, 1))
  }

  package func score(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> (
    name: String, value: Double
  )? {
    let risk = rows.indices.map { Double(predictions[$0 * outputCount]) }
    return Concordance.harrell(risk: risk, of: SurvivalTimes(observed, rows)).map { ("concordance", $0) }
  }

  // MARK: - The baseline hazard

  package mutating func complete(outputs: [Float], _ observed: Observations, rows: [Int]) {
    guard !rows.isEmpty else { return }
    center = Float(outputs.reduce(0) { $0 + Double($1) } / Double(outputs.count))
    let risk = outputs.map { $0 - center }
    let sorted = risk.sorted()
    cuts = [sorted[sorted.count / 3], sorted[sorted.count * 2 / 3]]
    let curve = Breslow.cumulativeHazard(
      linear: risk.map { Double($0) }, of: SurvivalTimes(observed, rows))
    let count = min(curve.times.count, Self.mostSteps)
    let chosen = (0..<count).map { $0 * (curve.times.count - 1) / max(count - 1, 1) }
    (hazardTimes, hazards) = (chosen.map { Float(curve.times[$0]) }, chosen.map { curve.values[$0] })
  }

  /// The cumulative baseline hazard until a time.
  func hazard(at time: Float) -> Double {
    var (low, high) = (0, hazardTimes.count)
    while low < high {
      let middle = (low + high) / 2
      if hazardTimes[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? 0 : hazards[low - 1]
  }

  package func censoring(_ observed: Observations, rows: [Int]) -> [[Double]]? {
    let curve = KaplanMeier.censoring(of: SurvivalTimes(observed, rows))
    return [curve.times, curve.values]
  }

  package func finished(_ outputs: [Float], _ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    let base = times.map { hazard(at: $0) }
    return outputs.flatMap { output -> [Float] in
      let risk = output - center, factor = exp(Double(risk))
      let survival = base.map { Float(exp(-$0 * factor)) }
      let median = hazards.firstIndex { $0 * factor >= log(2) }
      let group = cuts.reduce(0) { $0 + (risk >= $1 ? 1 : 0) }
      return [risk] + survival + [median.map { hazardTimes[$0] } ?? .nan, Float(group)]
    }
  }

  // MARK: - Tables

  package var columns: [String] {
    ["prediction"] + times.map { "survival:\(Self.text($0))" } + ["median", "risk_group"]
  }

  /// A time without a needless fraction.
  package static func text(_ time: Float) -> String {
    time == time.rounded() && abs(time) < 1e7 ? "\(Int(time))" : "\(time)"
  }

  package func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    for value in outputs.dropLast() {
      if value.isNaN { writer.missing() } else { writer.field(value) }
    }
    try writer.field(Self.groups[min(max(Int(outputs.last!), 0), 2)])
  }

  package var summary: [(name: String, value: String)] {
    [
      (
        "target",
        "time to an event, \(names[0]); baseline hazard of \(FormatError.counted(hazardTimes.map(Self.text)))"
      )
    ]
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    let truth = SurvivalTimes(observed, rows), width = outputCount
    let evaluation = SurvivalEvaluation(
      truth: truth, censoring: KaplanMeier.censoring(of: truth), censoringSource: "evaluated rows",
      times: times.map { Double($0) }, bootstrap: bootstrap)
    return try evaluation.judged(
      models.map { model in
        SurvivalPredictions(
          name: model.name, risk: rows.indices.map { Double(model.outputs[$0 * width]) },
          survival: times.indices.map { t in rows.indices.map { Double(model.outputs[$0 * width + 1 + t]) } })
      }, target: names[0])
  }
}

extension SurvivalTimes {
  /// Times and events of some examples.
  init(_ observed: Observations, _ rows: [Int]) {
    self.init(
      times: rows.map { Double(observed.numbers[$0 * 2]) },
      events: rows.map { observed.numbers[$0 * 2 + 1] == 1 })
  }
}
