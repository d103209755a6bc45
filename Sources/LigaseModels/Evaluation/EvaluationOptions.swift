import LigaseDatasets

/// The options of an ``Evaluation``; the defaults fit a table of values.
package struct EvaluationOptions: Sendable {
  /// The tasks that can be evaluated.
  package enum Task: String, Sendable, CaseIterable {
    /// Predicted numbers.
    case regression
    /// Predicted classes.
    case classification
    /// Right-censored times to an event.
    case survival

    /// The kinds that two tables can be evaluated as.
    package static let allCases: [Task] = [.regression, .classification]
  }

  /// The task; nil is classification when the predictions have `probability:` columns or the target is not
  /// numeric.
  package var task: Task?
  /// The target column of the truth; nil is its only numeric column that the predictions do not have.
  package var target: String?
  /// The key columns of the join; nil is all columns that both tables have, except target and predictions.
  package var keys: [String]?
  /// The column of predicted numbers or labels.
  package var predictionColumn = "prediction"
  /// The key columns within which correlations are computed; the first two define the pairs of the baselines.
  /// An empty list uses both key columns where there are two, the one with fewer ids first.
  package var groupings: [Grouping] = []
  /// The fold of the split that is the test subset.
  package var fold = 0
  /// The subset of the split that is evaluated.
  package var subset = Split.Subset.test
  /// The texts of the target that mean a missing value, besides the empty text; nil uses the default texts.
  package var missing: [String]?
  /// The classes of the target, where the truth may lack some of them.
  package var classes: [String] = []
  /// The positive class for metrics of two classes; nil is the last one.
  package var positiveClass: String?
  /// The number of bootstrap resamples of an interval.
  package var resamples = 1000
  /// The column of the truth whose equal rows are resampled together; nil resamples single rows.
  package var resampleBy: String?
  /// The smallest number of rows of a group whose correlation is included.
  package var minimumGroup = 3
  /// The penalty of the ridge regressions.
  package var ridgePenalty = 1000.0
  /// Series that a key column of the truth names, for the baseline of the nearest one.
  package var series: SeriesReading?
  /// The seed of resamples, of the low-rank baseline, and of validation rows that a split does not name.
  package var seed: UInt64 = 0

  /// The evaluated label, of several; nil for a single target.
  var label: Label?

  /// One of several labels, as the truth contains it.
  enum Label: Sendable {
    /// A column of 0 and 1.
    case column(String)
    /// A member of the sets of labels in the target column.
    case member(String)

    var name: String {
      switch self {
      case .column(let name), .member(let name): name
      }
    }
  }

  /// Creates the default options, which fit a table of values.
  package init() {}
}
