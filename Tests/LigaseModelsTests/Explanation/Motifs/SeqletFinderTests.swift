import LigaseFormats
import LigaseModels
import LigaseRuntime
import TestSupport
import Testing

@Suite struct SeqletFinderTests {
  @Test func qValuesAreThoseOfBenjaminiAndHochberg() {
    // p.adjust(c(0.01, 0.04, 0.03, 0.5, 0.005), "BH") in R.
    let expected = [0.025, 0.05, 0.05, 0.5, 0.025]
    for (found, value) in zip(FalseDiscoveryRate.qValues([0.01, 0.04, 0.03, 0.5, 0.005]), expected) {
      #expect(abs(found - value) < 1e-12)
    }
    #expect(FalseDiscoveryRate.qValues([]) == [])
  }

  @Test func plantedSitesAreFound() throws {
    let planted = PlantedMotifs(
      [(PlantedMotifs.motif("GATAAGAT"), 1), (PlantedMotifs.motif("CCACGTGG"), -1)], count: 300, length: 200,
      fraction: 0.8, noise: 0.1, seed: 1)
    let finder = SeqletFinder(seed: 1), seqlets = try finder.seqlets(in: planted.attributions)
    var found = 0
    for site in planted.sites {
      // The site is within the seqlet with its flanks, and the sign is that of the contributions.
      let covers = seqlets.contains {
        $0.sequence == site.sequence && $0.start <= site.start && site.start + 8 <= $0.end
          && ($0.attribution > 0) == (site.motif == 0)
      }
      if covers { found += 1 }
    }
    #expect(found == planted.sites.count)
    let sitesOf = Dictionary(grouping: planted.sites) { $0.sequence }
    let isFalse = seqlets.filter { seqlet in
      !(sitesOf[seqlet.sequence] ?? []).contains { $0.start < seqlet.end && seqlet.start < $0.start + 8 }
    }
    // The rate is that of windows, and a site is in many of them, so that more of the seqlets are false.
    #expect(Double(isFalse.count) <= 0.25 * Double(seqlets.count), "\(isFalse.count) of \(seqlets.count)")
    #expect(seqlets.allSatisfy { $0.qValue <= 0.2 && $0.end - $0.start <= 41 })
    #expect(try SeqletFinder(seed: 1).seqlets(in: planted.attributions) == seqlets)
    for (a, b) in zip(seqlets, seqlets.dropFirst()) where a.sequence == b.sequence {
      // Windows without flanks do not overlap.
      #expect(b.start + (b.start > 0 ? 10 : 0) >= a.end - (a.end < 200 ? 10 : 0))
    }
  }

  @Test func noiseHasNoSeqlets() throws {
    var random = SeededGenerator(seed: 3), total = 0
    for seed in 0..<40 {
      let noise = (0..<50).map { _ in (0..<200).map { _ in Float(random.nextNormal()) } }
      total += try SeqletFinder(seed: UInt64(seed)).seqlets(in: noise).isEmpty ? 0 : 1
    }
    // The probability that a set of noise has any is at most 0.2: 8 sets are expected, with a standard deviation of 2.5.
    #expect(total <= 15, "\(total)")
    #expect(try SeqletFinder(seed: 1).seqlets(in: []) == [])
    #expect(try SeqletFinder(seed: 1).seqlets(in: [[], [1], [Float](repeating: 1, count: 20)]) == [])
    #expect(try SeqletFinder(seed: 1).seqlets(in: [[Float](repeating: 0, count: 100)]) == [])
    #expect(try SeqletFinder(seed: 1).seqlets(in: [[Float](repeating: 2, count: 100)]) == [])
    #expect(throws: ExplanationError.self) { try SeqletFinder(seed: 1).seqlets(in: [[0, .nan]]) }
  }

  /// The seqlets do not depend on the unit of the attributions.
  @Test func theUnitDoesNotMatter() throws {
    let planted = PlantedMotifs(
      [(PlantedMotifs.motif("GATAAGAT"), 1)], count: 100, length: 120, noise: 0.05, seed: 5)
    func places(_ factor: Float) throws -> [Int] {
      try SeqletFinder(seed: 1).seqlets(in: planted.attributions.map { $0.map { $0 * factor } }).map(\.start)
    }
    let unscaled = try places(1)
    #expect(unscaled.count >= 100)
    #expect(try places(0x1p-60) == unscaled && places(-0x1p60) == unscaled)
  }
}
