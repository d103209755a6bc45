import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Predictions as a table that is written batch by batch: the key columns, the predictions of the objective,
/// for a blend those of each predictor, and `subset` where examples were in the model's data: `train`, `val`,
/// `test`, or empty. Classes of steps have one row for each step, or are letters of FASTA records.
package final class PredictionTable {
  /// The prefix of the columns of a blend's predictors.
  static let partPrefix = "part:"
  /// The column of the subset of the model's data that contained an example.
  static let subsetColumn = "subset"
  private let model: Model
  private let writer: TSVWriter?
  private let fasta: FASTA.Writer
  /// The examples of the model's data, where some of the first examples are among them.
  private let seen: SeenExamples?
  /// The probability that an example is still observed at each time of a survival prediction.
  private let censoring: [(column: String, value: Float)]
  /// The number of examples in each subset of the model's data.
  package private(set) var seenCounts: [(subset: Split.Subset, count: Int)] = []

  /// Writes the header.
  ///
  /// - Parameters:
  ///   - examples: the first examples to be written: they determine the key columns, and whether there is a
  ///     column `subset`.
  ///   - asFASTA: whether classes of steps are written as letters.
  package init(_ model: Model, for examples: Examples, asFASTA: Bool = false, to output: OutputFile) throws {
    self.model = model
    let objective = model.manifest.objective.base, keys = examples.keys.names
    fasta = FASTA.Writer(output)
    let known = SeenExamples(model)
    seen = known.flatMap { known in
      (0..<examples.count).contains { known.subset(of: examples, row: $0) != nil } ? known : nil
    }
    var columns =
      keys + (objective.isOfSteps ? examples.inputs[0].records.stepColumns : []) + objective.columns
    columns += Self.parts(of: model)
    censoring = Self.censoring(of: model)
    columns += censoring.map(\.column)
    if seen != nil { columns.append(Self.subsetColumn) }
    writer = asFASTA && objective.isOfSteps ? nil : try TSVWriter(output, columns: columns)
  }

  /// Returns the columns of a blend's predictors.
  private static func parts(of model: Model) -> [String] {
    guard !model.manifest.blend.isEmpty, model.outputNames.count == 1 else { return [] }
    return (["network"] + model.manifest.blend.map(\.predictor)).map { partPrefix + $0 }
  }

  /// The censoring curve of the training data at the times of survival predictions; empty for other models.
  private static func censoring(of model: Model) -> [(column: String, value: Float)] {
    guard let objective = model.manifest.objective.base as? SurvivalObjective,
      let curve = model.manifest.facts.censoring, curve.count == 2, curve[0].count == curve[1].count,
      zip(curve[0], curve[0].dropFirst()).allSatisfy({ $0 < $1 })
    else { return [] }
    let steps = StepCurve(times: curve[0], values: curve[1], initial: 1)
    return objective.times.map { time in
      (
        SurvivalComparison.censoringPrefix + SurvivalObjective.text(time),
        Float(steps.value(at: Double(time)))
      )
    }
  }

  /// Predicts examples and writes them.
  package func write(_ examples: Examples) throws {
    guard examples.count > 0 else { return }
    let objective = model.manifest.objective.base, k = objective.outputCount
    let prepared = PreparedExamples(examples, as: model.manifest.inputs)
    let rows = Array(0..<examples.count)
    let (outputs, all) = model.predictions(prepared.inputs, rows: rows)
    let parts = Self.parts(of: model).isEmpty ? [] : all
    guard objective.isOfSteps else {
      for row in rows {
        for column in examples.keys.columns { try writer!.field(column[row]) }
        try objective.write(outputs[(row * k)..<((row + 1) * k)], to: writer!)
        for (i, part) in parts.enumerated() {
          // A predictor that has no answer leaves the prediction to the others; the network comes first.
          if i > 0, !model.predictors[i - 1].answers(prepared.inputs, row: row) {
            writer!.missing()
          } else {
            writer!.field(part.outputs[row])
          }
        }
        for curve in censoring { writer!.field(curve.value) }
        if seen != nil { try writer!.field(subset(of: examples, row: row)) }
        try writer!.endRow()
      }
      return
    }
    if let steps = objective as? StepClassesObjective { try write(examples, steps, outputs) }
  }

  /// Writes a row for each step, or a FASTA record for each example.
  private func write(_ examples: Examples, _ steps: StepClassesObjective, _ outputs: [Float]) throws {
    let k = steps.outputCount, input = examples.inputs[0]
    var at = 0
    for row in 0..<examples.count {
      let subset = subset(of: examples, row: row)
      var letters: [UInt8] = []
      for i in 0..<input.stepCount(of: row) {
        let values = outputs[(at * k)..<((at + 1) * k)]
        at += 1
        guard let writer else {
          letters.append(steps.letter(of: values))
          continue
        }
        for column in examples.keys.columns { try writer.field(column[row]) }
        for field in input.stepFields(of: row, step: i) { try writer.field(field) }
        try steps.write(values, to: writer)
        if seen != nil { try writer.field(subset) }
        try writer.endRow()
      }
      if writer == nil {
        try fasta.write(
          FASTA.Record(name: examples.keys.columns[0][row], description: "", sequence: letters))
      }
    }
  }
}

extension PredictionTable {
  /// Returns the name of the subset that contained an example, and counts it; empty where none did.
  private func subset(of examples: Examples, row: Int) -> String {
    guard let subset = seen?.subset(of: examples, row: row) else { return "" }
    if let i = seenCounts.firstIndex(where: { $0.subset == subset }) {
      seenCounts[i].count += 1
    } else {
      seenCounts.append((subset, 1))
    }
    return subset.rawValue
  }

  /// A note about examples that were in the model's data.
  package var seenReport: String? {
    let counts = seenCounts.sorted { $0.subset.rawValue < $1.subset.rawValue }
    return counts.isEmpty
      ? nil
      : "input examples that are in the model's own data (column subset): "
        + counts.map { "\($0.count.grouped) \($0.subset.rawValue)" }.joined(separator: ", ")
  }
}

extension Model {
  /// Returns examples for prediction, without observations.
  package func examples(keys: KeyColumns, inputs: [ExampleInput]) -> Examples {
    let objective = manifest.objective
    return Examples(
      keys: keys, inputs: inputs, target: TargetDescription(objective.name, objective.base.names),
      observations: Observations(numbers: [], width: 0), groups: [])
  }

  /// Returns examples of the model's only input, one for each record.
  package func examples(idColumn: String, ids: [String], records: any Records) -> Examples {
    let input = manifest.inputs[0], modality = manifest.options.inputs[input.name]!.preparation.base
    return examples(
      keys: KeyColumns([KeyColumn(idColumn, ids)]),
      inputs: [ExampleInput(input.name, modality, records, ids: ids, keyColumn: idColumn)])
  }

  /// Returns the names of the inputs whose effects the model subtracts and of which some records were not in
  /// training.
  package func inputsWithNewRecords(_ examples: Examples) -> [String] {
    zip(examples.inputs, manifest.inputs).filter { input, manifest in
      let known = Set(manifest.known)
      return !known.isEmpty && self.manifest.options.training.offsets.contains(input.name)
        && input.records(of: Array(0..<examples.count)).contains { !known.contains(input.ids[$0]) }
    }.map(\.0.name)
  }

  /// Returns notes about records and tokens that were not in training.
  package func report(on examples: Examples) -> [String] {
    var lines: [String] = []
    for (input, manifest) in zip(examples.inputs, self.manifest.inputs) where !manifest.known.isEmpty {
      let known = Set(manifest.known)
      let unseen = input.records(of: Array(0..<examples.count)).map { input.ids[$0] }.filter {
        !known.contains($0)
      }
      guard !unseen.isEmpty else { continue }
      let hasEffects = self.manifest.options.training.offsets.contains(input.name)
      lines.append(
        "\(unseen.count.counted("value")) of \(input.keyColumn) \(unseen.count == 1 ? "was" : "were") not in training "
          + "(\(FormatError.list(unseen, limit: 3)))" + (hasEffects ? ": the mean effect is used" : ""))
    }
    for (input, manifest) in zip(examples.inputs, self.manifest.inputs) {
      guard let smiles = manifest.preparation.base as? SMILESPreparation,
        let drugs = input.records as? DrugTable
      else { continue }
      let unknown = Set(
        input.records(of: Array(0..<examples.count)).flatMap { drugs.tokens[$0] }.filter {
          smiles.vocabulary.number(of: $0) == 0
        })
      if !unknown.isEmpty {
        lines.append("SMILES tokens not seen in training: \(FormatError.list(unknown.sorted(), limit: 8))")
      }
    }
    return lines
  }
}
