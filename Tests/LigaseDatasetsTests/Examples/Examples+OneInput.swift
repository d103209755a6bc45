import LigaseDatasets

/// Examples of one input, as tests look at them.
extension Examples {
  var ids: [String] { inputs[0].ids }
  var idColumn: String { inputs[0].keyColumn }
  /// How the only input's sequences would be encoded.
  var encoding: SequenceEncoding {
    let modality = inputs[0].modality.base as! SequenceModality
    return SequenceEncoding(alphabet: modality.alphabet, tokenLength: modality.tokenLength)
  }
}
