/// The segment overlap of predicted with observed labels (SOV'99).
///
/// Every observed segment s1 and every predicted segment s2 of the same class that overlap contribute `(minov
/// + delta) / maxov · len(s1)`, with `delta = min(maxov - minov, minov, len(s1) / 2, len(s2) / 2)`; the sum
/// is divided by the lengths of s1 over all such pairs, plus the lengths of observed segments without an
/// overlapping predicted segment.
///
/// Source: Zemla et al., "A modified definition of SOV" (Proteins, 1999).
package struct SegmentOverlap: Hashable, Sendable {
  /// The sum of the contributions of overlaps.
  package private(set) var sum = 0.0
  /// The divisor of the sum.
  package private(set) var normalization = 0

  /// Creates the overlap of no sequences.
  package init() {}

  /// The overlap as a fraction from 0 to 1, or nil where nothing was observed.
  package var value: Double? { normalization == 0 ? nil : sum / Double(normalization) }

  /// Adds a sequence; -1 is a residue of unknown class, which ends observed and predicted segments.
  package mutating func add(observed: [Int32], predicted: [Int32]) {
    precondition(
      observed.count == predicted.count, "SegmentOverlap: \(observed.count) and \(predicted.count) residues")
    let hidden = zip(observed, predicted).map { $0 < 0 ? -1 : $1 }
    let (first, second) = (Self.segments(observed), Self.segments(hidden))
    for s1 in first {
      var hasPartner = false
      for s2 in second where s2.label == s1.label && s2.range.overlaps(s1.range) {
        hasPartner = true
        let least =
          min(s1.range.upperBound, s2.range.upperBound) - max(s1.range.lowerBound, s2.range.lowerBound)
        let most =
          max(s1.range.upperBound, s2.range.upperBound) - min(s1.range.lowerBound, s2.range.lowerBound)
        let delta = min(most - least, least, s1.range.count / 2, s2.range.count / 2)
        sum += Double(least + delta) / Double(most) * Double(s1.range.count)
        normalization += s1.range.count
      }
      if !hasPartner { normalization += s1.range.count }
    }
  }

  /// Adds the sums of another overlap.
  package mutating func add(_ other: SegmentOverlap) {
    sum += other.sum
    normalization += other.normalization
  }

  private static func segments(_ labels: [Int32]) -> [(label: Int32, range: Range<Int>)] {
    var found: [(Int32, Range<Int>)] = []
    var start = 0
    for i in labels.indices.dropFirst() + [labels.count] where i == labels.count || labels[i] != labels[start]
    {
      if start < labels.count, labels[start] >= 0 { found.append((labels[start], start..<i)) }
      start = i
    }
    return found
  }
}
