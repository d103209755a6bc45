import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Predictions of a supervised model, as `ligase predict` makes them.
struct SupervisedPrediction {
  let model: SupervisedModel
  let input: String?
  let sequenceColumn: String?
  let idColumn: String?
  let matrix: ExpressionReadingOptions
  let minShare: Double
  let threads: Int
  let report: ReportOptions

  /// Reads the input, predicts and writes.
  func run(output: OutputOptions, format: ResidueFormat) throws {
    let target = try output.open()
    switch model.manifest.task {
    case .sequence: try sequences(to: target)
    case .residues, .expression, .genotype: break
    }
    try target.close()
  }

  /// How many sequences are predicted at a time.
  private static let batch = 1024

  /// Sequences one batch after the other, in constant memory where they are FASTA or FASTQ.
  func sequences(to output: OutputFile) throws {
    switch try SequenceInput(contentsOf: input, threads: threads) {
    case .records(let reader):
      let writer = try TSVWriter(output, columns: ["id"] + model.manifest.target.outputColumns)
      var (ids, sequences): ([String], [[UInt8]]) = ([], [])
      var isMore = true
      while isMore {
        if let record = try reader.next() {
          try model.check(record.sequence, id: record.id, path: reader.path, line: record.line)
          ids.append(record.id)
          sequences.append(record.sequence)
        } else {
          isMore = false
        }
        if ids.count == Self.batch || !isMore {
          try write(ids, .sequences(sequences), to: writer)
          ids.removeAll(keepingCapacity: true)
          sequences.removeAll(keepingCapacity: true)
        }
      }
    case .table(let table):
      let name = try LabelledSequences.sequenceColumn(
        of: table, named: sequenceColumn ?? model.manifest.sequenceColumn.flatMap { table.hasColumn($0) ? $0 : nil })
      let known = model.manifest.idColumn
      let id = try LabelledSequences.idColumn(
        of: table, named: idColumn ?? (table.hasColumn(known) ? known : nil),
        besides: [name] + model.manifest.target.names)
      let writer = try TSVWriter(output, columns: [id ?? "row"] + model.manifest.target.outputColumns)
      let ids = try id.map { try table.strings($0) } ?? (1...max(table.rowCount, 1)).map { "\($0)" }
      let sequences = try table.strings(name).map { Array($0.utf8.filter { $0 > 0x20 }) }
      for (row, sequence) in sequences.enumerated() {
        try model.check(sequence, id: ids[row], path: table.path, line: table.line(ofRow: row))
      }
      try write(ids, .sequences(sequences), to: writer)
    }
  }

  private func write(_ ids: [String], _ inputs: RawInputs, to writer: TSVWriter) throws {
    guard !ids.isEmpty else { return }
    let k = model.manifest.target.count
    let outputs = model.predict(model.manifest.features.encode(inputs))
    for (row, id) in ids.enumerated() {
      try writer.field(id)
      try model.manifest.target.write(outputs[(row * k)..<((row + 1) * k)], to: writer)
      try writer.endRow()
    }
  }
}
