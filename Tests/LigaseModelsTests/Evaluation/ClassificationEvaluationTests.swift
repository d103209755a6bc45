import LigaseModels
import Testing

/// Reference values: scikit-learn 1.9.1 by Fixtures/reference/evaluation_metrics.py.
struct ClassificationEvaluationTests {
  let truth: [Int32]
  let probabilities: [[Double]]
  let classes = ["a", "b", "c"]

  init() {
    let columns = simulatedColumns(150, seed: 11)
    truth = columns[0].map { Int32(3 * $0) }
    var raw = [[Double]](repeating: [], count: 3)
    for row in 0..<150 {
      let scores = (0..<3).map { index in
        let own = Int(3 * columns[0][row]) == index ? 0.5 : 0
        return (5 * (own + columns[index + 1][row])).rounded(.toNearestOrEven) + 1
      }
      for index in 0..<3 { raw[index].append(scores[index] / (scores[0] + scores[1] + scores[2])) }
    }
    probabilities = raw
  }

  private func value(_ scores: [Score], _ metric: String, _ group: String = "all") -> Double? {
    scores.first { $0.metric == metric && $0.group == group }?.value
  }

  @Test func threeClassesAgreeWithTheReference() throws {
    let scores = try ClassificationEvaluation(
      classes: classes, truth: truth, bootstrap: .init(resamples: 100)
    ).scores([("model", ClassPredictions(probabilities: probabilities))])
    let expected = [
      "accuracy": 0.8066666666666666, "balanced_accuracy": 0.8082692307692309, "mcc": 0.7216659798141579,
      "precision_macro": 0.8320025745398879, "recall_macro": 0.8082692307692309,
      "f1_macro": 0.8084532214966997,
      "precision_micro": 0.8066666666666666, "f1_micro": 0.8066666666666666,
      "precision_weighted": 0.8324920850293984, "recall_weighted": 0.8066666666666666,
      "f1_weighted": 0.8076983242200634, "auroc": 0.9391077053898482, "auprc": 0.8885754264612814,
      "brier": 0.4575640227842199,
    ]
    for (metric, reference) in expected { #expect(isClose(value(scores, metric), reference), "\(metric)") }
    let byClass = [
      "precision": [0.6865671641791045, 0.9230769230769231, 0.8863636363636364],
      "recall": [0.92, 0.6923076923076923, 0.8125],
      "f1": [0.7863247863247863, 0.7912087912087912, 0.8478260869565217],
      "auroc": [0.9266, 0.9375981161695447, 0.953125],
      "auprc": [0.8744820268522719, 0.8877802265684814, 0.9034640259630908],
      "predicted_as:a": [46, 13, 8], "predicted_as:b": [2, 36, 1], "predicted_as:c": [2, 3, 39],
    ]
    for (metric, references) in byClass {
      for (name, reference) in zip(classes, references) {
        #expect(isClose(value(scores, metric, name), reference), "\(metric) \(name)")
      }
    }
    for score in scores where score.low != nil {
      #expect(score.low! <= score.value! && score.value! <= score.high!, "\(score)")
    }
    #expect(scores.first { $0.metric == "f1" && $0.group == "b" }?.n == 52)
  }

  @Test func twoClassesSpeakOfThePositiveOne() throws {
    let positive = probabilities[2]
    let predictions = ClassPredictions(
      labels: positive.map { $0 > 0.4 ? 1 : 0 }, probabilities: [positive.map { 1 - $0 }, positive])
    let evaluation = ClassificationEvaluation(
      classes: ["no", "yes"], truth: truth.map { $0 == 2 ? 1 : 0 }, bootstrap: .init(resamples: 0))
    let scores = try evaluation.scores([("model", predictions)])
    #expect(isClose(value(scores, "auroc"), 0.953125))
    #expect(isClose(value(scores, "auprc"), 0.9034640259630908))
    #expect(isClose(value(scores, "brier"), 0.14585124281727016))
    #expect(isClose(value(scores, "mcc"), 0.8145173317192583))
    #expect(isClose(value(scores, "f1", "yes"), 0.8723404255319149))
    #expect(scores.allSatisfy { $0.low == nil })
  }

  @Test func tiesInScoresCountHalf() {
    // Ten pairs of a positive and another row: 7 in order, 1 tied in value among them.
    let curve = RankingCurve(
      scores: [0.9, 0.8, 0.8, 0.4, 0.3, 0.2, 0.2], isPositive: [true, true, false, false, true, false, true])
    #expect(isClose(curve.areaUnderROC, 7.0 / 12))
    // Steps: 1/1, 2/3 (both of the tie), 3/5, 4/7.
    #expect(isClose(curve.averagePrecision, (1 + 2.0 / 3 + 3.0 / 5 + 4.0 / 7) / 4))
    let constant = RankingCurve(scores: [1, 1, 1, 1], isPositive: [true, false, false, false])
    #expect(constant.areaUnderROC == 0.5 && constant.averagePrecision == 0.25)
    let oneSided = RankingCurve(scores: [1, 2], isPositive: [true, true])
    #expect(oneSided.areaUnderROC == nil && oneSided.averagePrecision == 1)
    #expect(RankingCurve(scores: [1], isPositive: [false]).averagePrecision == nil)
  }

  @Test func absentClassesDivideByNothing() throws {
    // No row is predicted as c, and no row is d.
    let confusion = ConfusionMatrix(
      classes: ["a", "b", "c", "d"], truth: [0, 0, 1, 1, 2], prediction: [0, 1, 1, 1, 0])
    #expect(confusion.precision(2) == 0 && confusion.recall(3) == 0 && confusion.f1(3) == 0)
    #expect(isClose(confusion.balancedAccuracy, (0.5 + 1 + 0) / 3))
    #expect(isClose(confusion.averaged(.macro, confusion.f1), (0.5 + 0.8 + 0) / 3))
    let constant = ConfusionMatrix(classes: ["a", "b"], truth: [0, 1], prediction: [0, 0])
    #expect(constant.matthewsCorrelation == 0)
  }

  @Test func labelsAloneAreEnough() throws {
    let scores = try ClassificationEvaluation(
      classes: ["a", "b"], truth: [0, 1, 1], bootstrap: .init(resamples: 10)
    )
    .scores([("model", ClassPredictions(labels: [0, 1, 0], probabilities: nil))])
    #expect(isClose(value(scores, "accuracy"), 2.0 / 3))
    #expect(value(scores, "auroc") == nil && !scores.contains { $0.metric == "brier" })
  }

  @Test func probabilitiesThatAreNotFiniteAreRefused() {
    let predictions = ClassPredictions(probabilities: [[0.5, .nan], [0.5, 0.5]])
    #expect(throws: EvaluationError.notFinite(row: 2, what: "probability of 'a'")) {
      try ClassificationEvaluation(classes: ["a", "b"], truth: [0, 1]).scores([("model", predictions)])
    }
  }
}
