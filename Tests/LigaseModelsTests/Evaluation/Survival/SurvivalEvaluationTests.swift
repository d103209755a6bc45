import Glibc
import LigaseModels
import LigaseTensors
import Testing

struct SurvivalEvaluationTests {
  /// Predictions of the reference, and of a model that knows nothing.
  private func models(_ cohort: SurvivalReference.Cohort) -> [SurvivalPredictions] {
    let curve = KaplanMeier.survival(of: cohort.data)
    let zeros = [Double](repeating: 0, count: cohort.times.count)
    return [
      SurvivalPredictions(name: "model", risk: cohort.risk, survival: cohort.brier.survival),
      SurvivalPredictions(
        name: "Kaplan-Meier", risk: zeros,
        survival: cohort.brier.times.map { time in zeros.map { _ in curve.value(at: time) } }),
      SurvivalPredictions(name: "risk alone", risk: cohort.risk.map { -$0 }),
    ]
  }

  private func evaluation(
    _ cohort: SurvivalReference.Cohort, bootstrap: Bootstrap = Bootstrap(resamples: 40, seed: 2)
  ) -> SurvivalEvaluation {
    SurvivalEvaluation(
      truth: cohort.data, censoring: SurvivalReference.shared.censoring, censoringSource: "training rows",
      times: cohort.brier.times, horizon: cohort.uno.horizon, bootstrap: bootstrap)
  }

  @Test func scoresAreThoseOfTheReference() throws {
    for cohort in SurvivalReference.shared.cohorts {
      let scores = try evaluation(cohort).scores(models(cohort))
      func value(_ metric: String, _ model: String = "model") -> Double? {
        scores.first { $0.model == model && $0.metric == metric }?.value
      }
      #expect(isClose(value("concordance"), cohort.harrell, 1e-9))
      #expect(isClose(value("concordance_uno"), cohort.uno.value, 1e-9))
      #expect(isClose(value("integrated_brier_score"), cohort.brier.integrated, 1e-9))
      for (time, score) in zip(cohort.brier.times, cohort.brier.scores) {
        let text = Int(exactly: time).map { "\($0)" } ?? "\(time)"
        #expect(isClose(value("brier_score:\(text)"), score, 1e-9))
      }
      #expect(isClose(value("calibration_ratio"), cohort.calibration.ratio, 1e-9))
      #expect(value("events") == Double(cohort.data.eventCount))
      #expect(value("concordance", "Kaplan-Meier") == 0.5)
      #expect(isClose(value("concordance_difference", "Kaplan-Meier"), cohort.harrell - 0.5, 1e-9))
      #expect(isClose(value("concordance_difference", "risk alone"), 2 * cohort.harrell - 1, 1e-9))
      #expect(value("concordance_difference") == nil && value("brier_score:1", "risk alone") == nil)
      #expect(value("integrated_brier_score", "risk alone") == nil)
      #expect(isClose(value("calibration_ratio", "Kaplan-Meier"), 1, 1e-9))
      for score in scores { #expect(score.low! <= score.high! && score.n == cohort.times.count, "\(score)") }
    }
  }

  @Test func weightsMeanRepeatedRows() throws {
    // With two groups a resample is the first half twice, the second twice, or both.
    let cohort = SurvivalReference.shared.cohorts[0], count = cohort.times.count
    let halves = (0..<count).map { Int32($0 % 2) }
    let scores = try evaluation(cohort, bootstrap: Bootstrap(resamples: 100, seed: 0, groups: halves))
      .scores(models(cohort))
    let ends = try [Int32(0), 1].map { half in
      let rows = (0..<count).filter { halves[$0] == half }
      let doubled = rows + rows
      let part = SurvivalEvaluation(
        truth: cohort.data.selecting(rows: doubled), censoring: SurvivalReference.shared.censoring,
        censoringSource: "training rows", times: cohort.brier.times, horizon: cohort.uno.horizon,
        bootstrap: Bootstrap(resamples: 0))
      return try part.scores(
        models(cohort).map { model in
          SurvivalPredictions(
            name: model.name, risk: doubled.map { model.risk[$0] },
            survival: model.survival?.map { column in doubled.map { column[$0] } })
        })
    }
    for (i, score) in scores.enumerated() {
      let (first, second, whole) = (ends[0][i].value!, ends[1][i].value!, score.value!)
      let values = [first, second, whole]
      #expect(isClose(score.low, values.min()!, 1e-9) && isClose(score.high, values.max()!, 1e-9), "\(score)")
    }
  }

  @Test func intervalsAgreeWithCountingByHand() throws {
    let cohort = SurvivalReference.shared.cohorts[2], count = cohort.times.count
    let score = try evaluation(cohort, bootstrap: Bootstrap(resamples: 2000, seed: 1)).scores(models(cohort))[
      0]
    var random = SeededGenerator(seed: 9)
    let values = (0..<2000).map { _ -> Double in
      let rows = (0..<count).map { _ in random.next(below: count) }
      return Concordance.harrell(risk: rows.map { cohort.risk[$0] }, of: cohort.data.selecting(rows: rows))!
    }
    let (low, high) = Bootstrap.interval(values)!
    #expect(abs(score.low! - low) < 0.01 && abs(score.high! - high) < 0.01)
  }

  @Test func theTableNamesHorizonAndCensoringCurve() throws {
    let data = SurvivalTimes(
      times: [12, 24, 36, 48, 60, 72], events: [true, false, true, true, false, true])
    let evaluation = SurvivalEvaluation(
      truth: data, censoring: KaplanMeier.censoring(of: data), censoringSource: "evaluated rows",
      times: [12, 36, 60], bootstrap: Bootstrap(resamples: 20))
    let risk = data.times.map { -$0 }
    let survival = evaluation.times.map { time in risk.map { exp(time / ($0 * 2)) } }
    let judged = try evaluation.judged(
      [
        SurvivalPredictions(name: "model", risk: risk, survival: survival),
        SurvivalPredictions(name: "cox-ridge", risk: data.times, survival: survival),
      ], target: "months")
    #expect(judged.summary.count == 4)
    #expect(judged.summary[0].hasPrefix("months, n = 6"))
    for metric in [
      "concordance", "concordance_difference", "concordance_uno", "integrated_brier_score",
      "calibration_ratio", "calibration_error",
    ] { #expect(judged.summary[0].contains(metric)) }
    #expect(judged.summary[2].hasPrefix("cox-ridge"))
    #expect(
      judged.summary[3]
        == "4 events in 6 rows; Uno's concordance up to 60; integrated Brier score from 12 to 60; "
        + "calibration at 36; censoring curve of the evaluated rows")
    #expect(judged.headline == "concordance model 1.0, cox-ridge 0.0")
    #expect(judged.scores.contains { $0.metric == "brier_score:12" })
    let grouped = try evaluation.judged(
      [SurvivalPredictions(name: "model", risk: risk)], target: "months", group: "months")
    #expect(grouped.scores.allSatisfy { $0.group == "months" })
  }

  @Test func wrongNumbersAreNamed() {
    let data = SurvivalTimes(times: [1, 2], events: [true, false])
    let curve = KaplanMeier.censoring(of: data)
    func evaluation(_ data: SurvivalTimes) -> SurvivalEvaluation {
      SurvivalEvaluation(truth: data, censoring: curve, censoringSource: "evaluated rows", times: [1])
    }
    #expect(throws: EvaluationError.notFinite(row: 2, what: "risk")) {
      try evaluation(data).scores([.init(name: "model", risk: [0, .nan])])
    }
    #expect(throws: EvaluationError.notFinite(row: 1, what: "survival at 1 of other")) {
      try evaluation(data).scores([.init(name: "other", risk: [0, 1], survival: [[.infinity, 0]])])
    }
    #expect(throws: EvaluationError.noRows) {
      try evaluation(SurvivalTimes(times: [], events: [])).scores([.init(name: "model", risk: [])])
    }
  }

  @Test func cohortsWithNothingToRankHaveNoConcordance() throws {
    for data in [
      SurvivalTimes(times: [3], events: [true]), SurvivalTimes(times: [3, 3], events: [true, true]),
      SurvivalTimes(times: [1, 2, 3], events: [false, false, false]),
    ] {
      let evaluation = SurvivalEvaluation(
        truth: data, censoring: KaplanMeier.censoring(of: data), censoringSource: "evaluated rows",
        times: [1, 2], bootstrap: Bootstrap(resamples: 10))
      let ones = data.times.map { _ in 1.0 }
      let scores = try evaluation.scores([
        .init(name: "model", risk: ones, survival: [ones.map { $0 / 2 }, ones.map { $0 / 4 }]),
        .init(name: "other", risk: ones),
      ])
      for score in scores {
        if score.metric.hasPrefix("concordance") {
          #expect(score.value == nil && score.low == nil, "\(score)")
        } else {
          #expect(score.value?.isFinite == true, "\(score)")
        }
      }
    }
  }

  @Test func intervalsOfManyRowsAreFast() throws {
    // 1000 resamples of 700 rows for three models.
    let (x, data) = simulatedSurvival(700, seed: 1)
    let models = (0..<3).map { k in
      let risk = (0..<700).map { x[$0, k] }
      return SurvivalPredictions(
        name: "\(k)", risk: risk,
        survival: [0.5, 1, 1.5, 2].map { time in risk.map { exp(-0.3 * time * exp($0)) } })
    }
    let evaluation = SurvivalEvaluation(
      truth: data, censoring: KaplanMeier.censoring(of: data), censoringSource: "evaluated rows",
      times: [0.5, 1, 1.5, 2])
    let elapsed = try ContinuousClock().measure { _ = try evaluation.scores(models) }
    #expect(elapsed < .seconds(20), "\(elapsed)")
  }
}
