import LigaseGenomics
import LigaseTensors

/// Random changes of training sequences that keep their meaning: reverse complements and small shifts.
package struct SequenceAugmentation: Sendable {
  private let usesBothStrands: Bool
  private let shift: Int
  private var random: SeededGenerator

  /// - Parameters:
  ///   - usesBothStrands: whether half of the sequences are reverse-complemented.
  ///   - shift: the largest shift in residues in either direction; unknown residues (`N`, `X`) fill the gap.
  package init(usesBothStrands: Bool, shift: Int, using random: SeededGenerator) {
    self.usesBothStrands = usesBothStrands
    self.shift = shift
    self.random = random
  }

  /// Changes one sequence.
  mutating func apply(to sequence: inout [UInt8], _ alphabet: SequenceAlphabet) {
    if usesBothStrands, random.next() & 1 == 1 {
      sequence = Nucleotide.reverseComplement(sequence, isRNA: alphabet == .rna)
    }
    let most = min(shift, sequence.count)
    guard most > 0 else { return }
    let move = Int(random.next(upperBound: UInt64(2 * most + 1))) - most
    let filler = [UInt8](repeating: UInt8(ascii: alphabet == .protein ? "X" : "N"), count: abs(move))
    sequence = move >= 0 ? filler + sequence.dropLast(move) : Array(sequence.dropFirst(-move)) + filler
  }
}
