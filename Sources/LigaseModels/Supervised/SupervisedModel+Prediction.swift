import LigaseDatasets
import LigaseFormats
import LigaseGenomics
import LigaseTensors

extension SupervisedModel {
  /// Predictions of some examples: K numbers each, or K for each residue.
  ///
  /// For classes and labels they are probabilities; values are in the unit of the training data.
  public func predict(_ inputs: EncodedInputs) -> [Float] { predict(inputs, rows: Array(0..<inputs.count)) }

  /// Predictions of the chosen examples, in their order.
  public func predict(_ inputs: EncodedInputs, rows: [Int]) -> [Float] {
    var result = scaled(inputs, rows: rows)
    let k = manifest.target.count
    if case .values(let scales) = manifest.target {
      for i in result.indices { result[i] = result[i] * scales[i % k].deviation + scales[i % k].mean }
    }
    return result
  }

  /// Predictions of the chosen examples, values in units of their deviation.
  func scaled(_ inputs: EncodedInputs, rows: [Int]) -> [Float] {
    var result: [Float] = []
    var at = 0
    while at < rows.count {
      // A batch holds many short examples or a few long ones.
      var (end, load) = (at, 0)
      while end < rows.count, end - at < 512, end == at || load + inputs.weight(of: rows[end]) <= 1 << 15 {
        load += inputs.weight(of: rows[end])
        end += 1
      }
      result += outputs(inputs, Array(rows[at..<end])).scalars
      at = end
    }
    return result
  }

  /// The network's word on a batch; the mean over both strands where the model says so.
  private func outputs(_ inputs: EncodedInputs, _ rows: [Int]) -> Tensor {
    let forward = network.predict(inputs.batch(rows), manifest.target)
    guard manifest.usesBothStrands, case .sequences(let sequences, let encoding) = inputs else { return forward }
    let turned = rows.map { Nucleotide.reverseComplement(sequences[$0], isRNA: encoding.alphabet == .rna) }
    return (forward + network.predict(encoding.batch(turned), manifest.target)) / 2
  }

  /// Throws where a sequence cannot be read by this model: another length, or a letter of no meaning.
  public func check(_ sequence: [UInt8], id: String, path: String, line: Int? = nil) throws {
    guard case .sequence(let encoding) = manifest.features else { return }
    if let (position, byte) = encoding.alphabet.firstUnknown(in: sequence) {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(FormatError.quoted([byte])) at residue \(position + 1) of \(FormatError.quoted(id)), expected "
          + "letters of \(encoding.alphabet.rawValue)")
    }
    if manifest.needsEqualLengths, let length = encoding.length, sequence.count != length {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(sequence.count) residues in \(FormatError.quoted(id)), expected \(length): the model was trained on "
          + "sequences of that length")
    }
    if sequence.isEmpty {
      throw FormatError(
        .badData, path: path, line: line, "found no residue in \(FormatError.quoted(id)), expected a sequence")
    }
  }
}
