/// The surroundings of a variant on one haplotype: the reference with the haplotype's other variants.
///
/// Of overlapping variants the nearer one is used; variants that overlap the variant itself are ignored.
package struct HaplotypeContext: Hashable, Sendable {
  /// An allele that replaces bases of the reference.
  package struct Change: Hashable, Sendable {
    /// The first base that is replaced, from 0.
    package var start: Int
    /// The number of replaced bases.
    package var referenceCount: Int
    /// The alternate residues.
    package var bases: [UInt8]

    /// Creates a change.
    package init(start: Int, referenceCount: Int, bases: [UInt8]) {
      self.start = start
      self.referenceCount = referenceCount
      self.bases = bases
    }
  }

  /// The haplotype around the variant, with the reference allele in its middle; shorter at the ends of a
  /// contig.
  package var text: [UInt8]
  /// The position of the reference allele in `text`.
  package var start: Int
  private let referenceCount: Int

  /// Extends a variant's reference allele `range` to both sides by `reach` bases, or up to the ends of the
  /// contig.
  ///
  /// - Parameters:
  ///   - changes: the haplotype's other variants, sorted by position.
  ///   - length: the length of the contig.
  ///   - bases: returns the bases of a range within the contig.
  package init(
    around range: Range<Int>, changes: [Change], reach: Int, contigLength length: Int,
    bases: (Range<Int>) throws -> [UInt8]
  ) rethrows {
    var right: [UInt8] = []
    var at = range.upperBound
    func forward(to end: Int) throws {
      let count = min(end - at, reach - right.count)
      if count > 0 { right += try bases(at..<at + count) }
    }
    for change in changes where change.start >= at && change.start < length && right.count < reach {
      try forward(to: change.start)
      if right.count < reach { right += change.bases }
      at = change.start + change.referenceCount
    }
    try forward(to: length)

    var pieces: [[UInt8]] = []
    var found = 0
    at = range.lowerBound
    func backward(to begin: Int) throws {
      let count = min(at - begin, reach - found)
      guard count > 0 else { return }
      pieces.append(try bases(at - count..<at))
      found += count
    }
    for change in changes.reversed() where change.start + change.referenceCount <= at && found < reach {
      try backward(to: change.start + change.referenceCount)
      if found < reach {
        pieces.append(change.bases)
        found += change.bases.count
      }
      at = change.start
    }
    try backward(to: 0)
    let left = pieces.reversed().flatMap { $0 }.suffix(reach)
    text = Array(left) + (try bases(range)) + right.prefix(reach)
    start = left.count
    referenceCount = range.count
  }

  /// Returns the windows of an allele within this context.
  package func windows(of alternate: [UInt8], width: Int) -> AlleleWindows {
    AlleleWindows(
      start: start, referenceCount: referenceCount, alternate: alternate, width: width,
      contigLength: text.count
    ) { Array(text[$0]) }
  }
}
