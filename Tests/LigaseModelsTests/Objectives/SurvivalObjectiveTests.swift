import Glibc
import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct SurvivalObjectiveTests {
  /// A cohort whose hazard depends on the first two of six features, with ties, zeros and censoring.
  static func cohort(_ count: Int = 80, seed: UInt64 = 2) -> TrainingData {
    var random = SeededGenerator(seed: seed, stream: "cohort")
    var (values, numbers): ([Float], [Float]) = ([], [])
    for _ in 0..<count {
      let row = (0..<6).map { _ in Float(random.nextNormal()) }
      let rate = exp(Double(row[0] - row[1]))
      let time = -log(1 - random.nextUniform()) / rate, end = 3 * random.nextUniform()
      values += row
      numbers += [Float((min(time, end) * 8).rounded() / 8), time <= end ? 1 : 0]
    }
    var target = TargetDescription("survival", ["months"], columns: ["months", "died"])
    target.times = [0.25, 0.5, 1, 1.5]
    return TrainingData(
      task: ExpressionTask.name, unit: ExpressionTask.unit,
      examples: Examples(
        idColumn: "sample", ids: (0..<count).map { "s\($0)" },
        records: FeatureTable(names: (0..<6).map { "G\($0)" }, values: values),
        modality: ExpressionModality(),
        target: target, observations: Observations(numbers: numbers, width: 2)))
  }

  private func trained(_ data: TrainingData, _ kind: EncoderOptions.Kind? = nil) throws -> Model {
    var options = ExpressionTask.options(for: data, TaskChoice(kind: kind))
    if kind != nil { options.training.epochs = 20 }
    var training = try Training(data, options: options, seed: 1)
    _ = try training.run()
    return training.model
  }

  @Test func aLinearModelIsCoxRegressionWithTheChosenPenalty() throws {
    let data = Self.cohort(), model = try trained(data)
    #expect(model.manifest.options.training.batchSize == 80)
    #expect(model.manifest.options.training.choosesPenalties == true)
    let penalty = model.manifest.options.inputs["expression"]!.encoder.inputPenalty!
    let prepared = PreparedExamples(data.examples, as: model.manifest.inputs)
    let outputs = model.predict(prepared.inputs, rows: Array(0..<80)), width = 4 + 3
    // The same regression by Newton's method.
    let x = (prepared.inputs.inputs[0].encoded as! EncodedRows).values.scalars.map { Double($0) }
    let observed = data.examples.observations.numbers
    let times = SurvivalTimes(
      times: (0..<80).map { Double(observed[$0 * 2]) }, events: (0..<80).map { observed[$0 * 2 + 1] == 1 })
    let events = Double(times.events.count { $0 })
    let fit = CoxModel.fit(
      DoubleMatrix(rows: 80, columns: 6, x), times,
      penalties: [Double](repeating: Double(penalty) * events, count: 6))!
    let linear = fit.linearPredictor(DoubleMatrix(rows: 80, columns: 6, x))
    let mean = linear.reduce(0, +) / 80
    for row in 0..<80 { #expect(abs(Double(outputs[row * width]) - linear[row] + mean) < 0.02) }
    // Survival falls with time, and the risk groups are thirds.
    for row in 0..<80 {
      let survival = outputs[(row * width + 1)..<(row * width + 5)]
      #expect(
        zip(survival, survival.dropFirst()).allSatisfy { $0 >= $1 } && survival.allSatisfy { 0...1 ~= $0 })
    }
    let groups = (0..<80).map { outputs[$0 * width + 6] }
    for group in 0..<3 { #expect(abs(groups.count { $0 == Float(group) } - 27) <= 1) }
    // The mean predicted survival is near the observed one.
    let curve = KaplanMeier.survival(of: times)
    for (t, time) in [0.25, 0.5, 1].enumerated() {
      let predicted = (0..<80).reduce(0.0) { $0 + Double(outputs[$1 * width + 1 + t]) } / 80
      #expect(abs(predicted - curve.value(at: time)) < 0.06)
    }
  }

  @Test func fileAndBatchesGiveTheSamePredictions() throws {
    let folder = TemporaryFolder(), data = Self.cohort()
    for kind in [nil, EncoderOptions.Kind.mlp] {
      let model = try trained(data, kind), path = folder.file("m\(kind?.rawValue ?? "")")
      try model.write(to: path)
      let read = try Model(contentsOf: path)
      let prepared = PreparedExamples(data.examples, as: read.manifest.inputs)
      let all = read.predict(prepared.inputs, rows: Array(0..<80))
      #expect(
        all.map(\.bitPattern)
          == (0..<80).flatMap { read.predict(prepared.inputs, rows: [$0]) }.map(\.bitPattern))
      #expect(model.predict(prepared.inputs, rows: Array(0..<80)).map(\.bitPattern) == all.map(\.bitPattern))
      #expect(read.manifest.facts.censoring?.count == 2)
    }
  }

  @Test func networksWithFewEventsChooseTheirEpochs() throws {
    let options = ExpressionTask.options(for: Self.cohort(), TaskChoice(kind: .mlp))
    #expect(options.training.choosesEpochs == true && options.training.validationShare == 0)
    let many = ExpressionTask.options(for: Self.cohort(600), TaskChoice(kind: .mlp))
    #expect(many.training.choosesEpochs == nil && many.training.batchSize == 600)
  }

  @Test func whatTheLossRefuses() throws {
    let data = Self.cohort()
    func refusal(_ change: (inout ModelOptions, inout TrainingData) -> Void) -> String {
      var (options, changed) = (ExpressionTask.options(for: data, TaskChoice()), data)
      change(&options, &changed)
      do {
        _ = try Training(changed, options: options, seed: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(refusal { options, _ in options.training.parts = 2 }.contains("parts 2, expected 1"))
    #expect(refusal { options, _ in options.training.loss.name = .focal }.contains("focal"))
    #expect(refusal { options, _ in options.training.balancesClasses = true }.contains("class weights"))
    #expect(
      refusal { _, data in
        for i in 0..<80 { data.examples.observations.numbers[i * 2 + 1] = 0 }
      } == "found no event among 80 training examples, expected at least one")
  }

  @Test func aFeatureThatIsACopyOfTheTimeIsReported() throws {
    var data = Self.cohort()
    var table = data.examples.inputs[0].records as! FeatureTable
    for row in 0..<80 {  // Of equal times the censored one is later.
      let observed = data.examples.observations.numbers
      table.values[row * 6 + 3] = observed[row * 2] - 0.01 * observed[row * 2 + 1]
    }
    data.examples.inputs[0].records = table
    let report = try Training(data, options: ExpressionTask.options(for: data, TaskChoice()), seed: 1).report
    #expect(report.contains { $0.hasPrefix("warning: 1 feature alone can predict") && $0.contains(": G3 (") })
    let plain = try Training(
      Self.cohort(), options: ExpressionTask.options(for: Self.cohort(), TaskChoice()), seed: 1
    ).report
    #expect(!plain.contains { $0.hasPrefix("warning") })
  }
}
