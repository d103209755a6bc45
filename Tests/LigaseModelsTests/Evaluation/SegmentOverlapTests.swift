import LigaseModels
import Testing

/// Cases worked out by hand from the definition of Zemla et al., 1999.
@Suite struct SegmentOverlapTests {
  private func numbers(_ text: String) -> [Int32] {
    text.map { $0 == "-" ? -1 : $0 == "H" ? 0 : $0 == "E" ? 1 : 2 }
  }

  private func overlap(_ observed: String, _ predicted: String) -> SegmentOverlap {
    var overlap = SegmentOverlap()
    overlap.add(observed: numbers(observed), predicted: numbers(predicted))
    return overlap
  }

  @Test func aPerfectPrediction() {
    let found = overlap("CCHHHHEECC", "CCHHHHEECC")
    #expect(found.value == 1 && found.normalization == 10 && found.sum == 10)
  }

  /// The ends of a segment may move by up to half of it: minov 8, maxov 10, delta 2.
  @Test func endsMayMove() {
    let found = overlap("HHHHHHHHHH", "CHHHHHHHHC")
    #expect(found.value == 1 && found.normalization == 10)
    // minov 2, maxov 10, delta = min(8, 2, 5, 1) = 1.
    #expect(overlap("HHHHHHHHHH", "HHCCCCCCCC").sum == 3.0 / 10 * 10)
    // minov 4, maxov 10, delta = min(6, 4, 5, 2) = 2.
    #expect(overlap("HHHHHHHHHH", "CCCHHHHCCC").sum == 6)
  }

  /// An observed helix that is predicted as two counts its length twice: 2 · (2 + 1) / 6 · 6 of 12, and 4 of 4.
  @Test func aSplitSegment() {
    let found = overlap("HHHHHHCCCC", "HHCCHHCCCC")
    #expect(found.sum == 3 + 3 + 4 && found.normalization == 16 && found.value == 0.625)
  }

  /// The helix has no partner; the coil has minov 3, maxov 6, delta = min(3, 3, 1, 3) = 1.
  @Test func aMissedSegment() {
    let found = overlap("HHHCCC", "CCCCCC")
    #expect(found.sum == 4.0 / 6 * 3 && found.normalization == 6 && found.value == 2.0 / 6)
  }

  /// Two observed strands under one predicted: each has minov 3, maxov 8, delta = min(5, 3, 1, 4) = 1, so 4 / 8 · 3.
  @Test func oneSegmentOverTwo() {
    let found = overlap("EEECCEEE", "EEEEEEEE")
    #expect(found.sum == 3 && found.normalization == 3 + 3 + 2 && found.value == 3.0 / 8)
  }

  @Test func unknownResiduesEndASegmentOnBothSides() {
    let found = overlap("HH-HH", "HHHHH")
    #expect(found.sum == 4 && found.normalization == 4)
    #expect(overlap("-----", "HHHHH").value == nil && overlap("", "").value == nil)
  }

  @Test func sequencesAddUp() {
    var sum = overlap("HHHHHHCCCC", "HHCCHHCCCC")
    sum.add(overlap("HHHCCC", "CCCCCC"))
    #expect(sum.sum == 12 && sum.normalization == 22)
    var other = SegmentOverlap()
    other.add(observed: numbers("HHHHHHCCCC"), predicted: numbers("HHCCHHCCCC"))
    other.add(observed: numbers("HHHCCC"), predicted: numbers("CCCCCC"))
    #expect(other == sum)
  }
}
