import LigaseDatasets
import LigaseTensors
import TestSupport
import Testing

@Suite struct SequenceEncodingTests {
  private func channels(_ texts: [String], _ alphabet: SequenceAlphabet) -> (values: Tensor, lengths: [Int]) {
    let encoding = SequenceEncoding(alphabet: alphabet)
    guard case .steps(let steps) = encoding.batch(texts.map { Array($0.utf8) }) else {
      return (Tensor([]), [])
    }
    return (steps.values, steps.layout.lengths)
  }

  @Test func aResidueIsAMixtureThatSumsToOne() {
    let (values, lengths) = channels(["ACGTu", "", "rN-b"], .dna)
    #expect(lengths == [5, 0, 4] && values.shape == [9, 4])
    let third: Float = 1 / 3
    let expected: [[Float]] = [
      [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0.5, 0, 0.5, 0],
      [0.25, 0.25, 0.25, 0.25],
      [0, 0, 0, 0], [0, third, third, third],
    ]
    #expect(values.scalars == expected.flatMap { $0 })
    #expect(channels(["ACGU"], .rna).values.scalars == channels(["acgt"], .dna).values.scalars)
  }

  @Test func aminoAcids() {
    let (values, _) = channels(["AYBX*"], .protein)
    #expect(values.shape == [5, 20])
    let rows = (0..<5).map { Array(values.scalars[($0 * 20)..<($0 * 20 + 20)]) }
    #expect(
      rows[0] == [1] + [Float](repeating: 0, count: 19) && rows[1] == [Float](repeating: 0, count: 19) + [1])
    // D and N are the third and the twelfth residue.
    #expect(rows[2].indices.filter { rows[2][$0] == 0.5 } == [2, 11] && rows[2].reduce(0, +) == 1)
    #expect(rows[3].allSatisfy { $0 == 0.05 } && rows[4].allSatisfy { $0 == 0 })
  }

  @Test func wordsAreNumbersInBaseFour() {
    let encoding = SequenceEncoding(alphabet: .dna, tokenLength: 3)
    #expect(encoding.tokenCount == 65)
    func words(_ text: String) -> [Int32] { encoding.words(of: Array(text.utf8)) }
    #expect(words("AAA") == [0] && words("TTT") == [63] && words("ACG") == [6])
    #expect(words("ACGT") == [6, 27] && words("acgu") == [6, 27])
    // A k-mer with an ambiguity code is unknown; k-mers after it are not.
    #expect(words("ACGNACG") == [6, 64, 64, 64, 6] && words("NACG") == [64, 6])
    // A sequence shorter than k is one unknown k-mer; an empty one has no k-mer.
    #expect(words("AC") == [64] && words("") == [])
    #expect(SequenceEncoding(alphabet: .protein, tokenLength: 1).words(of: Array("AYX".utf8)) == [0, 19, 20])
    #expect(SequenceEncoding(alphabet: .protein, tokenLength: 2).words(of: Array("CDE".utf8)) == [22, 43])
  }

  @Test func wordsOfEveryLengthAgreeWithTheirDefinition() {
    var random = SeededGenerator(seed: 5)
    let letters = Array("ACGTN".utf8)
    for k in 1...8 {
      let encoding = SequenceEncoding(alphabet: .dna, tokenLength: k)
      for length in [1, k, k + 1, 40] {
        let sequence = (0..<length).map { _ in letters[Int(random.next(upperBound: UInt64(5)))] }
        var expected: [Int32] = []
        for start in 0..<max(0, length - k + 1) {
          let digits = sequence[start..<(start + k)].map { letters.firstIndex(of: $0)! }
          expected.append(
            digits.contains(4) ? Int32(encoding.tokenCount - 1) : Int32(digits.reduce(0) { $0 * 4 + $1 }))
        }
        if length < k { expected = [Int32(encoding.tokenCount - 1)] }
        #expect(encoding.words(of: sequence) == expected, "k \(k), \(length) residues")
      }
    }
  }

  @Test func aBatchOfTokensIsRagged() {
    let encoding = SequenceEncoding(alphabet: .dna, tokenLength: 2)
    guard case .tokens(let tokens) = encoding.batch(["ACG", "A"].map { Array($0.utf8) }) else {
      Issue.record("no tokens")
      return
    }
    #expect(tokens.elements == [1, 6, 16] && tokens.layout.lengths == [2, 1])
  }

  @Test func whatCannotBeUsedIsSaid() {
    #expect(SequenceEncoding(alphabet: .dna, tokenLength: 8, length: 100).problem == nil)
    #expect(
      SequenceEncoding(alphabet: .protein, tokenLength: 4).problem
        == "found tokens of 4 residues, expected 0 (one-hot) to 3 for protein")
    #expect(SequenceEncoding(alphabet: .dna, tokenLength: 9).problem != nil)
    #expect(SequenceEncoding(alphabet: .dna, tokenLength: -1).problem != nil)
    #expect(SequenceEncoding(alphabet: .dna, length: 0).problem == "found the length 0")
  }

  @Test func trainingTurnsStrandsAndShifts() {
    let texts = (0..<40).map { _ in Array("AACCGT".utf8) }
    func rows(usesBothStrands: Bool, shift: Int) -> [String] {
      var modality = SequenceModality(SequenceEncoding(alphabet: .dna))
      (modality.usesBothStrands, modality.shift) = (usesBothStrands, shift)
      let encoded = modality.fit(SequenceRecords(texts), rows: [0], observed: nil).encoded
      #expect(encoded.viewCount == (usesBothStrands ? 2 : 1))
      guard case .steps(let steps) = encoded.trainingBatch(Array(0..<40), key: { 1 }) else { return [] }
      let letters = Array("ACGT"), values = steps.values.scalars
      return (0..<40).map { i in
        String(
          (0..<6).map { step -> Character in
            let row = Array(values[((i * 6 + step) * 4)..<((i * 6 + step) * 4 + 4)])
            if row[0] == 0.25 { return "N" }
            return letters[row.firstIndex(of: 1)!]
          })
      }
    }
    #expect(Set(rows(usesBothStrands: false, shift: 0)) == ["AACCGT"])
    let turned = rows(usesBothStrands: true, shift: 0)
    #expect(Set(turned) == ["AACCGT", "ACGGTT"])
    let share = turned.count { $0 == "ACGGTT" }
    #expect(share > 8 && share < 32)
    let shifted = rows(usesBothStrands: false, shift: 2)
    #expect(Set(shifted) == ["AACCGT", "NAACCG", "NNAACC", "ACCGTN", "CCGTNN"])
    #expect(shifted == rows(usesBothStrands: false, shift: 2))
  }

  /// Proteins have one strand, whatever the option.
  @Test func viewsAreStrands() {
    for (alphabet, views) in [(SequenceAlphabet.dna, 2), (.protein, 1)] {
      var modality = SequenceModality(SequenceEncoding(alphabet: alphabet))
      modality.usesBothStrands = true
      let encoded = modality.fit(SequenceRecords([Array("AACG".utf8)]), rows: [0], observed: nil).encoded
      #expect(encoded.viewCount == views && encoded.weight(of: 0) == 4)
    }
  }
}
