import LigaseDatasets
import LigaseFormats

/// The output table of in-silico mutagenesis.
package struct MutagenesisTable {
  /// The layout of the table.
  package enum Form: Sendable {
    /// A row for each mutation.
    case rows
    /// A row for each position and a column for each residue: the differences of one output, nil for the
    /// last.
    case matrix(String?)
  }

  private let model: Model
  private let writer: TSVWriter
  private let matrixOutput: Int?
  /// The alphabet of the model.
  package let alphabet: SequenceAlphabet

  /// Writes the header.
  ///
  /// - Throws: `TrainingError` for a model of another task, or an unknown output.
  package init(_ model: Model, output form: Form, to file: OutputFile) throws {
    guard let encoding = model.wholeSequences else {
      throw TrainingError("\(model.spokenKind); mutate needs a sequence model")
    }
    self.model = model
    alphabet = encoding.alphabet
    let names = model.outputNames
    switch form {
    case .rows:
      matrixOutput = nil
      writer = try TSVWriter(
        file,
        columns: ["id", "position", "reference", "alternate"]
          + names.flatMap { ["reference:\($0)", "alternate:\($0)", "difference:\($0)"] })
    case .matrix(let name):
      guard let index = name.map({ names.firstIndex(of: $0) }) ?? names.count - 1 else {
        throw TrainingError(
          "found no output '\(name ?? "")' of the model, expected \(FormatError.list(names))")
      }
      matrixOutput = index
      writer = try TSVWriter(
        file,
        columns: ["id", "position", "reference"]
          + encoding.alphabet.residues.map { String(UnicodeScalar($0)) })
    }
  }

  /// Writes the mutations of one sequence.
  package func write(_ id: String, _ sequence: [UInt8], _ mutations: [Mutagenesis.Mutation]) throws {
    let effects = Mutagenesis.effects(of: mutations, on: sequence, by: model)
    guard let matrixOutput else {
      for (mutation, effect) in zip(mutations, effects) {
        try writer.field(id)
        writer.field(mutation.position)
        try writer.field(mutation.reference.isEmpty ? [0x2D] : mutation.reference)
        try writer.field(mutation.alternate.isEmpty ? [0x2D] : mutation.alternate)
        for t in effect.reference.indices {
          writer.field(effect.reference[t])
          writer.field(effect.alternate[t])
          writer.field(effect.difference(t))
        }
        try writer.endRow()
      }
      return
    }
    var at = 0
    for (i, residue) in sequence.enumerated() {
      try writer.field(id)
      writer.field(i + 1)
      try writer.field([residue])
      for other in alphabet.residues {
        if at < mutations.count, mutations[at].position == i + 1, mutations[at].alternate == [other] {
          writer.field(effects[at].difference(matrixOutput))
          at += 1
        } else {
          writer.field(0)
        }
      }
      try writer.endRow()
    }
  }
}

extension Mutagenesis {
  /// Returns the mutations of a list, checked against a sequence.
  ///
  /// - Throws: `FormatError` with the line number where a position is beyond the sequence, its residues are
  ///   others, or an allele contains a letter that is not in the alphabet.
  package static func checked(
    _ listed: [(mutation: Mutation, line: Int)], on sequence: [UInt8], alphabet: SequenceAlphabet,
    path: String
  ) throws -> [Mutation] {
    let sets = alphabet.residueSets
    return try listed.map { mutation, line in
      func failure(_ message: String) -> FormatError {
        FormatError(.badData, path: path, line: line, message)
      }
      guard mutation.position >= 1, mutation.position - 1 <= sequence.count,
        mutation.reference.count <= sequence.count - (mutation.position - 1)
      else {
        throw failure(
          "found position \(mutation.position), expected one within the \(sequence.count) residues")
      }
      let start = mutation.position - 1
      let found = sequence[start..<start + mutation.reference.count]
      guard alphabet.areSame(found, mutation.reference) else {
        throw failure(
          "found reference \(FormatError.quoted(mutation.reference)), expected \(FormatError.quoted(found)), which stands "
            + "there")
      }
      if let letter = mutation.alternate.first(where: { sets[Int($0)] == 0 }) {
        throw failure(
          "found \(FormatError.quoted([letter])) in alternate \(FormatError.quoted(mutation.alternate)), expected "
            + "letters of \(alphabet.rawValue)")
      }
      return mutation
    }
  }
}
