import LigaseFormats
import LigaseModels
import LigaseRuntime
import TestSupport
import Testing

@Suite struct MotifDiscoveryTests {
  private static let words = ["AGATAAGA", "GCCACGTCA", "TTTGCATGG"]
  private static let planted = PlantedMotifs(
    zip(words.map(PlantedMotifs.motif), [1, 1, -1] as [Float]).map { ($0, $1) }, count: 900, length: 150,
    fraction: 0.9, noise: 0.15, seed: 2)

  private func discovered(_ planted: PlantedMotifs) throws -> [DiscoveredMotif] {
    let seqlets = try SeqletFinder(seed: 1).seqlets(in: planted.attributions)
    return try MotifDiscovery(
      sequences: planted.sequences, attributions: planted.attributions, seqlets: seqlets, seed: 1
    ).motifs()
  }

  @Test func plantedMotifsComeBack() throws {
    let planted = Self.planted, motifs = try discovered(planted)
    #expect(motifs.count == 3 && motifs.map(\.motif.name) == ["motif_1", "motif_2", "motif_3"])
    #expect(zip(motifs, motifs.dropFirst()).allSatisfy { $0.members.count >= $1.members.count })
    for (k, word) in Self.words.enumerated() {
      let sites = planted.sites.filter { $0.motif == k }
      let reverse = PlantedMotifs.motif(word).reverseComplement.consensus
      let found = try #require(
        motifs.first { $0.motif.consensus.contains(word) || $0.motif.consensus.contains(reverse) },
        "\(word): \(motifs.map(\.motif.consensus))")
      let isTurned = found.motif.consensus.contains(reverse)
      let shift = try #require(
        (0..<found.motif.width).first {
          found.motif.consensus.dropFirst($0).hasPrefix(isTurned ? reverse : word)
        })
      // Nine tenths of the sites are members, at their places and on their strands.
      let placed = sites.filter { site in
        found.members.contains { member in
          let ahead = member.isReverse ? found.motif.width - shift - word.count : shift
          return member.sequence == site.sequence && member.start + ahead == site.start
            && (member.isReverse != isTurned) == site.isReverse
        }
      }
      #expect(placed.count >= sites.count * 9 / 10, "\(word): \(placed.count) of \(sites.count)")
      #expect(found.members.count <= sites.count * 11 / 10)
      // Trimmed to the word, with the frequencies and contributions from which the sites were drawn.
      #expect(found.motif.width == word.count && shift == 0)
      let letters = Array((isTurned ? reverse : word).utf8)
      for (position, byte) in letters.enumerated() {
        let letter = try #require(Motif.letters.firstIndex(of: byte))
        #expect(abs(found.motif.frequencies[position * 4 + letter] - 0.94) < 0.06)
        let mean = 0.94 * Float(PlantedMotifs.motif(word).informationContent()[0]) / 2
        #expect(abs(found.contributions[position * 4 + letter] - (k == 2 ? -mean : mean)) < 0.1)
      }
      #expect(found.motif.siteCount == Double(found.members.count))
    }
  }

  @Test func theNumberOfThreadsDoesNotMatter() throws {
    #expect(try threadDependence { try discovered(Self.planted) } == nil)
  }

  @Test func noiseAndEdgeCasesHaveNoMotifs() throws {
    var random = SeededGenerator(seed: 9)
    let sequences = (0..<200).map { _ in (0..<60).map { _ in Motif.letters[random.next(below: 4)] } }
    let attributions = sequences.map { $0.map { _ in Float(random.nextNormal()) } }
    func motifs(_ sequences: [[UInt8]], _ attributions: [[Float]], _ seqlets: [Seqlet]) throws
      -> [DiscoveredMotif]
    {
      try MotifDiscovery(sequences: sequences, attributions: attributions, seqlets: seqlets, seed: 1).motifs()
    }
    let seqlets = sequences.indices.map { Seqlet(sequence: $0, start: 5, end: 46) }
    let found = try motifs(sequences, attributions, seqlets)
    #expect(found.count <= 1, "\(found.map { ($0.motif.consensus, $0.members.count) })")
    #expect(try motifs([], [], []).isEmpty)
    let unknown = [[UInt8]](repeating: Array("NNNNNNNN".utf8), count: 30)
    let ones = [[Float]](repeating: .init(repeating: 1, count: 8), count: 30)
    let whole = (0..<30).map { Seqlet(sequence: $0, start: 0, end: 8) }
    #expect(try motifs(unknown, ones, whole).isEmpty)
    // Tiny and huge attributions, and empty seqlets.
    let words = [[UInt8]](repeating: Array("acgtacca".utf8), count: 30)
    for value in [Float.leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      let found = try motifs(words, words.map { $0.map { _ in value } }, whole)
      #expect(found.count == 1 && found[0].members.count == 30)
    }
    #expect(try motifs(words, ones, (0..<30).map { Seqlet(sequence: $0, start: 8, end: 8) }).isEmpty)
    #expect(throws: ExplanationError.self) { try motifs(words, [], []) }
    #expect(throws: ExplanationError.self) {
      try motifs(words, ones, [Seqlet(sequence: 30, start: 0, end: 1)])
    }
    #expect(throws: ExplanationError.self) {
      try motifs(words, ones, [Seqlet(sequence: 0, start: 0, end: 9)])
    }
    #expect(throws: ExplanationError.self) {
      try motifs(words, ones.map { [Float.nan] + $0.dropFirst() }, whole)
    }
  }

  @Test func filtersHaveTheLettersOfTheirActiveWindows() throws {
    let sequences = ["ACGTAC", "TTGTNA", "acgg"].map { Array($0.utf8) }
    let activations: [[FilterMotifs.Activation]] = [
      [
        .init(sequence: 0, start: 0, value: 4), .init(sequence: 1, start: 2, value: 3),
        .init(sequence: 2, start: 1, value: 2.1), .init(sequence: 0, start: 3, value: 2),
        .init(sequence: 0, start: -1, value: .nan),
      ],
      [.init(sequence: 0, start: 0, value: -1)], [],
      [.init(sequence: 2, start: 2, value: 1), .init(sequence: 2, start: -2, value: 1)],
    ]
    var filters = FilterMotifs()
    filters.pseudocount = 0
    let found = try filters.motifs(activations, width: 3, sequences: sequences)
    #expect(found.map(\.largestActivation) == [4, nil, nil, 1])
    // ACG, GTN and cgg.
    let third = 1.0 / 3
    #expect(
      found[0].motif
        == Motif(
          name: "filter_0", frequencies: [third, third, third, 0, 0, third, third, third, 0, 0, 1, 0],
          siteCount: 3))
    // gg at the end, and a before the start; the second column has g only.
    #expect(found[3].motif?.frequencies == [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0] && found[1].motif == nil)
    #expect(throws: ExplanationError.self) {
      try filters.motifs([[.init(sequence: 3, start: 0, value: 1)]], width: 3, sequences: sequences)
    }
  }
}
