import LigaseFormats

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
