import LigaseDatasets
import LigaseFormats

/// Predictions as a table that is written batch by batch: the key columns, what the objective predicts, and for a blend what
/// each of its parts says. Classes of steps have a row a step, or are letters of FASTA records.
package final class PredictionTable {
  /// What the columns of a blend's parts begin with.
  static let partPrefix = "part:"
  private let model: Model
  private let writer: TSVWriter?
  private let fasta: FASTA.Writer

  /// Writes the header.
  ///
  /// - Parameters:
  ///   - keys: the names of the key columns.
  ///   - asFASTA: whether classes of steps are written as letters.
  package init(_ model: Model, keys: [String], asFASTA: Bool = false, to output: OutputFile) throws {
    self.model = model
    let objective = model.manifest.objective.base
    fasta = FASTA.Writer(output)
    var columns = keys + (objective.isOfSteps ? ["position", "residue"] : []) + objective.columns
    columns += Self.parts(of: model)
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
        try writer!.endRow()
      }
      return
    }
    guard let records = examples.inputs[0].records as? SequenceRecords,
      let steps = objective as? StepClassesObjective
    else { return }
    var at = 0
    for row in rows {
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
        try writer.endRow()
      }
      if writer == nil {
        try fasta.write(
          FASTA.Record(name: examples.keys.columns[0][row], description: "", sequence: letters))
      }
    }
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
        "\(unseen.count) records of \(input.name) were not in training (\(FormatError.list(unseen, limit: 3)))"
          + (hasEffects ? ": their level is taken to be the average one" : ""))
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
        lines.append("SMILES tokens that training never saw: \(FormatError.list(unknown.sorted(), limit: 8))")
      }
    }
    return lines
  }
}
