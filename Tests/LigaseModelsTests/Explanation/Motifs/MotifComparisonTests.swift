import LigaseFormats
import LigaseModels
import LigaseRuntime
import TestSupport
import Testing

@Suite struct MotifComparisonTests {
  private static func random(_ width: Int, _ random: inout SeededGenerator) -> Motif {
    // Columns from the flat Dirichlet distribution: exponential numbers divided by their sum.
    let frequencies = (0..<width).flatMap { _ -> [Double] in
      let draws = (0..<4).map { _ in -log(1 - random.nextUniform()) }
      return draws.map { $0 / draws.reduce(0, +) }
    }
    return Motif(name: "random", frequencies: frequencies)
  }

  private static func correlation(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
    let (a, b) = (Array(a), Array(b)), (m, n) = (a.reduce(0, +) / 4, b.reduce(0, +) / 4)
    let covariance = (0..<4).reduce(0.0) { $0 + (a[$1] - m) * (b[$1] - n) }
    let (s, t) = (a.reduce(0) { $0 + ($1 - m) * ($1 - m) }, b.reduce(0) { $0 + ($1 - n) * ($1 - n) })
    return covariance / (s * t).squareRoot()
  }

  private static func distance(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
    -zip(a, b).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// With three columns and an overlap of three there is one alignment per strand, whose p-value is a count over all triples of columns.
  @Test func pValuesAreThoseOfAllSumsOfColumns() {
    var random = SeededGenerator(seed: 4)
    let targets = (0..<6).map { _ in Self.random(3, &random) }
    let query = PlantedMotifs.sampled(targets[2], sites: 30, shift: 0, &random)
    for similarity in MotifComparison.ColumnSimilarity.allCases {
      let measure: (ArraySlice<Double>, ArraySlice<Double>) -> Double =
        similarity == .pearson ? { Self.correlation($0, $1) } : { Self.distance($0, $1) }
      let columns = targets.flatMap { target in
        [target, target.reverseComplement].flatMap { motif in (0..<3).map { motif[$0] } }
      }
      let scores = (0..<3).map { i in columns.map { measure(query[i], $0) } }
      var options = MotifComparison.Options()
      options.similarity = similarity
      options.stepCount = 4000
      for match in MotifComparison(targets: targets, options: options).matches(of: query) {
        let target = match.isReverse ? targets[match.target].reverseComplement : targets[match.target]
        let sum = (0..<3).reduce(0.0) { $0 + measure(query[$1], target[$1]) }
        var larger = 0
        for a in scores[0] {
          for b in scores[1] { for c in scores[2] where a + b + c >= sum - 1e-9 { larger += 1 } }
        }
        let p = Double(larger) / Double(columns.count * columns.count * columns.count)
        #expect(abs(match.pValue - (1 - (1 - p) * (1 - p))) < 0.003, "\(similarity): \(match), \(p)")
        #expect(match.offset == 0 && match.overlap == 3 && match.eValue == 6 * match.pValue)
      }
    }
  }

  @Test func offsetsAndStrandsAreFound() throws {
    var random = SeededGenerator(seed: 7)
    let targets = (0..<40).map { _ in Self.random(8, &random) }
    let comparison = MotifComparison(targets: targets)
    // Columns 2 to 8 of a target, and its reverse complement with two random columns before it.
    let part = try #require(comparison.matches(of: targets[11].trimmed(to: 2..<8)).first)
    #expect(
      part.target == 11 && part.offset == -2 && part.overlap == 6 && !part.isReverse && part.qValue < 0.01)
    let flank = Self.random(2, &random)
    let turned = Motif(
      name: "t", frequencies: flank.frequencies + targets[30].reverseComplement.frequencies)
    let match = try #require(comparison.matches(of: turned).first)
    #expect(match.target == 30 && match.offset == 2 && match.overlap == 8 && match.isReverse)
    var options = MotifComparison.Options()
    options.bothStrands = false
    let single = MotifComparison(targets: targets, options: options).matches(of: turned)
    #expect(single.allSatisfy { !$0.isReverse } && single.count == 40 && single[0].pValue > match.pValue)
    let all = comparison.matches(of: [turned, targets[3]])
    #expect(all[0] == comparison.matches(of: turned) && all[1][0].target == 3)
    #expect(zip(all[0], all[0].dropFirst()).allSatisfy { $0.pValue <= $1.pValue && $0.qValue <= $1.qValue })
    #expect(threadDependence { comparison.matches(of: targets) } == nil)
  }

  @Test func emptyAndUniformMotifsMatchNothing() {
    let empty = Motif(name: "e", frequencies: []), flat = Motif(name: "f", counts: [0, 0, 0, 0, 0, 0, 0, 0])
    let word = PlantedMotifs.motif("GATAAG")
    #expect(MotifComparison(targets: []).matches(of: word).isEmpty)
    #expect(MotifComparison(targets: [empty]).matches(of: word).isEmpty)
    #expect(MotifComparison(targets: [word]).matches(of: empty).isEmpty)
    for similarity in MotifComparison.ColumnSimilarity.allCases {
      var options = MotifComparison.Options()
      options.similarity = similarity
      let found = MotifComparison(targets: [empty, flat, flat], options: options).matches(of: flat)
      #expect(found.map(\.pValue) == [1, 1] && found.map(\.qValue) == [1, 1])
    }
    #expect(MotifComparison(targets: [word, flat]).matches(of: flat).allSatisfy { $0.pValue == 1 })
  }
}
