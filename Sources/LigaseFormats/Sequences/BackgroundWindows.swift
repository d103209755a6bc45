import LigaseGenomics
import LigaseRuntime

/// Random windows of a genome that match given intervals in width and GC content and overlap none of them:
/// negatives for training with positives (as in BiasAway and gkmSVM's genNullSeqs).
///
///     var background = BackgroundWindows(genome: genome, avoiding: peaks, seed: 1)
///     let negatives = try background.matches(of: peaks)
///
/// For every interval many windows of its width are drawn, with equal probability for every start on the
/// genome. Windows that contain anything but A, C, G, T, or overlap the avoided intervals, are skipped. The
/// window with the nearest GC content is selected, at most once. The result depends on the seed alone.
package struct BackgroundWindows {
  /// The largest difference between the GC fractions of a window and its interval before more windows are
  /// drawn.
  package var tolerance = 0.02
  /// The largest number of draws for intervals without a near window; then the nearest one is selected.
  package var rounds = 20

  private let genome: IndexedFASTA
  private let avoided: [String: [Range<Int>]]
  private var random: SeededGenerator
  /// The start of each contig in the concatenation of all contigs.
  private var contigStarts: [Int] = []
  private let total: Int

  /// A window and its match.
  package struct Match: Equatable, Sendable {
    /// The position of the window.
    package var interval: BED.Record
    /// The index of the matched interval.
    package var index: Int
    /// The difference between the GC fractions.
    package var distance: Double
    /// The residues.
    package var sequence: [UInt8]
  }

  /// A candidate: its position, and its number of G and C.
  private struct Candidate {
    var contig: Int32
    var start: Int
    var gc: Int
  }

  /// Creates windows of `genome` that overlap none of `avoiding`.
  package init(genome: IndexedFASTA, avoiding: [BED.Record], seed: UInt64) {
    self.genome = genome
    var ranges: [String: [Range<Int>]] = [:]
    for interval in avoiding where interval.end > interval.start {
      ranges[interval.contig, default: []].append(interval.start..<interval.end)
    }
    avoided = ranges.mapValues(BackgroundWindows.merged)
    random = SeededGenerator(seed: seed, stream: "background")
    var sum = 0
    for entry in genome.index.entries {
      contigStarts.append(sum)
      sum += entry.length
    }
    total = sum
  }

  /// Returns `count` windows for each interval, in the order of the intervals; an interval without any
  /// possible window throws, as does one beyond its contig.
  package mutating func matches(of intervals: [BED.Record], count: Int = 1) throws -> [Match] {
    precondition(count >= 0, "BackgroundWindows.matches: \(count) windows")
    var targets: [Int: [Target]] = [:]
    for (index, interval) in intervals.enumerated() {
      let width = interval.end - interval.start
      if width == 0 { throw failure(interval, "found an empty interval, expected one with residues") }
      let residues = try genome.sequence(
        of: Region(contig: interval.contig, start: interval.start + 1, end: interval.end))
      var counts = ResidueCounts()
      residues.withUnsafeBufferPointer { _ = counts.add($0) }
      guard let fraction = counts.gcFraction else {
        throw failure(interval, "found no base in the interval, so it has no GC content")
      }
      for _ in 0..<count { targets[width, default: []].append(Target(index: index, gc: fraction)) }
    }
    var found: [Match] = []
    for width in targets.keys.sorted() { found += try matches(targets[width]!, width: width, intervals) }
    return found.sorted { $0.index < $1.index }
  }

  /// An interval and its GC fraction.
  private struct Target {
    var index: Int
    var gc: Double
  }

  private mutating func matches(
    _ targets: [Target], width: Int, _ intervals: [BED.Record]
  ) throws -> [Match] {
    var pool = [[Candidate]](repeating: [], count: width + 1)
    var taken: Set<Int> = []
    var open = targets
    var found: [Match] = []
    for round in 1...max(1, rounds) {
      for candidate in try draw(max(64, 16 * open.count), width: width) {
        let key = contigStarts[Int(candidate.contig)] + candidate.start
        if taken.insert(key).inserted { pool[candidate.gc].append(candidate) }
      }
      var unmet: [Target] = []
      for target in open {
        let wanted = target.gc * Double(width)
        let isLast = round == max(1, rounds)
        guard
          let gc = nearest(wanted, in: pool, within: isLast ? width : Int(tolerance * Double(width) + 0.5))
        else {
          unmet.append(target)
          continue
        }
        let candidate = pool[gc].removeLast()
        found.append(try match(candidate, target, width, intervals[target.index]))
      }
      open = unmet
      if open.isEmpty { return found }
    }
    throw failure(
      intervals[open[0].index],
      "found no window of \(width) residues in \(FormatError.printable(genome.path.utf8)) that is free for this interval"
    )
  }

  /// Returns the nearest count of G and C that has a candidate, at most `reach` from `wanted`.
  private func nearest(_ wanted: Double, in pool: [[Candidate]], within reach: Int) -> Int? {
    let middle = Int(wanted.rounded())
    for step in 0...max(0, reach) {
      for gc in step == 0 ? [middle] : [middle - step, middle + step]
      where pool.indices.contains(gc) && !pool[gc].isEmpty { return gc }
    }
    return nil
  }

  private func match(
    _ candidate: Candidate, _ target: Target, _ width: Int, _ interval: BED.Record
  ) throws -> Match {
    let entry = genome.index.entries[Int(candidate.contig)]
    let sequence = try genome.residues(of: entry, candidate.start..<candidate.start + width)
    return Match(
      interval: BED.Record(contig: entry.name, start: candidate.start, end: candidate.start + width),
      index: target.index, distance: abs(Double(candidate.gc) / Double(width) - target.gc), sequence: sequence
    )
  }

  /// Returns windows at random free positions, in the order of the genome; other positions are skipped.
  private mutating func draw(_ count: Int, width: Int) throws -> [Candidate] {
    if total < width { return [] }
    var starts: [Int] = []
    starts.reserveCapacity(count)
    for _ in 0..<count { starts.append(random.next(below: total - width + 1)) }
    starts.sort()
    var candidates: [Candidate] = []
    var contig = 0
    for place in starts {
      while contig + 1 < contigStarts.count, contigStarts[contig + 1] <= place { contig += 1 }
      let entry = genome.index.entries[contig]
      let start = place - contigStarts[contig]
      if start + width > entry.length || isAvoided(entry.name, start..<start + width) { continue }
      let residues = try genome.residues(of: entry, start..<start + width)
      var counts = ResidueCounts()
      residues.withUnsafeBufferPointer { _ = counts.add($0) }
      if !residues.allSatisfy({ BackgroundWindows.isBase[Int($0)] }) { continue }
      candidates.append(Candidate(contig: Int32(contig), start: start, gc: counts.gc))
    }
    // Candidates of one GC content are used from the last to the first, so their order must not be that of
    // the genome.
    candidates.shuffle(using: &random)
    return candidates
  }

  private static let isBase: [Bool] = (0..<256).map {
    [0x61, 0x63, 0x67, 0x74, 0x75].contains($0 | 0x20) && $0 >= 0x41
  }

  private func isAvoided(_ contig: String, _ window: Range<Int>) -> Bool {
    guard let ranges = avoided[contig] else { return false }
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= window.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound < window.upperBound
  }

  /// Returns the ranges in order, with adjacent ones joined.
  private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  private func failure(_ interval: BED.Record, _ message: String) -> FormatError {
    FormatError(.badData, path: "\(interval.contig):\(interval.start + 1)-\(interval.end)", message)
  }
}
