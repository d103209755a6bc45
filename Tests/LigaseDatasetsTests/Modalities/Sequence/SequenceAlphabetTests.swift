import LigaseDatasets
import Testing

@Suite struct SequenceAlphabetTests {
  /// The residues that a letter may stand for.
  private func meaning(_ letter: Character, _ alphabet: SequenceAlphabet) -> String {
    let bits = alphabet.residueSets[Int(letter.asciiValue!)]
    return String(
      decoding: alphabet.residues.enumerated().filter { bits >> UInt32($0.offset) & 1 == 1 }.map(\.element),
      as: UTF8.self)
  }

  /// Cornish-Bowden, 1985.
  @Test func ambiguityCodesOfNucleotides() {
    for (letter, expected) in [
      ("A", "A"), ("C", "C"), ("G", "G"), ("T", "T"), ("U", "T"), ("R", "AG"), ("Y", "CT"), ("S", "CG"),
      ("W", "AT"),
      ("K", "GT"), ("M", "AC"), ("B", "CGT"), ("D", "AGT"), ("H", "ACT"), ("V", "ACG"), ("N", "ACGT"),
      ("E", ""),
      ("-", ""), ("X", ""),
    ] as [(Character, String)] {
      if letter != "X" {
        #expect(meaning(letter, .dna) == expected, "\(letter)")
        #expect(meaning(letter, .rna) == expected.replacing("T", with: "U"), "\(letter)")
      }
      guard letter.isLetter else { continue }
      let small = Character(letter.lowercased())
      #expect(meaning(small, .dna) == meaning(letter, .dna), "\(small)")
    }
  }

  @Test func codesOfAminoAcids() {
    for letter in "ACDEFGHIKLMNPQRSTVWY" { #expect(meaning(letter, .protein) == String(letter)) }
    for (letter, expected) in [
      ("B", "DN"), ("Z", "EQ"), ("J", "IL"), ("U", "C"), ("O", "K"), ("X", "ACDEFGHIKLMNPQRSTVWY"),
      ("x", "ACDEFGHIKLMNPQRSTVWY"),
      ("b", "DN"), ("w", "W"), ("*", ""), ("-", ""), ("1", ""),
    ] as [(Character, String)] { #expect(meaning(letter, .protein) == expected, "\(letter)") }
  }

  @Test func countsAndStrands() {
    #expect(
      SequenceAlphabet.allCases.map(\.count) == [4, 4, 20]
        && SequenceAlphabet.allCases.map(\.residues.count) == [4, 4, 20])
    #expect(SequenceAlphabet.allCases.map(\.isNucleic) == [true, true, false])
  }

  @Test func theAlphabetIsFoundOut() {
    func guess(_ texts: String...) -> SequenceAlphabet {
      SequenceAlphabet(guessing: texts.map { Array($0.utf8) })
    }
    #expect(guess("ACGT", "acgtn") == .dna)
    #expect(guess("ACGU") == .rna && guess("acgu") == .rna)
    #expect(guess("ACGU", "ACGT") == .dna)
    #expect(guess("MKVLAT") == .protein)
    // One letter in ten may be another code, and no more.
    #expect(guess("ACGTACGTAR") == .dna && guess("ACGTACGTRR") == .protein)
    // Letters that both have.
    #expect(guess("GATTACA") == .dna)
    #expect(guess("ACG") == .dna && guess("AC-GT..") == .dna)
  }

  @Test func unknownLettersHaveTheirPlace() {
    func first(_ text: String, _ alphabet: SequenceAlphabet) -> String? {
      alphabet.firstUnknown(in: Array(text.utf8)).map {
        "\($0.position) \(Character(UnicodeScalar($0.byte)))"
      }
    }
    #expect(first("ACGTNRYacgtu-.", .dna) == nil && first("", .dna) == nil)
    #expect(first("ACGE", .dna) == "3 E" && first("AC*", .rna) == "2 *" && first("AC GT", .dna) == "2  ")
    #expect(first("MKV*-.BZXJUO", .protein) == nil && first("MK1V2", .protein) == "2 1")
  }
}
