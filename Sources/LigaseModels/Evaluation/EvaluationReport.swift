import LigaseFormats

extension Evaluation {
  /// The columns of the table of scores.
  package static let columns = ["model", "group", "metric", "value", "low", "high", "n"]

  /// Writes the scores as strict TSV: `model group metric value low high n`, with empty fields for undefined
  /// values.
  public func write(to output: OutputFile) throws { try Self.write(scores, to: output) }

  /// Writes a table of scores.
  static func write(_ scores: [Score], to output: OutputFile) throws {
    let writer = try TSVWriter(output, columns: columns)
    for score in scores { try write(score, to: writer) }
  }

  /// Writes the fields of one score and ends the row.
  static func write(_ score: Score, to writer: TSVWriter) throws {
    try writer.field(score.model)
    try writer.field(score.group)
    try writer.field(score.metric)
    for number in [score.value, score.low, score.high] {
      if let number { writer.field(number) } else { writer.missing() }
    }
    writer.field(score.n)
    try writer.endRow()
  }

  /// The scores as one JSON object, `{"scores": [{"model": …, "value": …}, …], "target": …, "task": …}`, with
  /// null for undefined values.
  package func json() throws -> String {
    try ModelFile.json(document, pretty: true)
  }

  var document: Document { Document(task: task.rawValue, target: target, scores: scores) }

  struct Document: Encodable {
    var task: String
    var target: String
    var scores: [Score]
  }

  /// An aligned table: a row for each model with the main metrics and their intervals; for classes, followed
  /// by the confusion matrix of the predictions.
  package var summary: [String] {
    var perGroup: [String] = []
    for score in scores where score.metric.hasPrefix("pearson_per_") && !perGroup.contains(score.metric) {
      perGroup.append(score.metric)
    }
    let metrics =
      switch task {
      case .regression:
        (scores.contains { $0.metric == ScaledError.name } ? [ScaledError.name] : []) + ["rmse", "pearson"]
          + perGroup
      case .classification: ["accuracy", "balanced_accuracy", "f1_macro", "auroc", "auprc"]
      case .survival:
        [
          "concordance", "concordance_difference", "concordance_uno", "integrated_brier_score",
          "calibration_ratio", "calibration_error",
        ]
      }
    return Self.table(
      scores, metrics: metrics, title: "\(target), n = \(scores.first { $0.group == "all" }?.n ?? 0)")
      + sensitivity + classes + confusion
  }

  /// The sensitivity of two classes at one specificity, in a line.
  private var sensitivity: [String] {
    scores.filter { $0.metric == ClassificationEvaluation.sensitivity && $0.model == "model" }.map {
      "sensitivity at 95 % specificity: \(Self.cell($0))"
    }
  }

  /// A table with models in rows and metrics over all rows in columns.
  static func table(_ scores: [Score], metrics: [String], title: String) -> [String] {
    let whole = scores.filter { $0.group == "all" }
    let shown = metrics.filter { metric in whole.contains { $0.metric == metric } }
    var models: [String] = []
    for score in scores where !models.contains(score.model) { models.append(score.model) }
    var rows = [[title] + shown]
    for model in models {
      rows.append(
        [model]
          + shown.map { metric in
            whole.first { $0.model == model && $0.metric == metric }.map(Self.cell) ?? "-"
          })
    }
    return Self.aligned(rows)
  }

  /// The table of precision, recall, F1 and support of each class, and their means, of the predictions.
  private var classes: [String] {
    let metrics = ["precision", "recall", "f1"]
    let own = scores.filter { $0.model == "model" }
    let names = own.filter { $0.metric == "precision" }.map(\.group)
    guard !names.isEmpty else { return [] }
    func cell(_ group: String, _ metric: String) -> String {
      own.first { $0.group == group && $0.metric == metric }?.value.map(Self.fixed) ?? "-"
    }
    var rows = [["class"] + metrics + ["support"]]
    for name in names {
      let support = own.first { $0.group == name && $0.metric == "precision" }!.n
      rows.append([name] + metrics.map { cell(name, $0) } + ["\(support)"])
    }
    let total = own.first { $0.group == "all" }?.n ?? 0
    for average in ["macro", "weighted"] {
      rows.append(["\(average) mean"] + metrics.map { cell("all", "\($0)_\(average)") } + ["\(total)"])
    }
    return Self.aligned(rows)
  }

  /// The largest number of classes whose confusion matrix fits on a page.
  private static let mostConfusionClasses = 20

  /// The confusion matrix of the predictions.
  private var confusion: [String] {
    let prefix = "predicted_as:"
    let counts = scores.filter { $0.model == "model" && $0.metric.hasPrefix(prefix) }
    let count = Set(counts.map(\.group)).count
    guard count > 0 else { return [] }
    guard count <= Self.mostConfusionClasses else {
      return ["the confusion matrix of \(count) classes is in the output table"]
    }
    var rows: [[String]] = []
    for score in counts {
      if rows.isEmpty || rows[rows.count - 1][0] != score.group { rows.append([score.group]) }
      rows[rows.count - 1].append(score.value.map { String(Int($0)) } ?? "")
    }
    let classes = rows.map { $0[0] }
    return ["rows: true class, columns: predicted"] + Self.aligned([[""] + classes] + rows)
  }

  /// The text `0.948 (0.945-0.951)`, with the number of groups where a metric is a mean over groups.
  static func cell(_ score: Score) -> String {
    guard let value = score.value else { return "-" }
    var text = fixed(value)
    if let low = score.low, let high = score.high { text += " (\(fixed(low)) to \(fixed(high)))" }
    if score.metric.hasPrefix("pearson_per_") { text += " of \(score.n)" }
    return text
  }

  /// A number with three decimals.
  static func fixed(_ value: Double) -> String {
    guard abs(value) < 1e12 else { return "\(value)" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let decimals = String(thousandths % 1000)
    let sign = value < 0 && thousandths > 0 ? "-" : ""
    return sign + "\(thousandths / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
  }

  static func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }
      return cells.joined(separator: "  ")
    }
  }
}
