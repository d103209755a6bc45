import LigaseFormats
import LigaseRuntime

/// A file that holds the records of one input.
package struct InputFile: Sendable {
  /// The file; nil is standard input.
  package var path: String?
  /// The column of the file that names its records; nil takes the modality's usual one.
  package var key: String?
  /// Names that records may have: the examples'.
  package var possibleIDs: [String] = []
  /// Columns that are never features.
  package var excluded: Set<String> = []
  /// The kinds of columns that the user gives.
  package var kinds: [String: ColumnKind] = [:]
  /// The smallest share of a model's genes or sites that must be there.
  package var leastShare = 0.5
  /// Threads that decompress.
  package var threads = 1

  /// A file.
  package init(path: String?, key: String? = nil) { (self.path, self.key) = (path, key) }
}

/// The records of one input, read from a file.
package struct ReadInput {
  /// The name of each record.
  package var ids: [String]
  /// The records.
  package var records: any Records
  /// The modality, with what the file decides.
  package var modality: any Modality
  /// Notes, one line each.
  package var notes: [String] = []

  /// Records with their names.
  package init(ids: [String], _ records: any Records, _ modality: any Modality, notes: [String] = []) {
    (self.ids, self.records, self.modality, self.notes) = (ids, records, modality, notes)
  }
}

extension SequenceModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let reader = try SequenceReader(contentsOf: file.path, threads: file.threads)
    var (ids, sequences): ([String], [[UInt8]]) = ([], [])
    while let record = try reader.next() {
      ids.append(record.name)
      sequences.append(record.sequence)
    }
    return try read(ids, sequences, path: reader.path, as: preparation)
  }

  /// Sequences that were read, with their letters checked.
  package static func read(
    _ ids: [String], _ sequences: [[UInt8]], path: String, as preparation: (any Preparation)?
  ) throws -> ReadInput {
    guard !sequences.isEmpty else { throw JoinError("\(path): found no sequence") }
    let fitted = (preparation as? SequencePreparation)?.encoding
    let alphabet = fitted?.alphabet ?? SequenceAlphabet(guessing: sequences)
    for (id, sequence) in zip(ids, sequences) {
      if let (position, byte) = alphabet.firstUnknown(in: sequence) {
        throw JoinError(
          "\(path): found \(FormatError.quoted([byte])) at residue \(position + 1) of '\(id)', expected letters of "
            + alphabet.rawValue)
      }
      if sequence.isEmpty { throw JoinError("\(path): found no residue in '\(id)', expected a sequence") }
    }
    return ReadInput(
      ids: ids, SequenceRecords(sequences), SequenceModality(SequenceEncoding(alphabet: alphabet)))
  }
}

extension ExpressionModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let fitted = preparation as? ExpressionPreparation
    var options = ExpressionMatrix.ReadingOptions()
    options.knownGenes = fitted?.scaler.genes ?? []
    options.knownSamples = file.possibleIDs
    options.threads = file.threads
    // A table with samples in rows may hold labels beside the genes.
    if let path = file.path, path != "-", let table = try? TableStream(contentsOf: path) {
      options.skippedColumns = table.columnNames.filter { file.excluded.contains($0) && $0 != file.key }
      if let key = file.key, table.columnNames.contains(key) { options.nameColumn = .named(key) }
    }
    return try read(ExpressionMatrix(contentsOf: file.path, options: options), file, as: preparation)
  }

  /// A matrix that was read.
  package static func read(
    _ matrix: ExpressionMatrix, _ file: InputFile, as preparation: (any Preparation)?
  ) throws -> ReadInput {
    var (matrix, notes) = (matrix, [String]())
    if let fitted = preparation as? ExpressionPreparation {
      let (aligned, alignment) = try fitted.align(matrix, leastShare: file.leastShare)
      (matrix, notes) = (aligned, alignment.report)
    }
    return ReadInput(
      ids: matrix.samples, FeatureTable(names: matrix.genes, values: matrix.values), ExpressionModality(),
      notes: notes)
  }
}

extension GenotypeModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    if let features = preparation as? GenotypeFeatures {
      let (samples, table, alignment) = try Genotypes.read(
        file.path, alignedTo: features.sites, leastShare: file.leastShare, threads: file.threads)
      return ReadInput(
        ids: samples, GenotypeRecords(sites: features.sites, table: table), GenotypeModality(),
        notes: alignment.report(features.missing))
    }
    let read = try Genotypes.read(file.path, panel: nil, threads: file.threads)
    return ReadInput(
      ids: read.samples, GenotypeRecords(sites: read.sites, table: read.table), GenotypeModality())
  }
}

extension SMILESModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let tokenizer = (preparation as? SMILESPreparation)?.tokenizer ?? SMILESTokenizer()
    let table = try Table(contentsOf: file.path)
    let drugs = try DrugTable(
      table, idColumn: file.key.flatMap { table.hasColumn($0) ? $0 : nil }, tokenizer: tokenizer)
    return ReadInput(ids: drugs.ids, drugs, SMILESModality(), notes: [drugs.report].compactMap { $0 })
  }
}

extension ClinicalModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let table = try Table(contentsOf: file.path)
    try table.requireRows()
    let key =
      try file.key.flatMap { table.hasColumn($0) ? $0 : nil } ?? keyColumn(of: table, file.possibleIDs)
    let ids = try table.ids(key)
    let (records, notes) =
      if let fitted = preparation as? ClinicalPreparation {
        try ClinicalRecords.read(table, as: fitted)
      } else {
        try ClinicalRecords.read(table, excluding: file.excluded.union([key]), kinds: file.kinds)
      }
    return ReadInput(
      ids: (0..<table.rowCount).map { ids[$0] }, records, ClinicalModality(),
      notes: table.notices.map { "\($0)" } + notes)
  }

  /// The column that holds most of the names that records may have; the first where none does.
  private static func keyColumn(of table: Table, _ possible: [String]) throws -> String {
    let known = Set(possible)
    var (best, most) = (table.columnNames[0], 0)
    for name in table.columnNames {
      let found = Set(try table.strings(name)).intersection(known).count
      if found > most { (best, most) = (name, found) }
    }
    return best
  }
}
