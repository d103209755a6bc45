/// The bins of tabix and CSI indexes: a tree in which every bin of a contig is divided into eight.
///
/// Level 0 is bin 0 alone, which spans 2^(minimumShift + 3 depth) positions; a bin of the last level spans
/// 2^minimumShift (SAM specification, section 5.3; CSI v1).
struct BinningScheme: Equatable, Sendable {
  /// The width of the smallest bins, as a power of two.
  var minimumShift = 14
  /// The number of levels after the first.
  var depth = 5

  /// The scheme of `.tbi` files, which extends to 2^29.
  static let tabix = BinningScheme()

  /// The number of positions that the scheme spans.
  var span: Int { 1 << (minimumShift + 3 * depth) }

  /// Returns the number of the first bin of a level.
  func firstBin(ofLevel level: Int) -> Int { ((1 << (3 * level)) - 1) / 7 }

  /// The number of bins; the next number but one is that of the bin of counts.
  var binCount: Int { firstBin(ofLevel: depth + 1) }

  /// The number of the bin of counts, which has no records.
  var countsBin: Int { binCount + 1 }

  /// Returns the bin that contains another.
  func parent(of bin: Int) -> Int { (bin - 1) >> 3 }

  /// Returns the smallest bin that contains all of `range`, with positions counted from 0.
  func bin(holding range: Range<Int>) -> Int {
    let last = max(range.lowerBound, range.upperBound - 1)
    var shift = minimumShift
    var level = depth
    while level > 0 {
      if range.lowerBound >> shift == last >> shift {
        return firstBin(ofLevel: level) + range.lowerBound >> shift
      }
      level -= 1
      shift += 3
    }
    return 0
  }

  /// Returns the bins of each level that overlap `range`, as ranges of numbers.
  func bins(overlapping range: Range<Int>) -> [ClosedRange<Int>] {
    let last = min(span, max(range.lowerBound + 1, range.upperBound)) - 1
    let start = min(range.lowerBound, last)
    return (0...depth).map { level in
      let (first, shift) = (firstBin(ofLevel: level), minimumShift + 3 * (depth - level))
      return first + start >> shift...first + last >> shift
    }
  }

  /// Returns the first of the smallest bins within a bin, counted from the start of the contig.
  func firstWindow(below bin: Int) -> Int {
    var (level, bin) = (0, bin)
    var above = bin
    while above > 0 {
      above = parent(of: above)
      level += 1
    }
    while level < depth {
      bin = bin * 8 + 1
      level += 1
    }
    return bin - firstBin(ofLevel: depth)
  }
}
