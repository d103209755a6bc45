/// A motif in IUPAC letters, searched in sequences on one strand or both.
///
///     SequenceMotif("TATAWAW")?.isFound(in: Array("GGTATAAATGG".utf8))      // true
///
/// A residue matches a letter if everything that it may stand for does: `N` in a sequence only matches `N`.
/// Case is ignored, and U is T.
package struct SequenceMotif: Sendable {
  /// The alphabets of a motif.
  package enum Alphabet: String, CaseIterable, Sendable {
    /// IUPAC codes of bases.
    case nucleotides = "dna"
    /// Amino acids; X is any, B is D or N, Z is E or Q, J is I or L.
    case protein
  }

  /// The bytes that match at each position.
  private let forward: [[Bool]]
  private let backward: [[Bool]]?

  /// Returns nil for an empty motif, or a letter that is not in the alphabet. Protein has one strand.
  package init?(_ text: String, alphabet: Alphabet = .nucleotides, bothStrands: Bool = true) {
    guard !text.isEmpty else { return nil }
    var positions: [[Bool]] = []
    for letter in text.utf8 {
      guard let matches = alphabet == .nucleotides ? Self.bases(letter) : Self.aminoAcids(letter) else {
        return nil
      }
      positions.append(matches)
    }
    forward = positions
    let reverse = Nucleotide.reverseComplement(Array(text.utf8)).compactMap(Self.bases)
    backward = alphabet == .nucleotides && bothStrands && reverse != positions ? reverse : nil
  }

  private static func bases(_ letter: UInt8) -> [Bool]? {
    let set = Nucleotide.baseSets[Int(letter)]
    if set == 0 { return nil }
    return Nucleotide.baseSets.map { $0 != 0 && $0 & ~set == 0 }
  }

  private static func aminoAcids(_ letter: UInt8) -> [Bool]? {
    guard 0x41...0x5A ~= letter & 0xDF else { return nil }
    let upper = letter & 0xDF
    let groups: [UInt8: String] = [0x42: "BDN", 0x5A: "ZEQ", 0x4A: "JIL"]
    return (0..<256).map { byte in
      guard 0x41...0x5A ~= UInt8(byte) & 0xDF, byte >= 0x41 else { return false }
      let residue = UInt8(byte) & 0xDF
      if upper == 0x58 { return true }
      return residue == upper || groups[upper]?.utf8.contains(residue) == true
    }
  }

  /// Returns whether the motif occurs in a sequence.
  package func isFound(in sequence: [UInt8]) -> Bool {
    isFound(forward, sequence) || backward.map { isFound($0, sequence) } == true
  }

  private func isFound(_ motif: [[Bool]], _ sequence: [UInt8]) -> Bool {
    guard sequence.count >= motif.count else { return false }
    return sequence.withUnsafeBufferPointer { sequence in
      for start in 0...(sequence.count - motif.count) {
        var i = 0
        while i < motif.count, motif[i][Int(sequence[start + i])] { i += 1 }
        if i == motif.count { return true }
      }
      return false
    }
  }
}
