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
    // Batches hold about the same work, and each is one thread's; what they give does not depend on the threads.
    var batches: [Range<Int>] = []
    var at = 0
    while at < rows.count {
      var (end, load) = (at, 0)
      while end < rows.count, end - at < 256, end == at || load + inputs.weight(of: rows[end]) <= 1 << 13 {
        load += inputs.weight(of: rows[end])
        end += 1
      }
      batches.append(at..<end)
      at = end
    }
    let shares = batches
    var results = [Tensor?](repeating: nil, count: shares.count)
    results.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      ThreadTeam.current.forEachShare(shares.count) { slots[$0] = outputs(inputs, Array(rows[shares[$0]])) }
    }
    return results.flatMap { $0!.scalars }
  }

  /// The network's word on a batch; the mean over both strands where the model says so.
  private func outputs(_ inputs: EncodedInputs, _ rows: [Int]) -> Tensor {
    let forward = network.predict(inputs.batch(rows, sharesEqualSteps: true), manifest.target)
    guard manifest.usesBothStrands, case .sequences(let sequences, let encoding) = inputs else {
      return forward
    }
    let turned = rows.map { Nucleotide.reverseComplement(sequences[$0], isRNA: encoding.alphabet == .rna) }
    return (forward + network.predict(encoding.batch(turned, sharesEqualSteps: true), manifest.target)) / 2
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
      let kind = manifest.options.architecture.kind
      throw FormatError(
        .badData, path: path, line: line,
        "found \(sequence.count) residues in \(FormatError.quoted(id)), expected \(length): the model was trained on "
          + "sequences of that length" + (kind.isDense ? "" : " (hasLinearPath false trains one for any)"))
    }
    if sequence.isEmpty {
      throw FormatError(
        .badData, path: path, line: line, "found no residue in \(FormatError.quoted(id)), expected a sequence"
      )
    }
  }
}
