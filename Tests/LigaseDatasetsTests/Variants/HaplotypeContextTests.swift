import LigaseDatasets
import LigaseTensors
import Testing

@Suite struct HaplotypeContextTests {
  /// The context is the surroundings of the variant in the whole contig with the other variants applied.
  @Test func contextIsThatOfTheChangedContig() {
    var random = SeededGenerator(seed: 9)
    func below(_ n: Int) -> Int { Int(random.next(upperBound: UInt64(n))) }
    func draw(_ n: Int) -> [UInt8] { (0..<n).map { _ in Array("ACGT".utf8)[below(4)] } }
    var ends = 0
    for _ in 0..<3000 {
      let contig = draw(40 + below(80))
      // Adjacent variants without overlap.
      var changes: [HaplotypeContext.Change] = []
      var at = below(8)
      while at < contig.count - 6 {
        changes.append(.init(start: at, referenceCount: 1 + below(4), bases: draw(below(5))))
        at += 4 + below(15)
      }
      let own = below(changes.count)
      let range = changes[own].start..<changes[own].start + changes[own].referenceCount
      let reach = 1 + below(50)
      let others = Array(changes[..<own] + changes[(own + 1)...])
      let found = HaplotypeContext(
        around: range, changes: others, reach: reach, contigLength: contig.count
      ) {
        #expect($0.lowerBound >= 0 && $0.upperBound <= contig.count)
        return Array(contig[$0])
      }
      func changed(_ part: Range<Int>, _ changes: ArraySlice<HaplotypeContext.Change>) -> [UInt8] {
        var (text, position): ([UInt8], Int) = ([], part.lowerBound)
        for change in changes {
          text += contig[position..<change.start] + change.bases
          position = change.start + change.referenceCount
        }
        return text + contig[position..<part.upperBound]
      }
      let left = changed(0..<range.lowerBound, changes[..<own]).suffix(reach)
      let right = changed(range.upperBound..<contig.count, changes[(own + 1)...]).prefix(reach)
      if left.count < reach || right.count < reach { ends += 1 }
      #expect(found.start == left.count && found.text == Array(left) + contig[range] + right)
    }
    #expect(ends > 500)
  }

  /// Variants that overlap the variant are ignored, and of two that overlap each other the nearer one is
  /// used.
  @Test func overlaps() {
    let contig = Array("AACCGGTTAACC".utf8)
    func text(_ changes: [(Int, Int, String)]) -> String {
      let context = HaplotypeContext(
        around: 5..<7,
        changes: changes.map { .init(start: $0.0, referenceCount: $0.1, bases: Array($0.2.utf8)) },
        reach: 4, contigLength: contig.count
      ) { Array(contig[$0]) }
      return String(decoding: context.text, as: UTF8.self)
    }
    #expect(text([]) == "ACCGGTTAAC")
    #expect(text([(4, 2, "T"), (6, 3, "G")]) == "ACCGGTTAAC")
    #expect(text([(2, 3, "T"), (3, 1, "A"), (7, 1, "G"), (7, 2, "")]) == "ACAGGTGAAC")
  }
}
