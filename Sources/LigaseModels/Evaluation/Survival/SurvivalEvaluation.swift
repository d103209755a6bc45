struct SurvivalEvaluation {
  let truth: SurvivalTimes
  let censoring: StepCurve
  let censoringSource: String
  let times: [Double]
  func judged(
    _ models: [(name: String, risk: [Double], survival: [[Double]]?)], target: String, bootstrap: Bootstrap
  ) -> JudgedModels {
    var judged = JudgedModels()
    judged.add(
      models.map {
        Score(
          model: $0.name, group: "all", metric: "concordance",
          value: Concordance.harrell(risk: $0.risk, of: truth), n: truth.count)
      }, .regression, target, group: nil)
    return judged
  }
}
