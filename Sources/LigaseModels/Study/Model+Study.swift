import LigaseDatasets
import LigaseFormats

extension Model {
  /// Predicts examples.
  ///
  /// ```swift
  /// let model = try Model(contentsOf: "response.safetensors")
  /// let pairs = try Table(contentsOf: "new.tsv")
  /// let predictions = try model.predict(
  ///   pairs, inputs: [.expression("new_cells.tsv", key: "cell_line"), .smiles("drugs.tsv", key: "drug")])
  /// ```
  ///
  /// - Parameters:
  ///   - examples: a row for each example, with the key columns of the inputs; nil predicts every record of
  ///     the only input.
  ///   - inputs: the sources of the records; an empty list uses those of the training in this program.
  /// - Throws: `FormatError` for files that cannot be read, and an error that describes itself in one line for inputs of
  ///   another kind and examples without records.
  public func predict(_ examples: Table? = nil, inputs: [Study.Input] = []) throws -> Predictions {
    let joined = try joined(examples, inputs)
    let found = self.examples(keys: joined.keys, inputs: joined.inputs)
    return try Predictions(self, found, notes: joined.notes + report(on: found))
  }

  /// Evaluates predictions of examples, each metric with its bootstrap interval, together with the naive
  /// baseline: the most frequent class, or the mean, of the training data.
  ///
  /// - Parameters:
  ///   - examples: a row for each example, with the key columns of the inputs and the labels.
  ///   - objective: the label columns; nil uses those of the training.
  ///   - inputs: the sources of the records; an empty list uses those of the training in this program.
  ///   - resamples: the number of resamples of an interval; 0 computes no intervals.
  ///   - seed: the seed of the resamples.
  public func evaluate(
    _ examples: Table? = nil, objective: Study.Objective? = nil, inputs: [Study.Input] = [],
    resamples: Int = 1000, seed: UInt64 = 0
  ) throws -> [Score] {
    let bootstrap = Bootstrap(resamples: resamples, seed: seed)
    let base = manifest.objective.base
    if case .residues(let labels, let mask)? = objective?.kind {
      let joined = try joined(nil, inputs)
      let found = self.examples(keys: joined.keys, inputs: joined.inputs)
      let truth = try LabelledResidues.labels(labels, mask: mask)
      let number = Dictionary(
        uniqueKeysWithValues: base.names.enumerated().map { ($1.utf8.first!, Int32($0)) })
      let rows = (0..<found.count).filter { truth.labels[found.keys.columns[0][$0]] != nil }
      let steps = (0..<found.count).map { row in
        (truth.labels[found.keys.columns[0][row]] ?? []).map { number[$0] ?? -1 }
      }
      let prepared = PreparedExamples(found, as: manifest.inputs)
      return try base.judge(
        [("model", predict(prepared.inputs, rows: rows))], Observations(steps: steps), rows: rows,
        keys: found.keys, bootstrap: bootstrap
      ).scores
    }
    guard let examples else { throw JoinError("found no table of examples, expected one with labels") }
    let columns = objective?.columns.names ?? manifest.labelColumns ?? outputNames
    let texts = try columns.map { (name: $0, values: try examples.strings($0)) }
    let joined = try joined(
      examples, inputs, rows: Labels.labelled(texts, objective?.columns.reading ?? reading(columns)))
    let found = self.examples(keys: joined.keys, inputs: joined.inputs)
    let observed = try observations(
      texts.map { column in (column.name, joined.rows.map { column.values[$0] }) }, in: examples,
      objective?.columns.reading ?? reading(columns))
    let rows = Array(0..<found.count)
    let prepared = PreparedExamples(found, as: manifest.inputs)
    var models = [("model", predict(prepared.inputs, rows: rows))]
    if let prior = priorOutputs { models.append(("prior", rows.flatMap { _ in prior })) }
    return try base.judge(models, observed, rows: rows, keys: found.keys, bootstrap: bootstrap).scores
  }

  private func joined(_ examples: Table?, _ inputs: [Study.Input], rows: [Int]? = nil) throws -> StudyJoin {
    let inputs = inputs.isEmpty ? sources : inputs
    guard !inputs.isEmpty else {
      throw JoinError(
        "found no inputs, expected those that the model reads: "
          + FormatError.list(manifest.inputs.map(\.name)))
    }
    guard inputs.map(\.modality) == manifest.inputs.map({ $0.preparation.modality }) else {
      throw JoinError(
        "found the inputs \(FormatError.list(inputs.map(\.modality))), expected "
          + FormatError.list(manifest.inputs.map { $0.preparation.modality }))
    }
    return try StudyJoin(inputs, examples, rows: rows, for: self)
  }

  /// The interpretation of label columns for the model's objective.
  private func reading(_ columns: [String]) -> Labels.Reading {
    if manifest.objective.base is SurvivalObjective, columns.count == 2 {
      return Labels.Reading(survival: SurvivalLabels(time: columns[0], event: columns[1]))
    }
    return Labels.Reading(Labels.Kind(rawValue: manifest.objective.name) ?? .classes)
  }

  /// Returns labels numbered as in the model's objective.
  private func observations(
    _ columns: [(name: String, values: [String])], in table: Table, _ reading: Labels.Reading
  ) throws -> Observations {
    let names = outputNames
    let number = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func place(_ name: String) throws -> Int {
      if let found = number[LabelColumn.name(name)] ?? number[name] { return found }
      throw JoinError(
        "\(table.spokenPath): found the class '\(name)', expected one of \(FormatError.list(names))")
    }
    switch manifest.objective.base {
    case is SurvivalObjective: return try Labels.target(columns, reading) { "row \($0 + 1)" }.observations
    case is ValuesObjective:
      return try Labels.target(columns, Labels.Reading(.values)) { "row \($0 + 1)" }.observations
    case is LabelsObjective where columns.count == 1:
      var values = [Float](repeating: 0, count: columns[0].values.count * names.count)
      for (row, text) in columns[0].values.enumerated() {
        for label in Labels.set(text) { values[row * names.count + (try place(label))] = 1 }
      }
      return Observations(numbers: values, width: names.count)
    case is LabelsObjective:
      return try Labels.target(columns, Labels.Reading(.labels)) { "row \($0 + 1)" }.observations
    default:
      let values = LabelColumn(columns[0].name, columns[0].values, asText: true).values
      return Observations(numbers: try values.map { Float(try place($0 ?? "")) }, width: 1)
    }
  }

  /// The prediction of a model without inputs: the class frequencies in training, or the mean; nil where they
  /// are unknown.
  private var priorOutputs: [Float]? {
    if let values = manifest.objective.base as? ValuesObjective {
      return values.scales.map { Float($0.mean) }
    }
    guard manifest.objective.base is ClassesObjective else { return nil }
    let counts = outputNames.map { Float(manifest.provenance.classCounts[$0] ?? 0) }
    let sum = counts.reduce(0, +)
    return sum > 0 ? counts.map { $0 / sum } : nil
  }
}
