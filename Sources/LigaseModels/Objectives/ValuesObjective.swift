import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors
import LigaseRuntime

/// Numbers: squared error or Huber's loss of the residuals after the offsets, in units of their standard
/// deviation.
///
/// ```
/// y = mean + sum over inputs of the effect of the example's record + deviation * output
/// ```
///
/// The value that a forecast adds to this is the last one observed of the channel.
package struct ValuesObjective: Objective {
  package static let name = "values"
  package static let isOfSteps = false

  /// The scaling of one target.
  package struct Scale: Codable, Hashable, Sendable {
    /// The column of the target.
    package var name: String
    /// The mean over training examples.
    package var mean: Double
    /// The standard deviation of the residuals after mean and effects.
    package var deviation: Double
    /// The effects of known records of some inputs.
    package var effects: [Effects] = []
    /// The channel whose last value is added, where the target is a forecast; mean and deviation are then those of changes.
    package var channel: Int?

    package init(name: String, mean: Double, deviation: Double, effects: [Effects] = []) {
      (self.name, self.mean, self.deviation, self.effects) = (name, mean, deviation, effects)
    }
  }

  /// The effects of the known records of one input.
  package struct Effects: Codable, Hashable, Sendable {
    /// The input.
    package var input: String
    /// The effect of each known record.
    package var values: [Double]

    package init(input: String, values: [Double]) { (self.input, self.values) = (input, values) }
  }

  /// The scale of each target.
  package var scales: [Scale]
  /// The residual, in standard deviations, above which Huber's loss is linear; nil for the squared error.
  var delta: Float?

  package init(scales: [Scale]) { self.scales = scales }

  package init(names: [String]) {
    self.init(scales: names.map { Scale(name: $0, mean: 0, deviation: 1) })
  }

  package var names: [String] { scales.map(\.name) }

  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    let observed = examples.examples.observations, k = observed.width
    try options.requireLoss(.standard, .huber, of: "values")
    if options.balancesClasses {
      throw TrainingError("found class weights, expected none: values have no classes")
    }
    delta = options.loss.name == .huber ? options.loss.delta : nil
    scales = try examples.examples.target.names.enumerated().map { t, name in
      let known = rows.filter { !observed.numbers[$0 * k + t].isNaN }
      let values = known.map { Double(observed.numbers[$0 * k + t]) }
      guard let first = values.first, values.contains(where: { $0 != first }) else {
        throw JoinError(
          "every training value of '\(name)' is \(values.first.map { "\(Float($0))" } ?? "missing"), "
            + "expected values that vary")
      }
      guard let channel = examples.examples.target.forecastChannel else {
        return Scale(fitting: values, name: name, examples.inputs, rows: known, offsets: options.offsets)
      }
      let changes = zip(known, values).map { row, value in
        value - Double(examples.inputs.lastValue(of: row, channel: channel) ?? 0)
      }
      var scale = Scale(
        fitting: changes, name: name, examples.inputs, rows: known, offsets: options.offsets)
      scale.channel = channel
      // Of changes that are all the same nothing is left to learn.
      if !(scale.deviation > 0) { scale.deviation = 1 }
      return scale
    }
  }

  package var problem: String? {
    if Set(names).count < names.count { return "found two outputs of one name" }
    if scales.isEmpty { return "found no value to predict" }
    if let scale = scales.first(where: { !($0.deviation > 0 && $0.deviation.isFinite && $0.mean.isFinite) }) {
      return "found the deviation \(scale.deviation) of '\(scale.name)', expected more than 0"
    }
    return nil
  }

  package var metricName: String { "rmse" }

  /// Returns the mean plus the effects of an example, plus the last value of a forecast.
  private func offset(_ t: Int, _ inputs: PreparedInputs, _ row: Int) -> Double {
    let start = scales[t].channel.flatMap { inputs.lastValue(of: row, channel: $0) } ?? 0
    return scales[t].effects.reduce(scales[t].mean + Double(start)) { sum, effects in
      let known = inputs.knownRecord(of: row, input: effects.input)
      return known < 0 ? sum : sum + effects.values[known]
    }
  }

  package func targets(of examples: PreparedExamples) -> Observations {
    var observed = examples.examples.observations
    for row in 0..<examples.examples.count {
      for t in scales.indices {
        let i = row * scales.count + t
        observed.numbers[i] = Float(
          (Double(observed.numbers[i]) - offset(t, examples.inputs, row)) / scales[t].deviation)
      }
    }
    return observed
  }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    let (values, weights) = known(targets, rows: rows)
    return delta.map { LossSum.huber(outputs, values, delta: $0, weighting: weights) }
      ?? LossSum.squaredError(outputs, values, weighting: weights)
  }

  package func link(_ outputs: Tensor) -> Tensor { outputs }

  package func finished(_ outputs: [Float], _ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    let k = count
    return outputs.indices.map { i in
      Float(offset(i % k, inputs, rows[i / k]) + scales[i % k].deviation * Double(outputs[i]))
    }
  }

  /// Returns the root mean squared error; with several targets each is divided by its standard deviation.
  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    let k = count
    var (sum, n) = (0.0, 0)
    for (i, row) in rows.enumerated() {
      for t in 0..<k where !observed.numbers[row * k + t].isNaN {
        let unit = k == 1 ? 1 : scales[t].deviation
        let d = (Double(predictions[i * k + t]) - Double(observed.numbers[row * k + t])) / unit
        sum += d * d
        n += 1
      }
    }
    return (sum / Double(max(n, 1))).squareRoot()
  }

  package var columns: [String] {
    count == 1 ? ["prediction"] : names.map { "prediction:\($0)" }
  }

  package func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    for value in outputs { writer.field(value) }
  }

  package var summary: [(name: String, value: String)] {
    scales.map { scale in
      var text =
        "\(scale.name), \(scale.channel == nil ? "" : "as change from the last value, ")mean \(Float(scale.mean)), "
      for effects in scale.effects {
        text += "effects of \(effects.values.count.counted("record")) of \(effects.input), "
      }
      return ("target", text + "standard deviation \(Float(scale.deviation))")
    }
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    var judged = JudgedModels()
    for (t, name) in names.enumerated() {
      let known = rows.indices.filter { !observed.numbers[rows[$0] * count + t].isNaN }
      guard !known.isEmpty else { continue }
      // With one key column each row would be its own group, so there are no groupings.
      // Forecasts of one series are alike, so intervals resample whole series.
      let isForecast = models.contains { $0.name == LastValue.name }
      var bootstrap = bootstrap
      if isForecast { bootstrap.groups = KeyColumn("", known.map { keys.columns[0][rows[$0]] }).codes }
      let groupings =
        keys.columns.count < 2 || isForecast
        ? []
        : keys.columns.map { column in
          (name: column.name, groups: known.map { column.codes[rows[$0]] })
        }
      let evaluation = RegressionEvaluation(
        truth: known.map { Double(observed.numbers[rows[$0] * count + t]) }, groupings: groupings,
        minimumGroup: 3, bootstrap: bootstrap)
      let predictions = models.map { model in
        (name: model.name, prediction: known.map { Double(model.outputs[$0 * count + t]) })
      }
      judged.add(
        evaluation.addingScaledErrors(to: try evaluation.scores(predictions), predictions), .regression, name,
        group: count > 1 ? name : nil)
    }
    return judged
  }
}

extension ValuesObjective.Scale {
  /// Fits effects by alternating ridge regressions: each effect is the shrunk mean of the residuals after the
  /// other effects, with one additional residual of zero.
  ///
  /// - Parameters:
  ///   - values: the observations of `rows`.
  ///   - offsets: the inputs whose known records have effects.
  init(fitting values: [Double], name: String, _ inputs: PreparedInputs, rows: [Int], offsets: [String]) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let inputNames = offsets.filter { name in inputs.inputs.contains { $0.name == name } }
    let places = inputNames.map { input in rows.map { inputs.knownRecord(of: $0, input: input) } }
    var effects = inputNames.map { [Double](repeating: 0, count: inputs.knownCount($0)) }
    func left(_ i: Int, besides other: Int?) -> Double {
      places.indices.reduce(values[i] - mean) { rest, j in
        j == other || places[j][i] < 0 ? rest : rest - effects[j][places[j][i]]
      }
    }
    for _ in 0..<(inputNames.count > 1 ? 20 : 1) {
      for j in inputNames.indices {
        var sums = [Double](repeating: 0, count: effects[j].count), counts = sums
        for i in values.indices where places[j][i] >= 0 {
          sums[places[j][i]] += left(i, besides: j)
          counts[places[j][i]] += 1
        }
        effects[j] = zip(sums, counts).map { $0 / ($1 + 1) }
      }
    }
    let squares = values.indices.reduce(0.0) { $0 + left($1, besides: nil) * left($1, besides: nil) }
    let deviation = (squares / Double(values.count)).squareRoot(), whole = variance.squareRoot()
    self.init(
      name: name, mean: mean, deviation: deviation > 1e-9 * whole ? deviation : whole,
      effects: zip(inputNames, effects).map { .init(input: $0, values: $1) })
  }
}
