import LigaseFormats
import LigaseRuntime

/// Compares motifs with a collection of known motifs: Tomtom's p-values for the similarity of two frequency matrices.
///
/// An alignment of a query and a target has the sum of the similarities of its overlapping columns. The null distribution of a column is
/// that of the similarity between the query's column and all columns of all targets, on both strands; that of a sum is the convolution
/// over the overlapping columns of the query, by dynamic programming over similarities in equal steps. The alignment with the smallest
/// p-value p is that of the target, whose p-value is corrected for the number n of alignments: `1 - (1 - p)^n`. The E-value is the
/// p-value times the number of targets; q-values are those of Benjamini and Hochberg over the targets of one query.
///
/// Tomtom estimates the fraction of true null hypotheses for its q-values (Storey), which makes them smaller; Benjamini and Hochberg take
/// it as 1.
///
/// Source: Gupta et al., "Quantifying similarity between motifs" (Genome Biology, 2007).
package struct MotifComparison: Sendable {
  /// The similarity of two columns.
  package enum ColumnSimilarity: String, Sendable, CaseIterable {
    /// Pearson's correlation of the four frequencies; 0 for a column of equal frequencies.
    case pearson
    /// The negative Euclidean distance.
    case euclidean
  }

  package struct Options: Sendable, Equatable {
    package var similarity = ColumnSimilarity.pearson
    /// The smallest number of overlapping columns, or the width of the narrower motif if that is less. 5 is the value with which MEME-ChIP
    /// runs Tomtom with Pearson's correlation.
    package var minimumOverlap = 5
    /// Whether the reverse complements of the targets are compared too.
    package var bothStrands = true
    /// The number of steps of a column's similarity. A step of 1/400 of the range -1 to 1 rounds a correlation by at most 0.0025, less than
    /// the sampling error of one counted from a thousand sites; Tomtom's 100 steps do not tell an equal column from a similar one.
    package var stepCount = 400

    package init() {}
  }

  /// The best alignment with one target.
  package struct Match: Equatable, Sendable {
    /// The index of the target.
    package var target: Int
    /// The query's column that is aligned with the first column of the target (of its reverse complement, if `isReverse`), counted from 0;
    /// negative where the target begins before the query.
    package var offset: Int
    /// Whether the reverse complement of the target is aligned.
    package var isReverse: Bool
    /// The number of overlapping columns.
    package var overlap: Int
    /// The p-value, corrected for the number of alignments.
    package var pValue: Double
    /// The expected number of targets with at most this p-value.
    package var eValue: Double
    /// The false discovery rate among the targets of this query.
    package var qValue: Double
  }

  package let targets: [Motif]
  package let options: Options
  private let columns: TargetColumns

  /// - Parameter targets: the known motifs; those without positions match nothing.
  package init(targets: [Motif], options: Options = Options()) {
    require(
      options.minimumOverlap > 0 && 1...4096 ~= options.stepCount,
      "MotifComparison: overlaps of \(options.minimumOverlap), \(options.stepCount) steps")
    self.targets = targets
    self.options = options
    columns = TargetColumns(targets, options)
  }

  /// Returns the best alignment with every target for each query, by p-value, then by target.
  package func matches(of queries: [Motif]) -> [[Match]] {
    [[Match]](unsafeUninitializedCapacity: queries.count) { result, count in
      count = queries.count
      nonisolated(unsafe) let result = result
      ThreadTeam.current.forEachRange(of: queries.count, grain: 1) { range in
        for i in range { result.initializeElement(at: i, to: matches(of: queries[i])) }
      }
    }
  }

  /// Returns the best alignment with every target, by p-value, then by target.
  package func matches(of query: Motif) -> [Match] {
    guard query.width > 0, !columns.forward.isEmpty else { return [] }
    let scores = ColumnScores(query, columns, options)
    var best = AlignmentList(scores, columns, options).bestAlignments(scores)
    for i in best.indices {
      best[i].eValue = best[i].pValue * Double(targets.count)
    }
    // Targets without positions count as tests with a p-value of 1.
    let missing = targets.count - best.count
    let qValues = FalseDiscoveryRate.qValues(
      best.map(\.pValue) + [Double](repeating: 1, count: missing))
    for i in best.indices { best[i].qValue = qValues[i] }
    return best.sorted { ($0.pValue, $0.target) < ($1.pValue, $1.target) }
  }
}
