import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Predictions as a table that is written batch by batch: the key columns, what the objective predicts, for a blend what each
/// of its parts says, and `subset` where examples are the model's own: `train`, `val`, `test`, or nothing. Classes of steps have a row a step, or are letters of FASTA records.
package final class PredictionTable {
  /// What the columns of a blend's parts begin with.
  static let partPrefix = "part:"
  /// The column of the subset of the model's data in which an example was.
  static let subsetColumn = "subset"
  private let model: Model
  private let writer: TSVWriter?
  private let fasta: FASTA.Writer
  /// The model's own examples, where some of the first ones are among them.
  private let seen: SeenExamples?
  /// How many examples were in each subset of the model's data.
  package private(set) var seenCounts: [(subset: Split.Subset, count: Int)] = []

  /// Writes the header.
  ///
  /// - Parameters:
  ///   - examples: the first examples that are to be written: they tell the key columns, and whether there is a column
  ///     `subset`.
  ///   - asFASTA: whether classes of steps are written as letters.
  package init(_ model: Model, for examples: Examples, asFASTA: Bool = false, to output: OutputFile) throws {
    self.model = model
    let objective = model.manifest.objective.base, keys = examples.keys.names
    fasta = FASTA.Writer(output)
    let known = SeenExamples(model)
    seen = known.flatMap { known in
      (0..<examples.count).contains { known.subset(of: examples, row: $0) != nil } ? known : nil
    }
    var columns = keys + (objective.isOfSteps ? ["position", "residue"] : []) + objective.columns
    columns += Self.parts(of: model)
    if seen != nil { columns.append(Self.subsetColumn) }
    writer = asFASTA && objective.isOfSteps ? nil : try TSVWriter(output, columns: columns)
  }

  /// The columns of a blend's parts.
  private static func parts(of model: Model) -> [String] {
    guard !model.manifest.blend.isEmpty, model.outputNames.count == 1 else { return [] }
    return (["network"] + model.manifest.blend.map(\.predictor)).map { partPrefix + $0 }
  }

  /// Predicts examples and writes them.
  package func write(_ examples: Examples) throws {
    guard examples.count > 0 else { return }
    let objective = model.manifest.objective.base, k = objective.count
    let prepared = PreparedExamples(examples, as: model.manifest.inputs)
    let rows = Array(0..<examples.count)
    let (outputs, all) = model.predictions(prepared.inputs, rows: rows)
    let parts = Self.parts(of: model).isEmpty ? [] : all
    guard objective.isOfSteps else {
      for row in rows {
        for column in examples.keys.columns { try writer!.field(column[row]) }
        try objective.write(outputs[(row * k)..<((row + 1) * k)], to: writer!)
        for part in parts { writer!.field(part.outputs[row]) }
        if seen != nil { try writer!.field(subset(of: examples, row: row)) }
        try writer!.endRow()
      }
      return
    }
    guard let records = examples.inputs[0].records as? SequenceRecords,
      let steps = objective as? StepClassesObjective
    else { return }
    var at = 0
    for row in rows {
      let subset = subset(of: examples, row: row)
      var letters: [UInt8] = []
      for (i, residue) in records.sequences[row].enumerated() {
        let values = outputs[(at * k)..<((at + 1) * k)]
        at += 1
        guard let writer else {
          letters.append(steps.letter(of: values))
          continue
        }
        for column in examples.keys.columns { try writer.field(column[row]) }
        writer.field(i + 1)
        try writer.field([residue])
        try objective.write(values, to: writer)
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
  /// The name of the subset in which an example was, counted; empty where it was in none.
  private func subset(of examples: Examples, row: Int) -> String {
    guard let subset = seen?.subset(of: examples, row: row) else { return "" }
    if let i = seenCounts.firstIndex(where: { $0.subset == subset }) {
      seenCounts[i].count += 1
    } else {
      seenCounts.append((subset, 1))
    }
    return subset.rawValue
  }

  /// A line for people about examples that were in the model's own data.
  package var seenReport: String? {
    let counts = seenCounts.sorted { $0.subset.rawValue < $1.subset.rawValue }
    return counts.isEmpty
      ? nil
      : "input examples that are in the model's own data (column subset): "
        + counts.map { "\($0.count.grouped) \($0.subset.rawValue)" }.joined(separator: ", ")
  }
}

extension Model {
  /// Examples to be predicted: nothing is observed of them.
  package func examples(keys: KeyColumns, inputs: [ExampleInput]) -> Examples {
    let objective = manifest.objective
    return Examples(
      keys: keys, inputs: inputs, target: TargetDescription(objective.name, objective.base.names),
      observations: Observations(numbers: [], width: 0), groups: [])
  }

  /// Examples of the model's only input, in which each record is one example.
  package func examples(idColumn: String, ids: [String], records: any Records) -> Examples {
    let input = manifest.inputs[0], modality = manifest.options.inputs[input.name]!.preparation.base
    return examples(
      keys: KeyColumns([KeyColumn(idColumn, ids)]),
      inputs: [ExampleInput(input.name, modality, records, ids: ids, keyColumn: idColumn)])
  }

  /// The names of the inputs of which examples have records that were not in training, although the model expects such as
  /// were: it subtracts their effects.
  package func inputsWithNewRecords(_ examples: Examples) -> [String] {
    zip(examples.inputs, manifest.inputs).filter { input, manifest in
      let known = Set(manifest.known)
      return !known.isEmpty && self.manifest.options.training.offsets.contains(input.name)
        && input.records(of: Array(0..<examples.count)).contains { !known.contains(input.ids[$0]) }
    }.map(\.0.name)
  }

  /// Lines for people about what examples ask of the model beyond its training.
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
