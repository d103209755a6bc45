import LigaseDatasets
import LigaseFormats
import LigaseRuntime

extension Study {
  /// Returns the examples of a table that have a label, with all inputs.
  func labelledExamples(_ table: Table?, _ preset: any Task.Type) throws -> Examples {
    if case .residues(let labels, let mask) = objective.kind {
      guard case .file(let path, _) = inputs[0].source else {
        throw JoinError("found sequences in a column, expected a FASTA file where residues have labels")
      }
      return try LabelledResidues.read(
        sequences: path, labels: labels, mask: mask, alphabet: nil, tokenLength: 0
      ).examples
    }
    guard let table else { throw JoinError("found no table of examples, expected one with labels") }
    try table.requireRows()
    let (names, reading) = objective.columns
    let texts = try names.map { (name: $0, values: try table.strings($0)) }
    let labelled = Labels.labelled(texts, reading)
    let joined = try StudyJoin(inputs, table, rows: labelled, for: nil, labels: names)
    let values = texts.map { column in
      (name: column.name, values: joined.rows.map { column.values[$0] })
    }
    let (target, observations, note) = try Labels.target(values, reading) { "row \(joined.rows[$0] + 1)" }
    var examples = Examples(
      keys: joined.keys, inputs: joined.inputs, target: target, observations: observations,
      groups: joined.groups)
    examples.notes = joined.notes + [note]
    if labelled.count < table.rowCount {
      examples.notes.append("skipped \((table.rowCount - labelled.count).counted("row")) without a label")
    }
    return examples
  }
}

/// The rows of a table of examples joined to the records of all inputs.
struct StudyJoin {
  /// The rows of the table that have a record in every input.
  let rows: [Int]
  let keys: KeyColumns
  let inputs: [ExampleInput]
  let groups: [Int]
  let notes: [String]

  /// Joins some rows; without a table the examples are the records of the only input.
  ///
  /// - Throws: `JoinError` where no row has a record in every input.
  init(
    _ sources: [Study.Input], _ table: Table?, rows wanted: [Int]?, for model: Model?, labels: [String] = []
  ) throws {
    let preparations = model?.manifest.inputs.map(\.preparation.base)
    let records = try sources.enumerated().map {
      try StudyRecords($1, table, as: preparations?[$0], labels: labels)
    }
    for read in records {
      guard let model, let sequences = read.read.records as? SequenceRecords else { continue }
      for (id, sequence) in zip(read.read.ids, sequences.sequences) {
        try model.check(sequence, id: id, path: table?.path ?? "")
      }
    }
    var notes = records.flatMap(\.read.notes)
    var places: [[Int32]] = []
    let count = table?.rowCount ?? records[0].read.ids.count
    for (source, read) in zip(sources, records) {
      guard let table, source.column == nil else {
        places.append((0..<count).map { Int32($0) })
        continue
      }
      let join = IDJoin(column: source.key, values: try table.strings(source.key), ids: read.read.ids)
      notes.append(join.line(against: source.modality))
      places.append(join.indices)
    }
    let found = (wanted ?? Array(0..<count)).filter { row in places.allSatisfy { $0[row] >= 0 } }
    guard !found.isEmpty || count == 0 else {
      throw JoinError(
        "no example has a record in every input: \(notes.joined(separator: "; "))")
    }
    let columns = zip(sources, records).enumerated().map { i, pair in
      KeyColumn(
        pair.1.idColumn ?? pair.0.key, found.map { pair.1.read.ids[Int(places[i][$0])] })
    }
    // Inputs may be joined by the same column.
    keys = KeyColumns(
      columns.indices.filter { i in !columns[..<i].contains { $0.name == columns[i].name } }.map {
        columns[$0]
      })
    let names = Study.names(of: sources)
    rows = found
    self.notes = notes
    if sources.count == 1 {
      let chosen = found.map { Int(places[0][$0]) }
      // Examples with the same record stay in one subset.
      groups = chosen
      inputs = [
        ExampleInput(
          names[0], records[0].read.modality, records[0].read.records.selecting(chosen),
          ids: chosen.map { records[0].read.ids[$0] }, keyColumn: columns[0].name)
      ]
    } else {
      groups = keys.combinations().codes.map { Int($0) }
      inputs = zip(sources, records).enumerated().map { i, pair in
        ExampleInput(
          names[i], pair.1.read.modality, pair.1.read.records, ids: pair.1.read.ids,
          index: found.map { places[i][$0] }, keyColumn: pair.0.key)
      }
    }
  }
}
