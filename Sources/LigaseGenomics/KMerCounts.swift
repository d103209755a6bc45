/// The counts of k-mers; k-mers with anything but A, C, G, T (or U) are not counted.
///
/// ```swift
/// var counts = KMerCounts(k: 3)
/// counts.add(Array("ACGTACG".utf8))
/// for (i, count) in counts.counts.enumerated() where count > 0 { print(counts.word(i), count) }  // ACG 2, …
/// ```
public struct KMerCounts: Equatable, Sendable {
  /// The length of the k-mers.
  package let k: Int
  /// Whether a k-mer and its reverse complement count as one, named by the lexicographically smaller one.
  package let isCanonical: Bool
  /// The counts, indexed by the k-mer as a number of base 4: A 0, C 1, G 2, T 3, the first base highest.
  public private(set) var counts: [Int]

  /// Creates counts of zero; `k` is 1...12.
  public init(k: Int, canonical: Bool = false) {
    precondition(1...12 ~= k, "KMerCounts: k of \(k)")
    self.k = k
    isCanonical = canonical
    counts = [Int](repeating: 0, count: 1 << (2 * k))
  }

  /// Counts the k-mers of one sequence.
  public mutating func add(_ sequence: [UInt8]) {
    let mask = counts.count - 1
    var (word, reverse, length) = (0, 0, 0)
    for base in sequence {
      guard let code = KMerCounts.codes[Int(base)] else {
        length = 0
        continue
      }
      word = (word << 2 | code) & mask
      reverse = reverse >> 2 | (3 - code) << (2 * (k - 1))
      length += 1
      if length >= k { counts[isCanonical ? min(word, reverse) : word] += 1 }
    }
  }

  /// Returns the letters of the k-mer of a number.
  public func word(_ number: Int) -> String {
    String(decoding: (0..<k).map { Array("ACGT".utf8)[number >> (2 * (k - 1 - $0)) & 3] }, as: UTF8.self)
  }

  private static let codes: [Int?] = (0..<256).map {
    switch UInt8($0) | 0x20 {
    case 0x61 where $0 >= 0x41: 0
    case 0x63 where $0 >= 0x41: 1
    case 0x67 where $0 >= 0x41: 2
    case 0x74 where $0 >= 0x41, 0x75 where $0 >= 0x41: 3
    default: nil
    }
  }
}
