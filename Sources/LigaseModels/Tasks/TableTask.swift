import LigaseDatasets

/// A clinical table to a class, labels, values or the time to an event.
package enum TableTask: Task {
  package static let name = "table"
  package static let unit = "rows"
  package static let mainInput = ClinicalModality.name

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let table = data.examples.inputs.lazy.compactMap { $0.records as? ClinicalRecords }.first
    guard let kind = choice.kind, kind != .linear else { return FeatureDefaults.linear(data) }
    return FeatureDefaults.options(data, width: table?.columns.count ?? 1, kind)
  }
}
