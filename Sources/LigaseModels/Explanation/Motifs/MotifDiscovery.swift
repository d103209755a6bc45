import LigaseFormats
import LigaseRuntime

/// Groups seqlets into motifs by the similarity of their contributions.
///
/// 1. The k-mer with the largest share of the attribution gives a first pattern (`SeqletSeeds`). All seqlets are aligned to it, at every
///    offset and on both strands. Those of which the pattern explains at least half (a squared cosine of 0.5) make the next pattern, and
///    are set aside. This is repeated for the remaining seqlets.
/// 2. Each seqlet then joins the pattern that it resembles most, provided that it does so more than 99 % of shuffled seqlets; patterns
///    become the means of their seqlets, similar patterns are merged and small ones dissolved. After three rounds the motifs are final.
///
/// This answers the question of TF-MoDISco, with a seeded search instead of a graph of all pairs: the time is proportional to the number
/// of seqlets times the number of motifs. The result depends on the seed only through the shuffled seqlets, and not on threads.
package struct MotifDiscovery: Sendable {
  package struct Options: Sendable, Equatable {
    /// The smallest number of seqlets of a motif (TF-MoDISco's `final_min_cluster_size`).
    package var minimumSeqlets = 20
    /// The cosine of two patterns above which they are one motif (the first of TF-MoDISco's thresholds for merging).
    package var mergeSimilarity: Float = 0.8
    /// Positions at both ends with less than this fraction of the largest contribution are trimmed (`trim_threshold` of TF-MoDISco's
    /// report).
    package var trimFraction: Float = 0.3
    /// Additional sites at each position of the frequency matrix.
    package var pseudocount = 1.0
    /// The largest number of patterns that are begun, which bounds the time.
    package var maximumMotifs = 50

    package init() {}
  }

  /// The squared cosine from which seqlets make the pattern of a seed: it explains at least half of their contributions.
  private static let explainedFraction: Float = 0.5
  /// The fraction of shuffled seqlets that must be less similar to a pattern than its members.
  private static let nullQuantile = 0.99
  /// The number of shuffled seqlets: ten of them are above the quantile.
  private static let nullCount = 1000
  /// The number of seeds without a motif in succession that ends the search.
  private static let patience = 10
  private static let seedRounds = 2
  private static let finalRounds = 3
  /// Columns beyond a pattern that can join it (TF-MoDISco's flank).
  private static let margin = 10

  private let options: Options
  private let windows: SeqletWindows
  private let null: SeqletWindows
  private let seqlets: [Seqlet]
  /// The largest number of columns of a pattern: the length of the longest seqlet.
  private let maximumWidth: Int

  /// - Parameters:
  ///   - sequences: DNA letters, either case; other letters have no column.
  ///   - attributions: one number for each position of each sequence.
  ///   - seqlets: the stretches to be grouped.
  ///   - seed: the seed of the shuffled seqlets.
  /// - Throws: `ExplanationError` if the lists do not fit together.
  package init(
    sequences: [[UInt8]], attributions: [[Float]], seqlets: [Seqlet], options: Options = Options(),
    seed: UInt64
  ) throws {
    self.options = options
    self.seqlets = seqlets
    windows = try SeqletWindows(sequences: sequences, attributions: attributions, seqlets: seqlets)
    null = windows.shuffled(count: MotifDiscovery.nullCount, seed: seed)
    maximumWidth = max(SeqletSeeds.length, seqlets.map { $0.end - $0.start }.max() ?? 0)
  }

  /// Returns the motifs by the number of their seqlets, the largest first, named `motif_1` and so on.
  package func motifs() -> [DiscoveredMotif] {
    var patterns = seededPatterns()
    for _ in 0..<MotifDiscovery.finalRounds {
      let (groups, matches) = assignment(to: patterns)
      var sized: [(pattern: SeqletPattern, count: Int)] = []
      for (k, group) in groups.enumerated() where group.count >= options.minimumSeqlets {
        sized.append((updated(patterns[k], group, matches[k]), group.count))
      }
      sized.sort { $0.count > $1.count }
      patterns = []
      for candidate in sized.map(\.pattern)
      where !patterns.contains(where: { $0.similarity(to: candidate) >= options.mergeSimilarity }) {
        patterns.append(candidate)
      }
    }
    let (groups, matches) = assignment(to: patterns)
    let order = groups.indices.filter { groups[$0].count >= options.minimumSeqlets }
      .sorted { (groups[$1].count, $0) < (groups[$0].count, $1) }
    return order.enumerated().map { rank, k in
      motif("motif_\(rank + 1)", patterns[k], groups[k], matches[k]).onTheStrandOfMost
    }
  }

  // MARK: Seeds

  private func seededPatterns() -> [SeqletPattern] {
    let seeds = SeqletSeeds(windows)
    var active = windows.windows.map { $0.scale > 0 }
    var excluded: Set<SeqletSeeds.Seed> = []
    var patterns: [SeqletPattern] = []
    var failures = 0
    while failures < MotifDiscovery.patience, patterns.count < options.maximumMotifs,
      let seed = seeds.best(active: active, excluding: excluded)
    {
      excluded.insert(seed)
      var alignment = SeqletAlignment(width: SeqletSeeds.length, margin: MotifDiscovery.margin)
      for found in seeds.occurrences(of: seed, active: active) {
        alignment.add(windows.windows[found.window], at: found.match, weight: found.share, of: windows)
      }
      var pattern = informative(alignment)
      var members: [Int] = []
      for _ in 0..<MotifDiscovery.seedRounds {
        let least = max(threshold(of: pattern), MotifDiscovery.explainedFraction.squareRoot())
        let matches = pattern.matches(in: windows)
        members = matches.indices.filter { active[$0] && matches[$0].similarity >= least }
        if members.count < options.minimumSeqlets { break }
        pattern = updated(pattern, members, matches)
      }
      if members.count < options.minimumSeqlets {
        failures += 1
        continue
      }
      failures = 0
      patterns.append(pattern)
      for i in members { active[i] = false }
    }
    return patterns
  }

  // MARK: Patterns

  private func informative(_ alignment: SeqletAlignment) -> SeqletPattern {
    alignment.pattern(columns(of: alignment))
  }

  private func columns(of alignment: SeqletAlignment) -> Range<Int> {
    alignment.informativeColumns(
      fraction: options.trimFraction, minimum: SeqletSeeds.length, maximum: maximumWidth)
  }

  private func alignment(
    _ pattern: SeqletPattern, _ members: [Int], _ matches: [SeqletPattern.Match]
  ) -> SeqletAlignment {
    var alignment = SeqletAlignment(width: pattern.width, margin: MotifDiscovery.margin)
    for i in members { alignment.add(windows.windows[i], at: matches[i], of: windows) }
    return alignment
  }

  /// The mean of the members, without uninformative columns.
  private func updated(
    _ pattern: SeqletPattern, _ members: [Int], _ matches: [SeqletPattern.Match]
  ) -> SeqletPattern {
    informative(alignment(pattern, members, matches))
  }

  /// The similarity to a pattern that 99 % of shuffled seqlets do not reach.
  private func threshold(of pattern: SeqletPattern) -> Float {
    let similarities = pattern.matches(in: null).map(\.similarity).sorted()
    guard !similarities.isEmpty else { return 1 }
    return similarities[
      min(Int(MotifDiscovery.nullQuantile * Double(similarities.count)), similarities.count - 1)]
  }

  /// The seqlets of each pattern, each in the one that it resembles most, and the matches of all seqlets with each pattern.
  private func assignment(to patterns: [SeqletPattern]) -> ([[Int]], [[SeqletPattern.Match]]) {
    let thresholds = patterns.map(threshold)
    let matches = patterns.map { $0.matches(in: windows) }
    var groups = [[Int]](repeating: [], count: patterns.count)
    for i in windows.windows.indices {
      var best: (pattern: Int, similarity: Float)?
      for k in patterns.indices {
        let similarity = matches[k][i].similarity
        if similarity > thresholds[k], similarity > best?.similarity ?? 0 { best = (k, similarity) }
      }
      if let best { groups[best.pattern].append(i) }
    }
    return (groups, matches)
  }

  private func motif(
    _ name: String, _ pattern: SeqletPattern, _ group: [Int], _ matches: [SeqletPattern.Match]
  ) -> DiscoveredMotif {
    let alignment = alignment(pattern, group, matches), columns = columns(of: alignment)
    let places = columns.lowerBound * 4..<columns.upperBound * 4
    let motif = Motif(
      name: name, counts: Array(alignment.counts[places]), pseudocount: options.pseudocount,
      siteCount: Double(group.count))
    let contributions = alignment.contributions[places].map { Float($0 / Double(group.count)) }
    let members = group.map { i -> DiscoveredMotif.Member in
      let match = matches[i], window = windows.windows[i]
      let shift = match.isReverse ? alignment.width - columns.upperBound : columns.lowerBound
      return DiscoveredMotif.Member(
        seqlet: i, sequence: seqlets[i].sequence,
        start: match.start - alignment.margin + shift - window.sequence.lowerBound,
        isReverse: match.isReverse, similarity: match.similarity)
    }
    return DiscoveredMotif(motif: motif, contributions: contributions, members: members)
  }
}
