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
    case .residues: try residues(as: format, to: target)
    case .expression:
      let found = try matrix.read(input, threads: threads, report)
      let (aligned, alignment) = try model.align(found, leastShare: minShare)
      alignment.report.forEach { report.warn($0) }
      try write(
        aligned.samples, .features(FeatureTable(names: aligned.genes, values: aligned.values)),
        to: TSVWriter(
          target, columns: [model.manifest.idColumn] + model.manifest.target.outputColumns))
    case .genotype:
      guard case .genotype(let features) = model.manifest.features else { break }
      let (samples, table, alignment) = try Genotypes.read(
        input, alignedTo: features.sites, leastShare: minShare, threads: threads)
      alignment.report.forEach { report.warn($0) }
      try write(
        samples, .features(table),
        to: TSVWriter(
          target, columns: [model.manifest.idColumn] + model.manifest.target.outputColumns))
    }
    try target.close()
  }

  /// Labels of residues: FASTA of letters, or a row a residue.
  private func residues(as format: ResidueFormat, to output: OutputFile) throws {
    let reader = try SequenceReader(contentsOf: input, threads: threads)
    let target = model.manifest.target, k = target.count
    let writer =
      format == .tsv
      ? try TSVWriter(output, columns: ["id", "position", "residue"] + target.outputColumns) : nil
    let fasta = FASTA.Writer(output)
    var batch: [SequenceRecord] = []
    var isMore = true
    while isMore {
      if let record = try reader.next() {
        try model.check(record.sequence, id: record.name, path: reader.path, line: record.line)
        batch.append(record)
      } else {
        isMore = false
      }
      guard batch.count == 64 || !isMore, !batch.isEmpty else { continue }
      let outputs = model.predict(model.manifest.features.encode(.sequences(batch.map(\.sequence))))
      var at = 0
      for record in batch {
        var letters: [UInt8] = []
        for (i, residue) in record.sequence.enumerated() {
          let row = outputs[(at * k)..<((at + 1) * k)]
          at += 1
          guard let writer else {
            letters.append(target.letter(of: row))
            continue
          }
          try writer.field(record.name)
          writer.field(i + 1)
          try writer.field([residue])
          try target.write(row, to: writer)
          try writer.endRow()
        }
        if writer == nil {
          try fasta.write(FASTA.Record(name: record.name, description: "", sequence: letters))
        }
      }
      batch.removeAll(keepingCapacity: true)
    }
  }

  /// How many sequences are predicted at a time.
  private static let batch = 1024

  /// Sequences one batch after the other, in constant memory where they are FASTA or FASTQ.
  func sequences(to output: OutputFile) throws {
    switch try SequenceInput(contentsOf: input, hasHeader: !matrix.noHeader, threads: threads) {
    case .records(let reader):
      let writer = try TSVWriter(output, columns: ["id"] + model.manifest.target.outputColumns)
      var (ids, sequences): ([String], [[UInt8]]) = ([], [])
      var isMore = true
      while isMore {
        if let record = try reader.next() {
          try model.check(record.sequence, id: record.name, path: reader.path, line: record.line)
          ids.append(record.name)
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
        of: table,
        named: sequenceColumn ?? model.manifest.sequenceColumn.flatMap { table.hasColumn($0) ? $0 : nil })
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
