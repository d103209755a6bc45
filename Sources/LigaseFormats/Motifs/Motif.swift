import LigaseRuntime

/// A sequence motif of DNA: the frequencies of A, C, G and T at each of L positions (a position frequency matrix).
package struct Motif: Equatable, Sendable {
  /// The letters of the columns of `frequencies`.
  package static let letters = Array("ACGT".utf8)
  /// The number of letters.
  package static let letterCount = 4
  /// Equal frequencies of the letters.
  package static let uniformBackground: [Double] = [0.25, 0.25, 0.25, 0.25]

  /// The identifier, such as `MA0139.2`.
  package var name: String
  /// The second name, such as that of the transcription factor, `CTCF`.
  package var alternateName: String?
  /// The frequencies in 0...1, `[L x 4]`, row by row. Rows of a file sum to 1 up to rounding.
  package let frequencies: [Double]
  /// The number of sites from which the frequencies were counted.
  package var siteCount: Double?
  /// The E-value of the motif.
  package var eValue: Double?
  /// The address of a description.
  package var url: String?

  /// - Parameter frequencies: `[L x 4]`, row by row.
  package init(
    name: String, alternateName: String? = nil, frequencies: [Double], siteCount: Double? = nil,
    eValue: Double? = nil, url: String? = nil
  ) {
    require(
      frequencies.count.isMultiple(of: Motif.letterCount),
      "Motif: \(frequencies.count) frequencies, expected four for each position")
    require(
      frequencies.allSatisfy { 0...1 + 1e-9 ~= $0 }, "Motif: found a frequency that is not from 0 to 1")
    self.name = name
    self.alternateName = alternateName
    self.frequencies = frequencies
    self.siteCount = siteCount
    self.eValue = eValue
    self.url = url
  }

  /// Creates a motif from counts of letters: `f = (n + pseudocount * background) / (sum of n + pseudocount)`. A position without any
  /// count gets the background.
  ///
  /// - Parameters:
  ///   - counts: `[L x 4]`, row by row, not negative.
  ///   - pseudocount: the number of additional sites at each position, divided among the letters like the background.
  package init(
    name: String, counts: [Double], pseudocount: Double = 1, background: [Double] = Motif.uniformBackground,
    siteCount: Double? = nil
  ) {
    require(
      counts.count.isMultiple(of: Motif.letterCount) && background.count == Motif.letterCount,
      "Motif: \(counts.count) counts and \(background.count) background frequencies, expected four for each")
    var frequencies = counts
    for row in stride(from: 0, to: counts.count, by: Motif.letterCount) {
      let total = counts[row..<row + Motif.letterCount].reduce(0, +) + pseudocount
      for k in 0..<Motif.letterCount {
        frequencies[row + k] =
          total > 0 ? (counts[row + k] + pseudocount * background[k]) / total : background[k]
      }
    }
    self.init(name: name, frequencies: frequencies, siteCount: siteCount)
  }

  /// The number of positions L.
  package var width: Int { frequencies.count / Motif.letterCount }

  /// The frequencies at a position, counted from 0.
  package subscript(position: Int) -> ArraySlice<Double> {
    frequencies[position * Motif.letterCount..<(position + 1) * Motif.letterCount]
  }

  /// Returns the information content of each position in bits, `sum over letters of f log2(f / background)`: from 0 to 2 for equal
  /// background frequencies.
  ///
  /// Source: Schneider and Stephens, "Sequence logos: a new way to display consensus sequences" (Nucleic Acids Research, 1990); against a
  /// background this is the relative entropy.
  package func informationContent(background: [Double] = Motif.uniformBackground) -> [Double] {
    require(
      background.count == Motif.letterCount && background.allSatisfy { $0 > 0 },
      "Motif.informationContent: background \(background), expected four positive frequencies")
    return (0..<width).map { position in
      let total = self[position].reduce(0, +)
      guard total > 0 else { return 0 }
      let sum = zip(self[position], background).reduce(0.0) { sum, pair in
        let frequency = pair.0 / total
        return frequency > 0 ? sum + frequency * log2(frequency / pair.1) : sum
      }
      return max(sum, 0)
    }
  }

  /// The motif on the other strand: positions in reverse order, A exchanged with T and C with G. Names stay.
  package var reverseComplement: Motif {
    // The order A, C, G, T makes the complement a reversal, so that the whole matrix is reversed at once.
    Motif(
      name: name, alternateName: alternateName, frequencies: frequencies.reversed(), siteCount: siteCount,
      eValue: eValue, url: url)
  }

  /// The positions in a range, with the same names.
  package func trimmed(to range: Range<Int>) -> Motif {
    require(range.lowerBound >= 0 && range.upperBound <= width, "Motif.trimmed: \(range) of \(width)")
    let part = frequencies[range.lowerBound * Motif.letterCount..<range.upperBound * Motif.letterCount]
    return Motif(
      name: name, alternateName: alternateName, frequencies: Array(part), siteCount: siteCount,
      eValue: eValue, url: url)
  }

  /// The IUPAC consensus of Cavener (Nucleic Acids Research, 1987): the most frequent letter if its frequency is at least 0.5 and twice
  /// that of the second, else the code of the two most frequent letters if together they have at least 0.75, else N.
  package var consensus: String {
    // Codes by bits: A 1, C 2, G 4, T 8.
    let codes = Array("NACMGRSNTWYNKNNN".utf8)
    let bytes = (0..<width).map { position -> UInt8 in
      let row = Array(self[position])
      let order = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }
      let (first, second) = (row[order[0]], row[order[1]])
      if first >= 0.5, first >= 2 * second { return Motif.letters[order[0]] }
      return first + second >= 0.75 ? codes[1 << order[0] | 1 << order[1]] : UInt8(ascii: "N")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The index of a nucleotide among the letters, either case: 0 to 3 for A, C, G and T (or U), 4 for other bytes.
  package static let letterIndex: [UInt8] = {
    var table = [UInt8](repeating: 4, count: 256)
    for (index, pair) in ["Aa", "Cc", "Gg", "TtUu"].enumerated() {
      for byte in pair.utf8 { table[Int(byte)] = UInt8(index) }
    }
    return table
  }()
}
