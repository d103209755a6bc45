import LigaseDatasets
import LigaseFormats

extension Study {
  /// An input of a study: the source of the records, and the column of the examples that names the record of
  /// each.
  public struct Input: Sendable {
    enum Source: Sendable {
      case column(String)
      case expression(ExpressionMatrix)
      case file(String, modality: String)
    }

    let source: Source
    let key: String

    /// Sequences in a column of the examples.
    public static func sequences(column: String) -> Input { Input(source: .column(column), key: "") }

    /// Sequences of a FASTA or FASTQ file.
    public static func sequences(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: SequenceModality.name), key: key)
    }

    /// Profiles of gene expression.
    public static func expression(_ matrix: ExpressionMatrix, key: String) -> Input {
      Input(source: .expression(matrix), key: key)
    }

    /// Profiles of gene expression in a file.
    public static func expression(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: ExpressionModality.name), key: key)
    }

    /// Genotypes of a VCF or BCF file.
    public static func genotypes(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: GenotypeModality.name), key: key)
    }

    /// Structures of drugs, in a table with names in the first column.
    public static func smiles(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: SMILESModality.name), key: key)
    }

    /// Values over time, in a long table with a row a step.
    public static func series(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: SeriesModality.name), key: key)
    }

    /// Columns of a clinical table: numbers and categories.
    public static func table(_ path: String, key: String) -> Input {
      Input(source: .file(path, modality: ClinicalModality.name), key: key)
    }

    /// The modality of the records.
    var modality: String {
      switch source {
      case .column: SequenceModality.name
      case .expression: ExpressionModality.name
      case .file(_, let modality): modality
      }
    }

    /// The column of sequences in the examples.
    var column: String? {
      if case .column(let name) = source { return name }
      return nil
    }
  }
}

extension Study {
  /// The names of inputs: their modalities, numbered from the second of one modality on.
  static func names(of inputs: [Input]) -> [String] {
    inputs.indices.map { i in
      let modality = inputs[i].modality, before = inputs[..<i].count { $0.modality == modality }
      return before == 0 ? modality : modality + "\(before + 1)"
    }
  }
}

/// The records of one input, as read.
struct StudyRecords {
  let read: ReadInput
  /// The column of ids, where the records stand in the examples themselves.
  var idColumn: String?

  /// Reads an input.
  ///
  /// - Parameters:
  ///   - table: the examples.
  ///   - labels: columns that are never features.
  ///   - preparation: the preparation of the model that is to predict them; nil for training.
  init(_ input: Study.Input, _ table: Table?, as preparation: (any Preparation)?, labels: [String]) throws {
    func file(_ path: String) throws -> InputFile {
      var file = InputFile(path: path, key: input.key)
      file.possibleIDs = try table.map { try $0.hasColumn(input.key) ? $0.strings(input.key) : [] } ?? []
      file.excluded = Set(labels)
      return file
    }
    switch input.source {
    case .column(let name):
      guard let table else { throw JoinError("found no table of examples, expected one with sequences") }
      let id = try LabelledSequences.idColumn(of: table, named: nil, besides: [name])
      let sequences = try table.strings(name).map { Array($0.utf8.filter { $0 > 0x20 }) }
      read = try SequenceModality.read(
        id.map { try table.strings($0) } ?? sequences.indices.map { "\($0 + 1)" }, sequences,
        path: table.path,
        as: preparation)
      idColumn = id ?? "row"
    case .expression(let matrix):
      read = try ExpressionModality.read(matrix, InputFile(path: nil), as: preparation)
    case .file(let path, let modality):
      read = try Modalities.named(modality)!.read(file(path), as: preparation)
    }
  }
}
