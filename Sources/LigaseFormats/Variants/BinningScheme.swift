/// How tabix and CSI indexes cut a contig into bins: a tree in which every bin is cut into eight.
///
/// Level 0 is the one bin 0, which spans 2^(minimumShift + 3 depth) positions; a bin of the last level spans
/// 2^minimumShift (SAM specification, section 5.3; CSI v1).
struct BinningScheme: Equatable, Sendable {
  /// The width of the smallest bins, as a power of two.
  var minimumShift = 14
  /// How many levels there are below the first.
  var depth = 5

  /// The scheme of `.tbi` files, which reaches to 2^29.
  static let tabix = BinningScheme()

  /// How many positions it reaches over.
  var span: Int { 1 << (minimumShift + 3 * depth) }

  /// The number of the first bin of a level.
  func firstBin(ofLevel level: Int) -> Int { ((1 << (3 * level)) - 1) / 7 }

  /// How many bins there are; the number behind the next is that of the bin which holds counts.
  var binCount: Int { firstBin(ofLevel: depth + 1) }

  /// The number of the bin that holds counts and no records.
  var countsBin: Int { binCount + 1 }

  /// The bin above another.
  func parent(of bin: Int) -> Int { (bin - 1) >> 3 }

  /// The smallest bin that holds all of `range`, positions counted from 0.
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

  /// The bins of each level that overlap `range`, as ranges of numbers.
  func bins(overlapping range: Range<Int>) -> [ClosedRange<Int>] {
    let last = min(span, max(range.lowerBound + 1, range.upperBound)) - 1
    let start = min(range.lowerBound, last)
    return (0...depth).map { level in
      let (first, shift) = (firstBin(ofLevel: level), minimumShift + 3 * (depth - level))
      return first + start >> shift...first + last >> shift
    }
  }

  /// The first of the smallest bins below a bin, counted from the beginning of the contig.
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
