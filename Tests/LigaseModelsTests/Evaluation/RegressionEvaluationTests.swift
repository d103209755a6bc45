import LigaseModels
import Testing

/// Reference values: scipy 1.17.1 and scikit-learn 1.9.1 by Fixtures/reference/evaluation_metrics.py.
struct RegressionEvaluationTests {
  /// Measurements and predictions with many ties, and twelve groups of 13 to 21 rows.
  let truth: [Double]
  let prediction: [Double]
  let groups: [Int32]

  init() {
    let columns = simulatedColumns(200, seed: 7)
    truth = columns[0].map { (10 * $0).rounded(.toNearestOrEven) / 4 }
    prediction = zip(columns[0], columns[1]).map {
      (8 * (0.7 * $0 + 0.3 * $1)).rounded(.toNearestOrEven) / 3 - 1
    }
    groups = columns[2].map { Int32($0 * 12) }
  }

  @Test func metricsAgreeWithTheReference() {
    let metrics = RegressionMetrics(truth: truth, prediction: prediction)
    #expect(isClose(metrics.pearson, 0.9122745477469831))
    #expect(isClose(metrics.spearman, 0.9153262009196773))
    #expect(isClose(metrics.rmse, 0.9635546170300883))
    #expect(isClose(metrics.mae, 0.9145833333333334))
    #expect(isClose(metrics.r2, -0.7534696093793802))
    let byGroup = metrics.pearsonByGroup(groups).compactMap { $0 }
    #expect(byGroup.count == 12)
    #expect(isClose(byGroup.reduce(0, +) / 12, 0.9137420398657697))
  }

  @Test func intervalsAgreeWithResamplingByBruteForce() throws {
    let scores = try RegressionEvaluation(
      truth: truth, groupings: [("drug", groups)], bootstrap: .init(resamples: 4000, seed: 1)
    ).scores([("model", prediction)])
    #expect(scores.map(\.metric) == ["rmse", "mae", "r2", "pearson", "spearman", "pearson_per_drug"])
    #expect(scores.map(\.n) == [200, 200, 200, 200, 200, 12])
    // numpy's percentiles of 4000 resamples of rows, whose own error is about 0.002 (0.02 for r2).
    let expected = [
      (0.9238, 1.0038), (0.8721, 0.9567), (-1.0644, -0.5173), (0.8901, 0.9305), (0.8901, 0.9333),
    ]
    for (score, (low, high)) in zip(scores, expected) {
      let tolerance = score.metric == "r2" ? 0.04 : 0.004
      #expect(isClose(score.low, low, tolerance) && isClose(score.high, high, tolerance), "\(score)")
    }
  }

  @Test func weightsMeanRepeatedRows() throws {
    // Groups that are resampled together: with one group each resample is the whole, so the interval is the
    // value.
    let one = Bootstrap(resamples: 5, seed: 0, groups: [Int32](repeating: 0, count: 200))
    for score in try RegressionEvaluation(truth: truth, bootstrap: one).scores([("model", prediction)]) {
      #expect(isClose(score.low, score.value!, 1e-9) && isClose(score.high, score.value!, 1e-9), "\(score)")
    }
    // Two groups of rows: a resample is the first twice, the second twice, or both.
    let halves = groups.map { $0 < 6 ? Int32(0) : 1 }
    let two = Bootstrap(resamples: 200, seed: 0, groups: halves)
    let scores = try RegressionEvaluation(truth: truth, bootstrap: two).scores([("model", prediction)])
    let values = [Int32(0), 1].map { half in
      let rows = halves.indices.filter { halves[$0] == half }
      let doubled = rows + rows
      return RegressionMetrics(truth: doubled.map { truth[$0] }, prediction: doubled.map { prediction[$0] })
    }
    for (score, figure) in zip(scores, [\RegressionMetrics.rmse, \.mae, \.r2, \.pearson, \.spearman]) {
      let ends = values.map { $0[keyPath: figure]! }
      #expect(isClose(score.low, ends.min()!, 1e-9) && isClose(score.high, ends.max()!, 1e-9), "\(score)")
    }
  }

  @Test func theSameSeedGivesTheSameIntervals() throws {
    func scores(_ seed: UInt64) throws -> [Score] {
      try RegressionEvaluation(truth: truth, bootstrap: .init(resamples: 50, seed: seed))
        .scores([("model", prediction)])
    }
    #expect(try scores(1) == scores(1))
    #expect(try scores(1) != scores(2))
  }

  @Test func constantsLeaveCorrelationsUndefined() throws {
    let constant = [Double](repeating: 0.1, count: 200)
    let scores = try RegressionEvaluation(
      truth: truth, groupings: [("drug", groups)], bootstrap: .init(resamples: 20)
    ).scores([("model", constant), ("other", prediction)])
    for metric in ["pearson", "spearman", "pearson_per_drug"] {
      let score = scores.first { $0.metric == metric }!
      #expect(score.value == nil && score.low == nil && score.high == nil)
    }
    #expect(scores.first { $0.metric == "rmse" }?.value != nil)
    let back = RegressionMetrics(truth: constant, prediction: truth)
    #expect(back.r2 == nil && back.pearson == nil && back.rmse != nil)
  }

  @Test func oneRowHasErrorsAndNoCorrelation() throws {
    let scores = try RegressionEvaluation(
      truth: [2], groupings: [("drug", [0])], bootstrap: .init(resamples: 10)
    ).scores([("model", [1.5])])
    #expect(scores.map(\.value) == [0.5, 0.5, nil, nil, nil, nil])
    #expect(scores[0].low == 0.5 && scores[0].high == 0.5)
    #expect(scores.last?.n == 0)
  }

  @Test func perfectPredictionsAreOne() throws {
    let scores = try RegressionEvaluation(truth: truth, bootstrap: .init(resamples: 20))
      .scores([("model", truth)])
    #expect(scores.map { $0.value! } == [0, 0, 1, 1, 1])
    #expect(scores.allSatisfy { abs($0.low! - $0.value!) < 1e-12 })
  }

  @Test func smallGroupsDoNotCount() {
    let metrics = RegressionMetrics(truth: [1, 2, 3, 1, 2, 5, 5, 5], prediction: [1, 2, 3, 2, 1, 1, 2, 3])
    let groups: [Int32] = [0, 0, 0, 1, 1, 2, 2, 2]
    let values = metrics.pearsonByGroup(groups)
    #expect(isClose(values[0], 1) && values[1] == nil && values[2] == nil)
    #expect(isClose(metrics.pearsonByGroup(groups, minimum: 2)[1], -1))
  }

  @Test func numbersThatAreNotFiniteAreRefused() {
    #expect(throws: EvaluationError.notFinite(row: 2, what: "prediction")) {
      try RegressionEvaluation(truth: [1, 2]).scores([("model", [1, .nan])])
    }
    #expect(throws: EvaluationError.notFinite(row: 1, what: "measurement")) {
      try RegressionEvaluation(truth: [.infinity, 2]).scores([("model", [1, 2])])
    }
    #expect(throws: EvaluationError.noRows) { try RegressionEvaluation(truth: []).scores([("model", [])]) }
  }

  @Test func percentilesAreInterpolated() {
    let values = (0...100).map { Double($0) }.reversed()
    let interval = Bootstrap.interval(Array(values))!
    #expect(interval.low == 2.5 && interval.high == 97.5)
    #expect(Bootstrap.interval([.nan, .nan, 1]) == nil)
    #expect(Bootstrap.interval([.nan, 1, 1])! == (1, 1))
  }
}
