import LigaseGenomics
import LigaseRuntime
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct NucleotideTests {
  @Test func reverseComplement() {
    #expect(text(Nucleotide.reverseComplement(bytes("ACGTNacgtn"))) == "nacgtNACGT")
    #expect(text(Nucleotide.reverseComplement(bytes("RYKMBVDHSW-.*"))) == "*.-WSDHBVKMRY")
    #expect(text(Nucleotide.reverseComplement(bytes("ACGUu"), isRNA: true)) == "aACGU")
    #expect(text(Nucleotide.reverseComplement(bytes("AAU"), isRNA: true)) == "AUU")
    #expect(Nucleotide.reverseComplement([]) == [])
  }

  @Test func complementOfCodesIsComplementOfTheirBases() {
    for code in bytes("ACGTRYSWKMBDHVN") {
      let set = Nucleotide.baseSets[Int(code)]
      let complement = Nucleotide.baseSets[Int(Nucleotide.complements[Int(code)])]
      // A 1 and T 8, C 2 and G 4 change places.
      let expected = (set & 1) << 3 | (set & 8) >> 3 | (set & 2) << 1 | (set & 4) >> 1
      #expect(complement == expected)
    }
  }
}

@Suite struct GeneticCodeTests {
  @Test func standardCode() throws {
    let code = try #require(GeneticCode(number: 1))
    #expect(text(code.translate(bytes("ATGGCCAUUGTAATGGGCCGCTGAAAGGGTGCCCGATAG"))) == "MAIVMGR*KGAR*")
    #expect(text(code.translate(bytes("ATGA"))) == "M")
    #expect(text(code.translate(bytes("AC"))) == "")
    // Ambiguous bases: GCN is A whatever N is, TAR a stop, RAY is either of N and D.
    #expect(text(code.translate(bytes("GCNTARRAYNNN---A-A"))) == "A*XX-X")
  }

  @Test func otherCodes() throws {
    #expect(text(try #require(GeneticCode(number: 2)).translate(bytes("TGAAGAATA"))) == "W*M")
    #expect(text(try #require(GeneticCode(number: 12)).translate(bytes("CTG"))) == "S")
    #expect(GeneticCode(number: 7) == nil && GeneticCode(number: 0) == nil)
    for number in GeneticCode.numbers {
      let all = try #require(GeneticCode(number: number)).translate(
        bytes("TCAG").flatMap { a in bytes("TCAG").flatMap { b in bytes("TCAG").flatMap { [a, b, $0] } } })
      #expect(all.count == 64 && Set(all).count >= 20)
    }
  }
}

@Suite struct RegionTests {
  @Test func text() {
    #expect(Region("chr1") == Region(contig: "chr1"))
    #expect(Region("chr1:5") == Region(contig: "chr1", start: 5, end: 5))
    #expect(Region("chr1:1,000-2,000") == Region(contig: "chr1", start: 1000, end: 2000))
    #expect(Region("chr1:7-") == Region(contig: "chr1", start: 7))
    #expect(Region("HLA:A:1-3") == Region(contig: "HLA:A", start: 1, end: 3))
    #expect(Region("HLA:1", contigs: { $0 == "HLA:1" }) == Region(contig: "HLA:1"))
    #expect(Region("{HLA:1}:2-3") == Region(contig: "HLA:1", start: 2, end: 3))
    #expect(Region("chr1:-5") == Region(contig: "chr1", start: 1, end: 5))
    for bad in [
      "", "c:0-5", "c:5-4", "c:-0", "c:-", "c:--4", "c:x", "c:1-y", "c:99999999999999999999", "{c}x",
    ] {
      #expect(Region(bad) == nil, "\(bad)")
    }
    #expect(Region(contig: "c", start: 3, end: 4).description == "c:3-4")
    #expect(Region(contig: "c").description == "c" && Region(contig: "c", start: 2).description == "c:2-")
  }
}

@Suite struct SequenceShuffleTests {
  private func pairs(_ sequence: [UInt8]) -> [String: Int] {
    zip(sequence, sequence.dropFirst()).reduce(into: [:]) { $0[text([$1.0, $1.1]), default: 0] += 1 }
  }

  @Test func dinucleotidesAreKept() {
    var random = SeededGenerator(seed: 1)
    var changed = 0
    for length in 0..<300 {
      let sequence = (0..<length).map { _ in bytes("ACGTN")[Int(random.next() % (length % 2 == 0 ? 4 : 5))] }
      let shuffled = SequenceShuffle.dinucleotides(sequence, using: &random)
      #expect(pairs(shuffled) == pairs(sequence))
      #expect(shuffled.first == sequence.first && shuffled.last == sequence.last)
      #expect(shuffled.sorted() == sequence.sorted())
      if shuffled != sequence { changed += 1 }
      #expect(SequenceShuffle.mononucleotides(sequence, using: &random).sorted() == sequence.sorted())
    }
    #expect(changed > 280)
  }

  /// All sequences with the same pairs come equally often: a chi-squared test against the uniform distribution.
  @Test func dinucleotideShufflesAreUniform() {
    let sequence = bytes("AACATACGATA")
    var random = SeededGenerator(seed: 2)
    var counts: [String: Int] = [:]
    let draws = 60_000
    for _ in 0..<draws {
      counts[text(SequenceShuffle.dinucleotides(sequence, using: &random)), default: 0] += 1
    }
    let expected = Double(draws) / Double(counts.count)
    let chiSquared = counts.values.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    let freedom = Double(counts.count - 1)
    #expect(counts.count > 20)
    #expect(
      chiSquared < freedom + 4 * (2 * freedom).squareRoot(), "\(counts.count) walks, chi² \(chiSquared)")
  }

  @Test func streamsDependOnSeedAndIndexAlone() {
    var (a, b, c) = (
      SeededGenerator(seed: 1, stream: "records", step: 3),
      SeededGenerator(seed: 1, stream: "records", step: 3),
      SeededGenerator(seed: 1, stream: "records", step: 4)
    )
    let (x, y, z) = (a.next(), b.next(), c.next())
    #expect(x == y && x != z)
  }
}

@Suite struct KMerCountsTests {
  @Test func words() {
    var counts = KMerCounts(k: 2)
    counts.add(bytes("acgUNAC"))
    #expect(
      (0..<16).filter { counts.counts[$0] > 0 }.map { "\(counts.word($0)) \(counts.counts[$0])" } == [
        "AC 2", "CG 1", "GT 1",
      ])
    var canonical = KMerCounts(k: 2, canonical: true)
    canonical.add(bytes("ACGTNAC"))
    #expect(canonical.counts[1] == 3 && canonical.counts.reduce(0, +) == 4)
    var short = KMerCounts(k: 12)
    short.add(bytes("ACGTACGTACG"))
    #expect(!short.counts.contains { $0 != 0 })
  }
}
