/// Nucleotides as ASCII letters: IUPAC codes (Cornish-Bowden, 1985), either case.
public enum Nucleotide {
  /// The complement of every byte: IUPAC codes in their own case (U becomes A), everything else itself.
  public static let complements: [UInt8] = {
    var table = (0...255).map { UInt8($0) }
    let letters = Array("ATCGRYKMBVDH".utf8)
    for i in stride(from: 0, to: letters.count, by: 2) {
      for (a, b) in [(letters[i], letters[i + 1]), (letters[i + 1], letters[i])] {
        table[Int(a)] = b
        table[Int(a) | 0x20] = b | 0x20
      }
    }
    table[Int(UInt8(ascii: "U"))] = UInt8(ascii: "A")
    table[Int(UInt8(ascii: "u"))] = UInt8(ascii: "a")
    return table
  }()

  /// For every byte the bases it may stand for, as bits: A 1, C 2, G 4, T and U 8; 0 for all that is no code.
  public static let baseSets: [UInt8] = {
    var table = [UInt8](repeating: 0, count: 256)
    let codes: [(Unicode.Scalar, UInt8)] = [
      ("A", 1), ("C", 2), ("G", 4), ("T", 8), ("U", 8), ("R", 5), ("Y", 10), ("S", 6), ("W", 9), ("K", 12),
      ("M", 3),
      ("B", 14), ("D", 13), ("H", 11), ("V", 7), ("N", 15),
    ]
    for (letter, set) in codes {
      table[Int(letter.value)] = set
      table[Int(letter.value) | 0x20] = set
    }
    return table
  }()

  /// The reverse complement of a sequence; that of RNA is RNA (A becomes U) where `isRNA` is set.
  public static func reverseComplement(_ sequence: [UInt8], isRNA: Bool = false) -> [UInt8] {
    let count = sequence.count
    return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      complements.withUnsafeBufferPointer { complements in
        sequence.withUnsafeBufferPointer { source in
          for i in 0..<count { target[i] = complements[Int(source[count &- 1 &- i])] }
        }
      }
      // T and t become U and u, the letters that follow them.
      if isRNA { for i in 0..<count where target[i] | 0x20 == 0x74 { target[i] += 1 } }
      filled = count
    }
  }
}
