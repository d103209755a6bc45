import LigaseFormats
import LigaseModels
import LigaseRuntime

/// Random sequences with occurrences of motifs on both strands, and attributions that are large there.
struct PlantedMotifs {
  struct Site: Equatable {
    var sequence: Int
    var start: Int
    var motif: Int
    var isReverse: Bool
  }

  var sequences: [[UInt8]] = []
  var attributions: [[Float]] = []
  var sites: [Site] = []

  /// - Parameters:
  ///   - motifs: the frequencies from which a site is drawn, and the sign of its attributions.
  ///   - fraction: the fraction of sequences with one site.
  ///   - noise: the standard deviation of the attributions; those of a site have a mean of the information content in bits over two.
  init(
    _ motifs: [(motif: Motif, sign: Float)], count: Int, length: Int, fraction: Double = 1, noise: Double,
    seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    for sequence in 0..<count {
      var letters = (0..<length).map { _ in Motif.letters[random.next(below: 4)] }
      var values = (0..<length).map { _ in Float(noise * random.nextNormal()) }
      if random.nextUniform() < fraction {
        let k = random.next(below: motifs.count), isReverse = random.next(below: 2) == 1
        let motif = isReverse ? motifs[k].motif.reverseComplement : motifs[k].motif
        let start = random.next(below: length - motif.width + 1), information = motif.informationContent()
        for j in 0..<motif.width {
          letters[start + j] = Motif.letters[PlantedMotifs.draw(motif[j], &random)]
          values[start + j] += motifs[k].sign * Float(information[j] / 2)
        }
        sites.append(Site(sequence: sequence, start: start, motif: k, isReverse: isReverse))
      }
      sequences.append(letters)
      attributions.append(values)
    }
  }

  /// Draws a letter.
  static func draw(_ frequencies: some Sequence<Double>, _ random: inout SeededGenerator) -> Int {
    var rest = random.nextUniform(), last = 0
    for (letter, frequency) in frequencies.enumerated() where frequency > 0 {
      last = letter
      rest -= frequency
      if rest < 0 { return letter }
    }
    return last
  }

  /// A motif whose columns have one letter with a frequency of 0.94.
  static func motif(_ consensus: String) -> Motif {
    let frequencies = consensus.utf8.flatMap { byte in
      Motif.letters.map { $0 == byte ? 0.94 : 0.02 }
    }
    return Motif(name: consensus, frequencies: frequencies)
  }

  /// A motif counted from sites that are drawn from `motif`, moved by `shift` columns between random letters.
  static func sampled(_ motif: Motif, sites: Int, shift: Int, _ random: inout SeededGenerator) -> Motif {
    var counts = [Double](repeating: 0, count: (motif.width + 2 * shift) * 4)
    for _ in 0..<sites {
      for column in 0..<motif.width + 2 * shift {
        let j = column - shift
        let letter =
          (0..<motif.width).contains(j) ? draw(motif[j], &random) : random.next(below: 4)
        counts[column * 4 + letter] += 1
      }
    }
    return Motif(name: motif.name, counts: counts)
  }
}
