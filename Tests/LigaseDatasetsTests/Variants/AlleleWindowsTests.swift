import LigaseDatasets
import LigaseTensors
import Testing

@Suite struct AlleleWindowsTests {
  private static let letters = Array("ACGT".utf8)

  private static func draw(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in letters[Int(random.next(upperBound: UInt64(4)))] }
  }

  private func windows(_ contig: [UInt8], _ start: Int, _ count: Int, _ alternate: [UInt8], _ width: Int)
    -> AlleleWindows
  {
    AlleleWindows(
      start: start, referenceCount: count, alternate: alternate, width: width, contigLength: contig.count
    ) { range in
      #expect(range.lowerBound >= 0 && range.upperBound <= contig.count, "\(range) of \(contig.count)")
      return Array(contig[range])
    }
  }

  /// The whole contig with the alternate allele, from which the windows are cut, with unlimited unknown bases
  /// around it.
  @Test func windowsAreThoseOfTheChangedContig() {
    var random = SeededGenerator(seed: 8)
    let margin = [UInt8](repeating: UInt8(ascii: "N"), count: 100)
    var (indels, ends) = (0, 0)
    for _ in 0..<4000 {
      let contig = Self.draw(30 + Int(random.next(upperBound: UInt64(60))), &random)
      let width = 1 + Int(random.next(upperBound: UInt64(40)))
      let count = min(1 + Int(random.next(upperBound: UInt64(6))), width)
      let start = Int(random.next(upperBound: UInt64(contig.count - count + 1)))
      let alternate = Self.draw(Int(random.next(upperBound: UInt64(8))), &random)
      let found = windows(contig, start, count, alternate, width)

      let padded = margin + contig + margin
      let changed =
        margin + contig[..<start] + alternate + contig[(start + count)...] + margin
      let first = start + count / 2 - width / 2 + 100, change = alternate.count - count
      if first < 100 || first + width > 100 + contig.count { ends += 1 }
      #expect(found.reference == Array(padded[first..<(first + width)]))
      let left = Array(changed[first..<(first + width)])
      let right = Array(changed[(first + change)..<(first + width + change)])
      if change != 0 { indels += 1 }
      #expect(
        found.alternates == (change == 0 ? [left] : [left, right]),
        "start \(start), \(count) by \(alternate.count), width \(width) of \(contig.count)")
    }
    #expect(indels > 1000 && ends > 500)
  }

  @Test func byHand() {
    let contig = Array("AACCGGTT".utf8)
    func text(_ windows: AlleleWindows) -> [String] {
      ([windows.reference] + windows.alternates).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(text(windows(contig, 3, 1, Array("T".utf8), 5)) == ["ACCGG", "ACTGG"])
    #expect(text(windows(contig, 3, 2, Array("TA".utf8), 4)) == ["CCGG", "CTAG"])
    // An insertion after the base at 3, and the deletion of the base at 4.
    #expect(text(windows(contig, 3, 1, Array("CTT".utf8), 5)) == ["ACCGG", "ACCTT", "CTTGG"])
    #expect(text(windows(contig, 3, 2, Array("C".utf8), 4)) == ["CCGG", "CCGT", "ACCG"])
    #expect(text(windows(contig, 0, 1, Array("T".utf8), 5)) == ["NNAAC", "NNTAC"])
    #expect(text(windows(contig, 7, 1, Array("TGG".utf8), 4)) == ["GTTN", "GTTG", "TGGN"])
  }

  /// Where the reference allele is longer than the window, the window is inside the allele.
  @Test func allelesLongerThanTheWindow() {
    let contig = Array("ACGTACGTTGCA".utf8)
    for width in 1...6 {
      for count in (width + 1)...8 {
        let same = windows(contig, 2, count, Array("AAAAAAAAAA".utf8.prefix(count)), width)
        #expect(same.reference.count == width && same.alternates == [[UInt8](repeating: 0x41, count: width)])
        // The alternate window has the same position.
        let alternate = (0..<count).map { UInt8(0x61 + $0) }
        let first = count / 2 - width / 2
        #expect(
          windows(contig, 2, count, alternate, width).alternates == [
            Array(alternate[first..<(first + width)])
          ])
        let shorter = windows(contig, 2, count, [0x41], width)
        #expect(shorter.alternates.count == 2 && shorter.alternates.allSatisfy { $0.count == width })
        let longer = windows(contig, 2, 1, alternate, width)
        #expect(
          longer.alternates.count == (count == 1 ? 1 : 2)
            && longer.alternates.allSatisfy { $0.count == width })
      }
    }
  }

  @Test func anEmptyContigIsUnknown() {
    let found = windows([], 0, 0, Array("AC".utf8), 4)
    #expect(found.reference == Array("NNNN".utf8))
    #expect(found.alternates == [Array("NNAC".utf8), Array("ACNN".utf8)])
  }
}
