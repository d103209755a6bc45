import LigaseDatasets
import LigaseModels
import Testing

@Suite struct ValuesObjectiveTests {
  /// Values of pairs of a drug and a cell line, the last ones not in training.
  private func examples(_ values: [Float], drugs: [Int32], lines: [Int32], train: Int) -> PreparedExamples {
    func input(_ name: String, _ index: [Int32]) -> ExampleInput {
      let ids = (0...index.max()!).map { "\(name)\($0)" }
      return ExampleInput(
        name, ExpressionModality(), FeatureTable(names: ["g"], values: ids.indices.map { Float($0) }),
        ids: ids, index: index, keyColumn: name)
    }
    let inputs = [input("drug", drugs), input("line", lines)]
    let options = ModelOptions(
      inputs: Dictionary(
        uniqueKeysWithValues: inputs.map {
          ($0.name, .init(AnyModality(ExpressionModality()), EncoderOptions(.mlp)))
        }))
    return PreparedExamples(
      Examples(
        keys: KeyColumns(
          inputs.map { input in KeyColumn(input.name, input.index!.map { input.ids[Int($0)] }) }),
        inputs: inputs, target: TargetDescription("values", ["y"]),
        observations: Observations(numbers: values, width: 1), groups: Array(values.indices)),
      options: options, train: Array(0..<train))
  }

  private func objective(
    _ examples: PreparedExamples, train: Int, offsets: [String]
  ) throws -> ValuesObjective {
    var options = TrainingOptions()
    options.offsets = offsets
    return try ValuesObjective(fitting: examples, rows: Array(0..<train), options: options)
  }

  @Test func oneKindOfEffectIsAShrunkMean() throws {
    let examples = examples(
      [1, 3, 5, 7, 0, 0, 0], drugs: [0, 0, 1, 1, 1, 2, 2], lines: [0, 1, 0, 1, 2, 0, 2], train: 4)
    let fitted = try objective(examples, train: 4, offsets: ["drug"])
    let scale = fitted.scales[0]
    // Means of the residuals from the overall mean of 4, with one additional residual of zero.
    #expect(scale.mean == 4 && scale.effects == [.init(input: "drug", values: [-4.0 / 3, 4.0 / 3])])
    // A new cell line has no effect, and a new drug has the mean level.
    let (low, high): (Float, Float) = (Float(4 - 4.0 / 3), Float(4 + 4.0 / 3))
    let finished = fitted.finished([0, 0, 0, 0], examples.inputs, rows: [0, 3, 4, 5])
    #expect(finished == [low, high, high, 4])
    // The residuals are -5/3, 1/3, -1/3, 5/3.
    let variance: Double = 52.0 / 36
    #expect(abs(scale.deviation - variance.squareRoot()) < 1e-12)
    // The network learns them in units of their standard deviation.
    let targets = fitted.targets(of: examples).numbers
    #expect(abs(Double(targets[0]) + 5.0 / 3 / variance.squareRoot()) < 1e-6)
    let back = fitted.finished(targets, examples.inputs, rows: Array(0..<7))
    for (found, value) in zip(back, [1, 3, 5, 7, 0, 0, 0] as [Float]) { #expect(abs(found - value) < 1e-5) }
  }

  @Test func bothEffectsSolveTheRidgeEquations() throws {
    var (targets, drugs, lines) = ([Float](), [Int32](), [Int32]())
    for i in 0..<40 where i % 3 != 1 {
      drugs.append(Int32(i % 4))
      lines.append(Int32(i / 4 % 5))
      targets.append(Float(i * i % 17) / 3)
    }
    let examples = examples(targets, drugs: drugs, lines: lines, train: targets.count)
    let scale = try objective(examples, train: targets.count, offsets: ["drug", "line"]).scales[0]
    let (drugEffects, lineEffects) = (scale.effects[0].values, scale.effects[1].values)
    // At the minimum, which twenty rounds approximate, each effect is the shrunk mean of the residuals of the
    // other.
    for drug in 0..<4 {
      let rows = targets.indices.filter { drugs[$0] == Int32(drug) }
      let left = rows.map { Double(targets[$0]) - scale.mean - lineEffects[Int(lines[$0])] }
      #expect(abs(drugEffects[drug] - left.reduce(0, +) / Double(rows.count + 1)) < 1e-4)
    }
    for line in 0..<5 {
      let rows = targets.indices.filter { lines[$0] == Int32(line) }
      let left = rows.map { Double(targets[$0]) - scale.mean - drugEffects[Int(drugs[$0])] }
      #expect(abs(lineEffects[line] - left.reduce(0, +) / Double(rows.count + 1)) < 1e-4)
    }
  }

  @Test func withoutEffectsOnlyTheMeanIsKnown() throws {
    let examples = examples([1, 3, 9], drugs: [0, 0, 1], lines: [0, 1, 1], train: 2)
    let fitted = try objective(examples, train: 2, offsets: [])
    #expect(fitted.scales == [.init(name: "y", mean: 2, deviation: 1)])
    #expect(fitted.finished([0, 0.5], examples.inputs, rows: [0, 2]) == [2, 2.5])
    let error = #expect(throws: JoinError.self) {
      try objective(self.examples([2, 2], drugs: [0, 0], lines: [0, 0], train: 2), train: 2, offsets: [])
    }
    #expect(error?.description == "every training value of 'y' is 2.0, expected values that vary")
  }

  /// Each of several values is divided by its own standard deviation; missing values are ignored.
  @Test func theMetricOfSeveralValues() {
    let fitted = ValuesObjective(scales: [
      .init(name: "a", mean: 0, deviation: 2), .init(name: "b", mean: 0, deviation: 10),
    ])
    let observed = Observations(numbers: [0, 0, .nan, 10], width: 2)
    // (4 / 2)², (30 / 10)² and (10 / 10)².
    let found = fitted.metric([4, 30, 7, 20], observed, rows: [0, 1])
    #expect(abs(found - (14.0 / 3).squareRoot()) < 1e-12)
  }
}
