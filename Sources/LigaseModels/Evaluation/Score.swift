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
  /// The value on each resample; empty where there is no interval. It is not encoded.
  private(set) var resampled: [Double] = []

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

  /// Creates a score with the interval of its resamples; a value that is not finite is undefined and has no interval.
  init(model: String, group: String = "all", metric: String, value: Double, resampled: [Double], n: Int) {
    self.init(model: model, group: group, metric: metric, value: nil, n: n)
    guard value.isFinite else { return }
    (self.value, self.resampled) = (value, resampled)
    (low, high) = Bootstrap.interval(resampled).map { ($0.low, $0.high) } ?? (nil, nil)
  }

  private enum CodingKeys: CodingKey { case model, group, metric, value, low, high, n }

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

extension Score {
  /// The name that stands for all repeats of a cross-validation.
  static let mean = "mean"

  /// The means of metrics over repeats with the same rows: of each metric that has an interval in all.
  ///
  /// A resample draws the same rows in every repeat, so the interval is that of the mean over repeats for other
  /// examples. It does not get narrower because there are many repeats.
  static func means(_ repeats: [[Score]]) -> [Score] {
    struct Name: Hashable { let model, group, metric: String }
    let others = repeats.dropFirst().map { scores in
      Dictionary(
        scores.map { (Name(model: $0.model, group: $0.group, metric: $0.metric), $0) },
        uniquingKeysWith: { a, _ in a })
    }
    return (repeats.first ?? []).compactMap { first in
      let name = Name(model: first.model, group: first.group, metric: first.metric)
      let own = [first] + others.compactMap { $0[name] }
      guard own.count == repeats.count,
        own.allSatisfy({
          !$0.resampled.isEmpty && $0.n == first.n && $0.resampled.count == first.resampled.count
        })
      else { return nil }
      func mean(_ value: (Score) -> Double) -> Double { own.reduce(0) { $0 + value($1) } / Double(own.count) }
      return Score(
        model: first.model, group: first.group, metric: first.metric, value: mean { $0.value! },
        resampled: first.resampled.indices.map { resample in mean { $0.resampled[resample] } }, n: first.n)
    }
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
