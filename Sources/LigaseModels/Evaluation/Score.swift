/// One metric of one model: its value, its bootstrap interval, and the number of observations.
///
/// ```swift
/// let evaluation = try Evaluation(
///   predictions: Table(contentsOf: "predictions.tsv"), truth: Table(contentsOf: "truth.tsv"))
/// let best = evaluation.scores.filter { $0.metric == "rmse" }.min { ($0.value ?? .infinity) < ($1.value ?? .infinity) }
/// print(best?.model ?? "none")
/// ```
public struct Score: Hashable, Sendable, Codable {
  /// `model` for the evaluated predictions, else the name of the baseline.
  public var model: String
  /// `all`, or the class of the metric.
  public var group: String
  /// The name of the metric: `rmse`, `f1`, ….
  public var metric: String
  /// The value; nil where it is undefined, such as a correlation with a constant.
  public var value: Double?
  /// The lower end of the bootstrap 95 % interval.
  public var low: Double?
  /// The upper end of the bootstrap 95 % interval.
  public var high: Double?
  /// The number of rows; for a mean over groups the number of groups, for a metric of a class the rows of
  /// that class.
  public var n: Int

  /// Creates a score.
  package init(
    model: String, group: String = "all", metric: String, value: Double?, low: Double? = nil,
    high: Double? = nil,
    n: Int
  ) {
    self.model = model
    self.group = group
    self.metric = metric
    self.value = value
    self.low = low
    self.high = high
    self.n = n
  }

  /// Encodes every field, with null for undefined values.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(group, forKey: .group)
    try container.encode(metric, forKey: .metric)
    try container.encode(value, forKey: .value)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
    try container.encode(n, forKey: .n)
  }
}

/// An error in the input of an evaluation.
package enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no row to evaluate.
  case noRows
  /// A number that is NaN or infinite; the row is counted from 1.
  case notFinite(row: Int, what: String)

  /// A description in one line.
  public var description: String {
    switch self {
    case .noRows: "there is no row to evaluate"
    case .notFinite(let row, let what): "row \(row): the \(what) is not a finite number"
    }
  }
}
