import LigaseGenomics
import LigaseTensors

/// Sequences of residues.
package struct SequenceModality: Modality {
  package static let name = "sequence"
  package static let axes = 1
  /// The alphabet.
  package var alphabet = SequenceAlphabet.dna
  /// 0 for one-hot channels, k for tokens of k residues.
  package var tokenLength = 0
  /// Whether both strands of a nucleic sequence are used: half of the training sequences are
  /// reverse-complemented, and predictions are averages over both strands.
  package var usesBothStrands = false
  /// The largest random shift of training sequences, in residues.
  package var shift = 0

  package init() {}

  package init(_ encoding: SequenceEncoding) {
    (alphabet, tokenLength) = (encoding.alphabet, encoding.tokenLength)
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: SequencePreparation, encoded: any EncodedRecords
  ) {
    let sequences = (records as! SequenceRecords).sequences
    let lengths = Set(sequences.lazy.map(\.count))
    let preparation = SequencePreparation(
      encoding: SequenceEncoding(
        alphabet: alphabet, tokenLength: tokenLength, length: lengths.count == 1 ? lengths.first : nil),
      usesBothStrands: usesBothStrands && alphabet.isNucleic)
    return (preparation, preparation.encode(sequences, shift: shift))
  }

  package var problem: String? {
    if shift < 0 { return "shift must be at least 0 (got \(shift))" }
    return SequenceEncoding(alphabet: alphabet, tokenLength: tokenLength).problem
  }
}

/// The sequences as read.
package struct SequenceRecords: Records {
  package var sequences: [[UInt8]]

  package init(_ sequences: [[UInt8]]) { self.sequences = sequences }

  package var count: Int { sequences.count }
  package func selecting(_ rows: [Int]) -> SequenceRecords { SequenceRecords(rows.map { sequences[$0] }) }
  package func add(to digest: inout some ContentDigest) {
    for sequence in sequences { digest.add(bytes: sequence) }
  }
  package func content(of record: Int) -> String? {
    String(decoding: sequences[record], as: UTF8.self).uppercased()
  }
  package var stepColumns: [String] { ["position", "residue"] }
  package func stepCount(of record: Int) -> Int { sequences[record].count }
  package func stepFields(of record: Int, step: Int) -> [String] {
    ["\(step + 1)", String(decoding: CollectionOfOne(sequences[record][step]), as: UTF8.self)]
  }
}

/// The encoding of sequences as channels or tokens, stored in the model.
package struct SequencePreparation: Preparation {
  package static let modality = SequenceModality.name
  /// The alphabet, the token length, and the common length of the training sequences.
  package var encoding: SequenceEncoding
  /// Whether predictions are averages over both strands.
  package var usesBothStrands: Bool

  package init(encoding: SequenceEncoding, usesBothStrands: Bool) {
    (self.encoding, self.usesBothStrands) = (encoding, usesBothStrands)
  }

  package func encode(_ records: any Records) -> any EncodedRecords {
    encode((records as! SequenceRecords).sequences, shift: 0)
  }

  func encode(_ sequences: [[UInt8]], shift: Int) -> EncodedSequences {
    EncodedSequences(
      sequences: sequences, encoding: encoding, usesBothStrands: usesBothStrands, shift: shift)
  }

  package var shape: InputShape {
    InputShape(
      steps: encoding.channels, tokens: encoding.tokenLength > 0 ? encoding.tokenCount : 0,
      length: encoding.length.map { max(1, $0 - max(encoding.tokenLength, 1) + 1) })
  }

  package var problem: String? { encoding.problem }

  package var summary: [(name: String, value: String)] {
    [
      ("alphabet", encoding.alphabet.rawValue),
      (
        "encoding",
        encoding.tokenLength == 0
          ? "one-hot, \(encoding.channels) channels"
          : "an embedding of \(encoding.tokenCount) k-mers of length \(encoding.tokenLength)"
      ),
      ("strands", usesBothStrands ? "both" : "one"),
    ]
  }
}

/// Sequences that are encoded when a batch is made.
package struct EncodedSequences: EncodedRecords {
  package let sequences: [[UInt8]]
  let encoding: SequenceEncoding
  let usesBothStrands: Bool
  let shift: Int

  package var count: Int { sequences.count }
  package func weight(of record: Int) -> Int { max(1, sequences[record].count) }
  package var viewCount: Int { usesBothStrands ? 2 : 1 }

  package func batch(_ records: [Int], view: Int) -> InputBatch {
    encoding.batch(
      records.map {
        view == 0
          ? sequences[$0] : Nucleotide.reverseComplement(sequences[$0], isRNA: encoding.alphabet == .rna)
      }, sharesEqualSteps: true)
  }

  /// Returns steps, which are residues.
  package func window(_ records: [Int], steps: Range<Int>) -> InputBatch {
    encoding.batch(
      records.map { record in
        let sequence = sequences[record]
        return Array(sequence[min(steps.lowerBound, sequence.count)..<min(steps.upperBound, sequence.count)])
      })
  }

  package func stepCount(of record: Int) -> Int { sequences[record].count }

  package func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch {
    var batch = records.map { sequences[$0] }
    if usesBothStrands || shift > 0 {
      var augmentation = SequenceAugmentation(
        usesBothStrands: usesBothStrands, shift: shift, using: SeededGenerator(seed: key()))
      for i in batch.indices { augmentation.apply(to: &batch[i], encoding.alphabet) }
    }
    return encoding.batch(batch)
  }
}
