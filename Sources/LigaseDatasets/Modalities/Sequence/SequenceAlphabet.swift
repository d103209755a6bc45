import LigaseGenomics

/// An alphabet of sequences, and the meaning of its letters for a network.
///
/// A letter is a mixture of the alphabet's residues with the sum 1: `A` is one residue, an ambiguity code
/// (IUPAC, Cornish-Bowden 1985 and the amino-acid codes of IUPAC-IUB 1984) is an even mixture of the residues
/// it stands for, and a gap or stop is all zeros. Lower case (soft masking) is read as upper case.
package enum SequenceAlphabet: String, Codable, CaseIterable, Sendable {
  /// `ACGT`; `U` is read as `T`.
  case dna
  /// `ACGU`; `T` is read as `U`.
  case rna
  /// The twenty amino acids.
  case protein

  /// The residues, in the order of the channels.
  package var residues: [UInt8] {
    switch self {
    case .dna: Array("ACGT".utf8)
    case .rna: Array("ACGU".utf8)
    case .protein: Array("ACDEFGHIKLMNPQRSTVWY".utf8)
    }
  }

  /// The number of residues: 4 or 20.
  package var count: Int { self == .protein ? 20 : 4 }

  /// Whether a sequence has a reverse complement.
  package var isNucleic: Bool { self != .protein }

  /// Returns a letter as in `residues`: in upper case, with `T` or `U` as in the alphabet.
  package func canonical(_ letter: UInt8) -> UInt8 {
    let upper = 0x61...0x7A ~= letter ? letter & 0xDF : letter
    return switch (self, upper) {
    case (.dna, UInt8(ascii: "U")): UInt8(ascii: "T")
    case (.rna, UInt8(ascii: "T")): UInt8(ascii: "U")
    default: upper
    }
  }

  /// Returns whether two texts are the same residues, ignoring case and the difference between T and U.
  package func areSame(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { canonical($0) == canonical($1) }
  }

  /// The residues that each byte may stand for, one bit each; 0 for a byte that is not a letter of the
  /// alphabet.
  package var residueSets: [UInt32] { self == .protein ? Self.proteinSets : Self.nucleicSets }

  /// The bytes that are valid but not residues: gaps and, in proteins, stops.
  package var placeholders: [UInt8] { Array((self == .protein ? "-.*" : "-.").utf8) }

  private static let nucleicSets: [UInt32] = Nucleotide.baseSets.map { UInt32($0) }

  private static let proteinSets: [UInt32] = {
    let letters = Array("ACDEFGHIKLMNPQRSTVWY")
    var table = [UInt32](repeating: 0, count: 256)
    func set(_ letter: Character, _ meaning: String) {
      let bits = meaning.reduce(UInt32(0)) { $0 | 1 << UInt32(letters.firstIndex(of: $1)!) }
      table[Int(letter.asciiValue!)] = bits
      table[Int(letter.asciiValue!) | 0x20] = bits
    }
    for letter in letters { set(letter, String(letter)) }
    // B, Z and J are pairs; selenocysteine is read as cysteine, pyrrolysine as lysine; X is any residue.
    for (letter, meaning) in [
      ("B", "DN"), ("Z", "EQ"), ("J", "IL"), ("U", "C"), ("O", "K"), ("X", String(letters)),
    ] { set(Character(letter), meaning) }
    return table
  }()

  /// Detects the alphabet of sequences: nucleic where at least nine letters in ten are `ACGTUN`, RNA if they
  /// contain `U` but no `T`.
  package init(guessing sequences: some Sequence<[UInt8]>) {
    var counts = [Int](repeating: 0, count: 256)
    for sequence in sequences.prefix(1000) { for byte in sequence { counts[Int(byte & 0xDF)] += 1 } }
    let letters = (0x41...0x5A).reduce(0) { $0 + counts[$1] }
    let core = "ACGTUN".utf8.reduce(0) { $0 + counts[Int($1)] }
    if core * 10 < letters * 9 {
      self = .protein
    } else {
      self = counts[0x55] > 0 && counts[0x54] == 0 ? .rna : .dna
    }
  }

  /// Returns the first byte that is not a letter of the alphabet, if any.
  package func firstUnknown(in sequence: [UInt8]) -> (position: Int, byte: UInt8)? {
    let sets = residueSets, holders = placeholders
    return sequence.firstIndex { sets[Int($0)] == 0 && !holders.contains($0) }.map { ($0, sequence[$0]) }
  }
}
