import LigaseFormats
import LigaseGenomics

/// The windows of a sequence around the reference and an alternate allele.
///
/// The reference window has the variant in its middle. The alternate allele is placed in the same window. If
/// it is longer or shorter than the reference allele, there are two windows, one with the same start and one
/// with the same end as the reference window, so that neither side is shifted in both. Positions beyond the
/// ends of the contig are unknown (`N`).
package struct AlleleWindows: Hashable, Sendable {
  /// The window with the reference allele.
  package var reference: [UInt8]
  /// The windows with the alternate allele: one where the lengths are equal, else two, aligned left and right.
  package var alternates: [[UInt8]]

  /// Creates windows.
  public init(reference: [UInt8], alternates: [[UInt8]]) {
    self.reference = reference
    self.alternates = alternates
  }

  /// Extracts the windows.
  ///
  /// - Parameters:
  ///   - start: the first base of the reference allele, from 0.
  ///   - referenceCount: the number of bases of the reference allele.
  ///   - alternate: the alternate allele.
  ///   - width: the length of every window.
  ///   - length: the length of the contig.
  ///   - bases: returns the bases of a range within the contig.
  package init(
    start: Int, referenceCount: Int, alternate: [UInt8], width: Int, contigLength length: Int,
    filler: UInt8 = UInt8(ascii: "N"), bases: (Range<Int>) throws -> [UInt8]
  ) rethrows {
    precondition(width > 0 && start >= 0 && referenceCount >= 0, "AlleleWindows: a window of \(width)")
    func padded(_ range: Range<Int>) throws -> [UInt8] {
      let inside = range.clamped(to: 0..<max(length, 0))
      if inside.isEmpty { return [UInt8](repeating: filler, count: range.count) }
      return [UInt8](repeating: filler, count: inside.lowerBound - range.lowerBound) + (try bases(inside))
        + [UInt8](repeating: filler, count: range.upperBound - inside.upperBound)
    }
    let first = start + referenceCount / 2 - width / 2
    let end = first + width, after = start + referenceCount
    // Enough bases on either side for the window that is aligned to the other.
    let reach = max(0, referenceCount - alternate.count)
    let text = try padded(min(first, start) - reach..<max(end, after) + reach)
    let origin = min(first, start) - reach
    func piece(_ range: Range<Int>) -> ArraySlice<UInt8> {
      range.isEmpty ? [] : text[(range.lowerBound - origin)..<(range.upperBound - origin)]
    }
    reference = Array(piece(first..<end))
    let left = piece(min(first, start)..<start).suffix(max(0, start - first))
    let right = piece(after..<max(end, after)).prefix(max(0, end - after))
    if alternate.count == referenceCount {
      let whole = left + alternate + right
      // Where the allele is longer than the window, the window is inside the allele.
      alternates = [Array(whole.dropFirst(max(0, first - start)).prefix(width))]
      return
    }
    let fromLeft = Array((left + alternate + piece(after..<max(end, after) + reach)).prefix(width))
    let fromRight = Array((piece(min(first, start) - reach..<start) + alternate + right).suffix(width))
    func filled(_ window: [UInt8], atEnd: Bool) -> [UInt8] {
      let gap = [UInt8](repeating: filler, count: max(0, width - window.count))
      return atEnd ? window + gap : gap + window
    }
    alternates = [filled(fromLeft, atEnd: true), filled(fromRight, atEnd: false)]
  }
}
