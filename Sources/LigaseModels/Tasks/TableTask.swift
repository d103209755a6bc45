import LigaseDatasets

/// A clinical table to a class, labels, values or the time to an event.
package enum TableTask: Task {
  package static let name = "table"
  package static let unit = "rows"
  package static let mainInput = ClinicalModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let table = data.examples.inputs.lazy.compactMap { $0.records as? ClinicalRecords }.first
    let width = table?.columns.count ?? 1, count = max(data.division.train.count, 1)
    let isWide = width >= FeatureDefaults.Constants.wideRatio * count
    let isLinear = isWide || data.examples.target.objective == SurvivalObjective.name
    let kind = choice.kind ?? (isLinear ? .linear : .mlp)
    return kind == .linear ? FeatureDefaults.linear(data) : FeatureDefaults.options(data, width: width, kind)
  }
}
