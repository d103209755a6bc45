import LigaseFormats
import LigaseModels
import LigaseRuntime
import TestSupport
import Testing

/// Comparisons with 201 motifs of JASPAR 2026.
@Suite struct MotifComparisonDataTests {
  private static let motifs: [Motif]? = SharedData.path("motifs/jaspar2026_200.meme").flatMap {
    try? MEMEFile(contentsOf: $0).motifs
  }

  @Test func everyMotifMatchesItself() throws {
    guard let motifs = Self.motifs else { return }
    let clock = ContinuousClock(), start = clock.now
    let all = MotifComparison(targets: motifs).matches(of: motifs)
    print("\(motifs.count) motifs against \(motifs.count): \(start.duration(to: clock.now))")
    var weak: [String] = []
    for (i, matches) in all.enumerated() {
      let own = try #require(matches.first { $0.target == i })
      // A motif of the same family may match as well, within the steps of the similarity.
      #expect(own.pValue <= matches[0].pValue * (1 + 1e-9), "\(motifs[i].name): \(matches[0])")
      #expect(own.offset == 0 && own.overlap == motifs[i].width)
      if own.qValue >= 1e-3 {
        weak.append("\(motifs[i].alternateName ?? "") \(motifs[i].width) \(own.qValue)")
      }
      // Motifs of eight columns and more do so with q < 0.001; six columns of common letters cannot.
      #expect(own.qValue < (motifs[i].width >= 8 ? 1e-3 : 0.05), "\(motifs[i].name): \(own)")
    }
    print("q >= 0.001 against itself: \(weak)")
  }

  /// p-values of single alignments in numpy, by simulation of 20 million sums of correlations that are not rounded, corrected for the
  /// number of alignments; standard errors are at most 3 %.
  @Test func pValuesAreThoseOfASimulation() throws {
    guard let motifs = Self.motifs else { return }
    let comparison = MotifComparison(targets: motifs)
    for (query, target, expected) in [
      (3, 64, 0.006_428), (4, 3, 0.000_907), (4, 157, 0.005_843), (4, 200, 0.034_307), (60, 140, 0.001_479),
      (120, 119, 0.000_395),
    ] {
      let found = try #require(comparison.matches(of: motifs[query]).first { $0.target == target })
      #expect(abs(found.pValue / expected - 1) < 0.06, "\(query), \(target): \(found), \(expected)")
    }
  }

  @Test func noisyCopiesMatchTheirOrigin() throws {
    guard let motifs = Self.motifs else { return }
    var random = SeededGenerator(seed: 11)
    let copies = motifs.map { PlantedMotifs.sampled($0, sites: 50, shift: 2, &random) }
    let comparison = MotifComparison(targets: motifs), all = comparison.matches(of: copies)
    // The family of a motif: those that it matches itself with q < 0.01.
    let families = comparison.matches(of: motifs).map { $0.filter { $0.qValue < 0.01 }.map(\.target) }
    var (first, family, significant) = (0, 0, 0)
    for (i, matches) in all.enumerated() {
      if matches[0].target == i { first += 1 }
      if matches[0].target == i || families[i].contains(matches[0].target) { family += 1 }
      if let own = matches.first(where: { $0.target == i }), own.qValue < 0.05 { significant += 1 }
    }
    print(
      "noisy copies: origin first \(first), family first \(family), origin q < 0.05 \(significant) of \(motifs.count)"
    )
    #expect(first >= 160 && family >= 190)
  }

  @Test func randomMotifsRarelyMatch() throws {
    guard let motifs = Self.motifs else { return }
    var random = SeededGenerator(seed: 12)
    // Columns of the collection in random order have its composition, but no motif.
    let columns = motifs.flatMap { motif in (0..<motif.width).map { Array(motif[$0]) } }
    let shuffled = motifs.map { motif in
      Motif(
        name: "random",
        frequencies: (0..<motif.width).flatMap { _ -> [Double] in
          let column = columns[random.next(below: columns.count)]
          return random.next(below: 2) == 0 ? column : column.reversed()
        })
    }
    let all = MotifComparison(targets: motifs).matches(of: shuffled)
    let small = all.filter { $0[0].qValue < 0.01 }.count, five = all.filter { $0[0].qValue < 0.05 }.count
    let pValues = all.flatMap { $0.map(\.pValue) }
    let rate = Double(pValues.filter { $0 < 0.01 }.count) / Double(pValues.count)
    print(
      "random motifs: q < 0.01 in \(small), q < 0.05 in \(five) of \(motifs.count); p < 0.01 in \(rate) of pairs"
    )
    #expect(small <= 6 && five <= 20 && rate < 0.012)
  }
}
