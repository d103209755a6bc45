import LigaseDatasets
import LigaseFormats

extension Study {
  /// An input of a study: the source of the records, and the column of the examples that names the record of
  /// each.
  public struct Input: Sendable {
    enum Source: Sendable {
      case column(String)
      case sequences(String)
      case expression(ExpressionMatrix)
      case expressionFile(String)
      case genotypes(String)
      case smiles(String)
    }

    let source: Source
    let key: String

    /// Sequences in a column of the examples.
    public static func sequences(column: String) -> Input { Input(source: .column(column), key: "") }

    /// Sequences of a FASTA or FASTQ file.
    public static func sequences(_ path: String, key: String) -> Input {
      Input(source: .sequences(path), key: key)
    }

    /// Profiles of gene expression.
    public static func expression(_ matrix: ExpressionMatrix, key: String) -> Input {
      Input(source: .expression(matrix), key: key)
    }

    /// Profiles of gene expression in a file.
    public static func expression(_ path: String, key: String) -> Input {
      Input(source: .expressionFile(path), key: key)
    }

    /// Genotypes of a VCF or BCF file.
    public static func genotypes(_ path: String, key: String) -> Input {
      Input(source: .genotypes(path), key: key)
    }

    /// Structures of drugs, in a table with names in the first column.
    public static func smiles(_ path: String, key: String) -> Input { Input(source: .smiles(path), key: key) }

    /// The modality of the records.
    var modality: String {
      switch source {
      case .column, .sequences: SequenceModality.name
      case .expression, .expressionFile: ExpressionModality.name
      case .genotypes: GenotypeModality.name
      case .smiles: SMILESModality.name
      }
    }

    /// The column of sequences in the examples.
    var column: String? {
      if case .column(let name) = source { return name }
      return nil
    }
  }
}

/// The records of one input, as read.
struct StudyRecords {
  let ids: [String]
  let modality: any Modality
  /// Returns the records at some indices, in that order.
  let selecting: ([Int]) -> any Records
  var notes: [String] = []
  /// The column of ids, where the records are in the table of examples.
  var idColumn: String?

  /// Reads an input.
  ///
  /// - Parameters:
  ///   - table: the examples.
  ///   - model: the model for prediction; nil for training.
  init(_ input: Study.Input, _ table: Table?, for model: Model?) throws {
    switch input.source {
    case .column(let name):
      guard let table else { throw JoinError("found no table of examples, expected one with sequences") }
      let id = try LabelledSequences.idColumn(of: table, named: nil, besides: [name])
      let sequences = try table.strings(name).map { Array($0.utf8.filter { $0 > 0x20 }) }
      try self.init(
        ids: id.map { try table.strings($0) } ?? sequences.indices.map { "\($0 + 1)" }, sequences, table.path,
        model)
      idColumn = id ?? "row"
    case .sequences(let path):
      let reader = try SequenceReader(contentsOf: path)
      var (ids, sequences): ([String], [[UInt8]]) = ([], [])
      while let record = try reader.next() {
        ids.append(record.name)
        sequences.append(record.sequence)
      }
      try self.init(ids: ids, sequences, path, model)
    case .expression(let matrix): try self.init(matrix, model)
    case .expressionFile(let path):
      var options = ExpressionMatrix.ReadingOptions()
      options.knownGenes = model?.genes ?? []
      options.knownSamples = try table.map { try $0.hasColumn(input.key) ? $0.strings(input.key) : [] } ?? []
      try self.init(ExpressionMatrix(contentsOf: path, options: options), model)
    case .genotypes(let path):
      if let features = model?.manifest.inputs[0].preparation.base as? GenotypeFeatures {
        let (samples, table, alignment) = try Genotypes.read(
          path, alignedTo: features.sites, leastShare: 0.5, threads: 1)
        self.init(ids: samples, GenotypeModality()) { rows in
          GenotypeRecords(sites: features.sites, table: table.selecting(rows: rows))
        }
        notes = alignment.report(features.missing)
      } else {
        let read = try Genotypes.read(path, panel: nil, threads: 1)
        self.init(ids: read.samples, GenotypeModality()) { rows in
          GenotypeRecords(sites: read.sites, table: read.table.selecting(rows: rows))
        }
      }
    case .smiles(let path):
      let known = model?.manifest.inputs.lazy.compactMap { $0.preparation.base as? SMILESPreparation }.first
      let drugs = try DrugTable(Table(contentsOf: path), tokenizer: known?.tokenizer ?? SMILESTokenizer())
      self.init(ids: drugs.ids, SMILESModality()) { rows in
        DrugTable(ids: rows.map { drugs.ids[$0] }, tokens: rows.map { drugs.tokens[$0] })
      }
      notes = [drugs.report].compactMap { $0 }
    }
  }

  private init(ids: [String], _ modality: any Modality, _ selecting: @escaping ([Int]) -> any Records) {
    (self.ids, self.modality, self.selecting) = (ids, modality, selecting)
  }

  private init(ids: [String], _ sequences: [[UInt8]], _ path: String, _ model: Model?) throws {
    guard !sequences.isEmpty else { throw JoinError("\(path): found no sequence") }
    let alphabet = model?.manifest.sequence?.encoding.alphabet ?? SequenceAlphabet(guessing: sequences)
    for (id, sequence) in zip(ids, sequences) {
      if let model {
        try model.check(sequence, id: id, path: path)
      } else if let (position, byte) = alphabet.firstUnknown(in: sequence) {
        throw JoinError(
          "found \(FormatError.quoted([byte])) at residue \(position + 1) of '\(id)', expected letters of "
            + alphabet.rawValue)
      }
    }
    self.init(ids: ids, SequenceModality(SequenceEncoding(alphabet: alphabet))) { rows in
      SequenceRecords(rows.map { sequences[$0] })
    }
  }

  private init(_ matrix: ExpressionMatrix, _ model: Model?) throws {
    var (matrix, notes) = (matrix, [String]())
    if let model {
      let (aligned, alignment) = try model.align(matrix)
      (matrix, notes) = (aligned, alignment.report)
    }
    let read = matrix
    self.init(ids: read.samples, ExpressionModality()) { rows in
      FeatureTable(names: read.genes, values: rows.flatMap { read.values(ofSample: $0) })
    }
    self.notes = notes
  }
}

extension FeatureTable {
  /// Returns some of the records.
  fileprivate func selecting(rows: [Int]) -> FeatureTable {
    let width = names.count
    return FeatureTable(names: names, values: rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] })
  }
}
