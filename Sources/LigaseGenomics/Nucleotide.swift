/// Nucleotides as ASCII letters: IUPAC codes (Cornish-Bowden, 1985), either case.
///
/// ```swift
/// String(decoding: Nucleotide.reverseComplement(Array("GATTACA".utf8)), as: UTF8.self)  // TGTAATC
/// ```
public enum Nucleotide {
  /// The complement of every byte: IUPAC codes in their own case (U becomes A); other bytes are unchanged.
  package static let complements: [UInt8] = {
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

  /// The bases that every byte may stand for, as bits: A 1, C 2, G 4, T and U 8; 0 for a byte that is not a
  /// code.
  package static let baseSets: [UInt8] = {
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

  /// Returns the reverse complement of a sequence; that of RNA is RNA (A becomes U) where `isRNA` is set.
  public static func reverseComplement(_ sequence: [UInt8], isRNA: Bool = false) -> [UInt8] {
    var result = sequence
    reverseComplement(inPlace: &result, isRNA: isRNA)
    return result
  }

  /// Replaces a sequence by its reverse complement; that of RNA is RNA (A becomes U) where `isRNA` is set.
  package static func reverseComplement(inPlace sequence: inout [UInt8], isRNA: Bool = false) {
    sequence.withUnsafeMutableBufferPointer { text in
      guard let base = text.baseAddress else { return }
      let raw = UnsafeMutableRawPointer(base)
      var low = 0
      var high = text.count
      // Words of eight bytes from both ends are exchanged and reversed; the result is complemented while in
      // the cache.
      while high &- low >= 4096 {
        let (firstLow, lastHigh) = (low, high)
        for _ in 0..<128 {
          high &-= 8
          let front = raw.loadUnaligned(fromByteOffset: low, as: UInt64.self)
          let back = raw.loadUnaligned(fromByteOffset: high, as: UInt64.self)
          raw.storeBytes(of: back.byteSwapped, toByteOffset: low, as: UInt64.self)
          raw.storeBytes(of: front.byteSwapped, toByteOffset: high, as: UInt64.self)
          low &+= 8
        }
        complement(base + firstLow, low &- firstLow)
        complement(base + high, lastHigh &- high)
      }
      let (first, last) = (low, high)
      while low < high {
        high &-= 1
        (base[low], base[high]) = (base[high], base[low])
        low &+= 1
      }
      complement(base + first, last &- first)
      // T and t become U and u, the next letters.
      if isRNA { for i in text.indices where text[i] | 0x20 == 0x74 { text[i] += 1 } }
    }
  }

  /// Replaces every byte by its complement.
  private static func complement(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) {
    // A and T differ in the bits 0x15, C and G in 0x04, in either case; N and gaps are their own complements.
    // If there is no other letter, complements are computed in a loop that the compiler vectorises.
    var others: UInt8 = 0
    for i in 0..<count {
      let lower = base[i] | 0x20
      let isAT = (lower == 0x61 ? 1 : 0) | (lower == 0x74 ? 1 as UInt8 : 0)
      let isCG = (lower == 0x63 ? 1 : 0) | (lower == 0x67 ? 1 as UInt8 : 0)
      others |= (isAT | isCG | (lower == 0x6E ? 1 : 0)) ^ 1
    }
    if others == 0 {
      for i in 0..<count {
        let lower = base[i] | 0x20
        let at: UInt8 = lower == 0x61 || lower == 0x74 ? 0x15 : 0
        let cg: UInt8 = lower == 0x63 || lower == 0x67 ? 0x04 : 0
        base[i] ^= at | cg
      }
    } else {
      complements.withUnsafeBufferPointer { table in
        for i in 0..<count { base[i] = table[Int(base[i])] }
      }
    }
  }
}
