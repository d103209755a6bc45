import LigaseFormats
import LigaseTensors

/// Clinical tables: numbers and categories, with missing values.
package struct ClinicalModality: Modality {
  package static let name = "table"
  /// Whether skewed numbers are brought to a normal distribution by their quantiles.
  package var usesQuantiles = true

  package init() {}

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: ClinicalPreparation, encoded: any EncodedRecords
  ) {
    let table = records as! ClinicalRecords
    let preparation = ClinicalPreparation(
      columns: table.columns.map { FittedColumn(fitting: $0, rows: rows, usesQuantiles: usesQuantiles) })
    return (preparation, preparation.encode(table))
  }
}

/// The preparation of a clinical table: what becomes of each column.
package struct ClinicalPreparation: Preparation {
  package static let modality = ClinicalModality.name
  /// The columns in their order.
  package var columns: [FittedColumn]

  package init(columns: [FittedColumn]) { self.columns = columns }

  /// The names of the features: `age`, `age:missing`, `grade=II`.
  package var features: [String] { columns.flatMap(\.features) }
  package var featureNames: [String] { features }

  package func encode(_ records: any Records) -> any EncodedRecords {
    let table = records as! ClinicalRecords, width = shape.channels
    var values = [Float](repeating: 0, count: table.count * width)
    var at = 0
    for fitted in columns {
      guard let column = table.columns.first(where: { $0.name == fitted.name }) else {
        preconditionFailure("ClinicalPreparation: the table lacks the column \(fitted.name)")
      }
      fitted.encode(column, into: &values, at: at, width: width)
      at += fitted.features.count
    }
    return EncodedRows(Tensor(values, shape: [table.count, width]))
  }

  package var shape: InputShape { InputShape(row: columns.reduce(0) { $0 + $1.features.count }) }

  package var problem: String? {
    if shape.channels == 0 { return "found no feature" }
    if Set(columns.map(\.name)).count < columns.count { return "found two columns of one name" }
    return columns.lazy.compactMap(\.problem).first
  }

  package var notes: [String] {
    var lines: [String] = []
    let skewed = columns.filter { !$0.knots.isEmpty }.map(\.name)
    if !skewed.isEmpty {
      lines.append("skewed, scaled by quantiles: \(FormatError.list(skewed, limit: 5))")
    }
    let rare = columns.filter { !$0.rareLevels.isEmpty }
    if !rare.isEmpty {
      lines.append(
        "categories with fewer than \(FittedColumn.leastCount) training rows are read as one: "
          + FormatError.list(rare.map { "\($0.name) (\($0.rareLevels.joined(separator: ", ")))" }, limit: 3))
    }
    return lines
  }

  package var summary: [(name: String, value: String)] {
    [
      ("columns", FormatError.counted(columns.map(\.name))),
      ("features", FormatError.counted(features)),
    ] + notes.map { ("preparation", $0) }
  }
}
