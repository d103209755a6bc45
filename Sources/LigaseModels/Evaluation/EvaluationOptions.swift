import LigaseDatasets

/// The options of an ``Evaluation``; the defaults fit a table of values.
package struct EvaluationOptions: Sendable {
  /// Whether numbers or classes are judged.
  package enum Task: String, Sendable, CaseIterable {
    /// Numbers.
    case regression
    /// Classes.
    case classification
  }

  /// The kind of judgement; nil is classification when the predictions have `probability:` columns or the
  /// target does not hold numbers.
  package var task: Task?
  /// The column of the truth that is predicted; nil is its only column of numbers that the predictions do not
  /// have.
  package var target: String?
  /// The columns over which both tables are joined; nil is all that both have, but for target and
  /// predictions.
  package var keys: [String]?
  /// The column of predicted numbers or labels.
  package var predictionColumn = "prediction"
  /// The key columns within which correlations are taken; the first two make the pairs of the baselines. None takes both
  /// key columns where there are two, that with fewer ids first.
  package var groupings: [Grouping] = []
  /// The fold of the split that is the test part.
  package var fold = 0
  /// The part of the split that is judged.
  package var subset = Split.Subset.test
  /// The texts of the target that mean a missing value, besides the empty one; nil is the usual rule.
  package var missing: [String]?
  /// Classes of the target, where the truth may lack some of them.
  package var classes: [String] = []
  /// The class of which two-class figures speak; nil is the last one.
  package var positiveClass: String?
  /// How many resamples make an interval.
  package var resamples = 1000
  /// The column of the truth whose rows are drawn together; nil draws row by row.
  package var resampleBy: String?
  /// The fewest rows of a group whose correlation counts.
  package var minimumGroup = 3
  /// The penalty of the ridge regressions.
  package var ridgePenalty = 1000.0
  /// Series that a key column of the truth names, for the baseline of the nearest one.
  package var series: SeriesReading?
  /// The seed of resamples, of the factorisation, and of validation rows that a split does not name.
  package var seed: UInt64 = 0

  /// Which of several labels is judged; nil for a target that stands alone.
  var label: Label?

  /// One of several labels, as the truth has it.
  enum Label: Sendable {
    /// A column of 0 and 1.
    case column(String)
    /// A member of the sets in the target's column.
    case member(String)

    var name: String {
      switch self {
      case .column(let name), .member(let name): name
      }
    }
  }

  /// Options with default values, which fit a table of values.
  package init() {}
}
