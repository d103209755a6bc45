import LigaseDatasets

/// Examples of one input, for tests.
extension Examples {
  var ids: [String] { inputs[0].ids }
  var idColumn: String { inputs[0].keyColumn }
  /// The encoding of the only input's sequences.
  var encoding: SequenceEncoding {
    let modality = inputs[0].modality.base as! SequenceModality
    return SequenceEncoding(alphabet: modality.alphabet, tokenLength: modality.tokenLength)
  }
}
