import LigaseRuntime

/// All alignments of one query with the targets, sorted by the columns of the query that overlap: those with the same columns have the
/// same null distribution.
struct AlignmentList {
  private struct Alignment {
    var target: Int32
    var offset: Int32
    var isReverse: Bool
    /// The sum of the similarities in steps.
    var score: Int32
  }

  /// The first overlapping column of the query, and their number.
  private struct Overlap: Hashable, Comparable {
    var start: Int
    var count: Int

    static func < (a: Overlap, b: Overlap) -> Bool { (a.start, a.count) < (b.start, b.count) }
  }

  private var alignments: [Overlap: [Alignment]] = [:]
  /// The number of alignments with each target.
  private var counts: [Int]

  init(_ scores: ColumnScores, _ columns: TargetColumns, _ options: MotifComparison.Options) {
    let targetCount = columns.starts.count - 1, columnCount = columns.starts[targetCount]
    counts = [Int](repeating: 0, count: targetCount)
    for target in 0..<targetCount {
      let width = columns.width(target), least = min(options.minimumOverlap, scores.width, width)
      if width == 0 { continue }
      for offset in (least - width)...(scores.width - least) {
        let overlap = max(0, offset)..<min(scores.width, offset + width)
        for (isReverse, values) in [(false, scores.forward), (true, scores.reverse)] where !values.isEmpty {
          var sum = 0
          for column in overlap {
            sum += Int(values[column * columnCount + columns.starts[target] + column - offset])
          }
          let alignment = Alignment(
            target: Int32(clamping: target), offset: Int32(clamping: offset), isReverse: isReverse,
            score: Int32(clamping: sum))
          alignments[Overlap(start: overlap.lowerBound, count: overlap.count), default: []].append(alignment)
          counts[target] += 1
        }
      }
    }
  }

  /// Returns the alignment with the smallest p-value of each target that has columns; of equal ones the one with more columns, then the
  /// forward one, then the smallest offset. E-values and q-values are left to the caller.
  func bestAlignments(_ scores: ColumnScores) -> [MotifComparison.Match] {
    var best = [MotifComparison.Match?](repeating: nil, count: counts.count)
    func use(_ overlap: Overlap, _ distribution: [Double]) {
      guard let alignments = alignments[overlap] else { return }
      let tail = ColumnScores.upperTail(distribution)
      for alignment in alignments {
        let match = MotifComparison.Match(
          target: Int(alignment.target), offset: Int(alignment.offset), isReverse: alignment.isReverse,
          overlap: overlap.count, pValue: tail[Int(alignment.score)], eValue: 1, qValue: 1)
        if let known = best[match.target], !AlignmentList.precedes(match, known) { continue }
        best[match.target] = match
      }
    }
    let width = scores.width
    // Overlaps that begin with the query grow to the right, those that end with it to the left, and the others are within it.
    let longest = Dictionary(grouping: alignments.keys) { $0.start }.mapValues { keys in
      keys.map { $0.start + $0.count < width || $0.start == 0 ? $0.count : 0 }.max() ?? 0
    }
    for start in 0..<width {
      var sum = [1.0]
      for count in 0..<(longest[start] ?? 0) {
        sum = scores.convolved(sum, column: start + count)
        let overlap = Overlap(start: start, count: count + 1)
        if start == 0 || start + count + 1 < width { use(overlap, sum) }
      }
    }
    let first = alignments.keys.filter { $0.start > 0 && $0.start + $0.count == width }.map(\.start).min()
    if let first {
      var sum = [1.0]
      for start in (first..<width).reversed() {
        sum = scores.convolved(sum, column: start)
        use(Overlap(start: start, count: width - start), sum)
      }
    }
    return best.enumerated().compactMap { target, match in
      guard var match else { return nil }
      match.pValue = AlignmentList.corrected(match.pValue, tests: counts[target])
      return match
    }
  }

  private static func precedes(_ a: MotifComparison.Match, _ b: MotifComparison.Match) -> Bool {
    if a.pValue != b.pValue { return a.pValue < b.pValue }
    if a.overlap != b.overlap { return a.overlap > b.overlap }
    if a.isReverse != b.isReverse { return b.isReverse }
    return a.offset < b.offset
  }

  /// The probability that the smallest of `tests` independent p-values is at most `pValue`: `1 - (1 - p)^n`.
  static func corrected(_ pValue: Double, tests: Int) -> Double {
    pValue >= 1 ? 1 : -expm1(Double(tests) * log1p(-pValue))
  }
}
