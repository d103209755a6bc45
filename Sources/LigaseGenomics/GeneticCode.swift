/// A genetic code of NCBI's list, by its number: 1 standard, 2 vertebrate mitochondrial, 11 bacterial, …
///
/// Source: NCBI, "The Genetic Codes" (Elzanowski and Ostell). Amino acids are in the order of the codons
/// TTT, TTC, TTA, TTG, TCT, … GGG, `*` for a stop.
///
/// ```swift
/// let standard = GeneticCode(number: 1)!
/// String(decoding: standard.translate(Array("ATGGCCTAA".utf8)), as: UTF8.self)  // MA*
/// ```
public struct GeneticCode: Equatable, Sendable {
  /// The number in NCBI's list.
  package let number: Int
  private let aminoAcids: [UInt8]

  /// Creates the code of this number, nil if it is not in NCBI's list.
  public init?(number: Int) {
    guard let letters = GeneticCode.tables[number] else { return nil }
    self.number = number
    aminoAcids = Array(letters.utf8)
  }

  /// The numbers in NCBI's list.
  package static var numbers: [Int] { tables.keys.sorted() }

  /// Returns the translation of `sequence` from its first base; one or two bases at the end are ignored.
  ///
  /// A codon with ambiguous bases gives the amino acid on which all its interpretations agree, else `X`; a
  /// codon with a gap or another character that is not a base gives `X`, three gaps give `-`.
  public func translate(_ sequence: [UInt8]) -> [UInt8] {
    var protein: [UInt8] = []
    protein.reserveCapacity(sequence.count / 3)
    for i in stride(from: 0, to: sequence.count - 2, by: 3) {
      protein.append(aminoAcid(sequence[i], sequence[i + 1], sequence[i + 2]))
    }
    return protein
  }

  /// Returns the amino acid of one codon.
  package func aminoAcid(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt8 {
    let sets = Nucleotide.baseSets
    let (a, b, c) = (sets[Int(first)], sets[Int(second)], sets[Int(third)])
    if a == 0 || b == 0 || c == 0 {
      return first == 0x2D && second == 0x2D && third == 0x2D ? 0x2D : 0x58
    }
    var found: UInt8?
    for i in 0..<4 where a & GeneticCode.bits[i] != 0 {
      for j in 0..<4 where b & GeneticCode.bits[j] != 0 {
        for k in 0..<4 where c & GeneticCode.bits[k] != 0 {
          let letter = aminoAcids[16 * i + 4 * j + k]
          if found != nil && found != letter { return 0x58 }
          found = letter
        }
      }
    }
    return found ?? 0x58
  }

  /// The bits in `Nucleotide.baseSets` of T, C, A and G, the order of the tables.
  private static let bits: [UInt8] = [8, 2, 1, 4]

  private static let tables: [Int: String] = [
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
    3: "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    4: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    5: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
    6: "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    9: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
    10: "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    11: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    12: "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    13: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
    14: "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
    15: "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    16: "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    21: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
    22: "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    23: "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    24: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
    25: "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    26: "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    27: "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    28: "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    29: "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    30: "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    31: "FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    32: "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    33: "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
  ]
}
