import LigaseDatasets
import LigaseFormats

/// Attributions as a table: a row for each feature of each example, or the means over all examples.
package final class ExplanationTable {
  private let explainer: Explainer
  private let isSummary, hasSeveralInputs, hasSteps, hasErrors: Bool
  /// Whether steps have no channels by name, so that examples differ in what stands at a position.
  private let hasResidues: Bool
  private let top: Int?
  private let output: OutputFile
  private var writer: TSVWriter?
  private var gaps: [Double] = []
  private var fits: [Double] = []
  private var sums: [String: Summary] = [:]
  private var count = 0

  /// The attributions of one feature over examples.
  private struct Summary {
    let term: ExplainedExample.Term
    let output: Int
    let order: Int
    var sum = 0.0, squares = 0.0, signed = 0.0, count = 0

    /// The mean absolute attribution and its standard error; NaN for one example.
    var mean: (value: Double, error: Double) {
      let n = Double(count), value = sum / n
      return (value, count > 1 ? (max(squares / n - value * value, 0) / (n - 1)).squareRoot() : .nan)
    }
  }

  /// - Parameter top: the features of each example, or of the means, with the largest absolute attribution; nil for all.
  package init(_ explainer: Explainer, isSummary: Bool, top: Int?, to output: OutputFile) throws {
    (self.explainer, self.isSummary, self.top, self.output) = (explainer, isSummary, top, output)
    let inputs = explainer.model.manifest.inputs
    hasSeveralInputs = inputs.count > 1
    hasResidues = inputs.allSatisfy {
      $0.preparation.base.shape.isRow || $0.preparation.base.channelNames.isEmpty
    }
    hasSteps = inputs.count == 1 && !inputs[0].preparation.base.shape.isRow
    hasErrors = [PerturbationMethod.permutationSHAP, .shap, .lime].contains {
      explainer.method == .perturbation($0)
    }
    if isSummary {
      writer = try TSVWriter(
        output, columns: ["output"] + featureColumns + ["mean", "low", "high", "signed", "n"])
    }
  }

  private var scoreNames: [String] { explainer.model.manifest.objective.base.scoreNames }

  private var featureColumns: [String] {
    if hasSeveralInputs { return ["input", "feature"] }
    if !hasSteps { return ["feature"] }
    // Over examples of sequences, what stands at a position differs.
    return isSummary && hasResidues ? ["position"] : ["position", hasResidues ? "residue" : "feature"]
  }

  /// Writes one example.
  package func write(_ one: ExplainedExample, keys: KeyColumns, row: Int) throws {
    count += 1
    if let gap = one.gap { gaps.append(gap) }
    if let fit = one.fit { fits.append(fit) }
    if isSummary { return add(one) }
    if writer == nil {
      writer = try TSVWriter(
        output,
        columns: keys.names + ["output"] + featureColumns + ["value"] + (hasErrors ? ["error"] : [])
          + (explainer.method.addsUp ? ["base", "gap"] : [])
          + (explainer.method == .perturbation(.lime) ? ["fit"] : []))
    }
    guard let writer else { return }
    for term in largest(one.terms, \.value) {
      for column in keys.columns { try writer.field(column[row]) }
      try writer.field(scoreNames[one.output])
      try write(term)
      writer.field(term.value)
      if hasErrors { if let error = term.error { writer.field(error) } else { writer.missing() } }
      if explainer.method.addsUp {
        writer.field(one.baseline ?? .nan)
        writer.field(one.gap ?? .nan)
      }
      if explainer.method == .perturbation(.lime) { writer.field(one.fit ?? .nan) }
      try writer.endRow()
    }
  }

  private func write(_ term: ExplainedExample.Term) throws {
    guard let writer else { return }
    if hasSeveralInputs {
      try writer.field(term.input)
      try writer.field(term.position.map { "\($0):\(term.name)" } ?? term.name)
    } else if hasSteps {
      if let position = term.position { writer.field(position) } else { writer.missing() }
      if !isSummary || !hasResidues { try writer.field(term.name) }
    } else {
      try writer.field(term.name)
    }
  }

  private func largest<Row>(_ rows: [Row], _ value: (Row) -> Double) -> [Row] {
    guard let top, top < rows.count else { return rows }
    let order = rows.indices.sorted { (abs(value(rows[$0])), $1) > (abs(value(rows[$1])), $0) }
    return order.prefix(top).map { rows[$0] }
  }

  private func add(_ one: ExplainedExample) {
    for term in one.terms {
      // Residues of one position are added up, whatever they are.
      let name =
        term.position.map { "\(term.input)\t\($0)\t\(hasResidues ? "" : term.name)" }
        ?? "\(term.input)\t\t\(term.name)"
      let key = "\(one.output)\t\(name)"
      var sum = sums[key] ?? Summary(term: term, output: one.output, order: sums.count)
      let size = abs(term.value)
      sum.sum += size
      sum.squares += size * size
      sum.signed += term.value
      sum.count += 1
      sums[key] = sum
    }
  }

  /// Writes the means of a summary.
  package func finish() throws {
    guard isSummary, let writer else { return }
    let rows = sums.values.sorted { ($0.output, $0.order) < ($1.output, $1.order) }
    for output in Set(rows.map(\.output)).sorted() {
      for row in largest(rows.filter { $0.output == output }, { $0.sum / Double($0.count) }) {
        try writer.field(scoreNames[row.output])
        try write(row.term)
        let (mean, error) = row.mean
        for value in [mean, mean - 1.96 * error, mean + 1.96 * error, row.signed / Double(row.count)] {
          writer.field(value)
        }
        writer.field(row.count)
        try writer.endRow()
      }
    }
  }

  /// A feature of a summary: its output, its name, and the mean absolute attribution with its interval.
  package struct Mean: Sendable {
    package let output: Int
    package let label: String
    package let mean, low, high: Double
  }

  /// The features of a summary by output, the largest first.
  package var means: [Mean] {
    sums.values.map { row in
      let (mean, error) = row.mean
      let name = hasResidues && row.term.position != nil ? "" : row.term.name
      let label = row.term.position.map { name.isEmpty ? "\($0)" : "\($0):\(name)" } ?? name
      return Mean(
        output: row.output, label: hasSeveralInputs ? "\(row.term.input) \(label)" : label, mean: mean,
        low: mean - 1.96 * error, high: mean + 1.96 * error)
    }.sorted { ($0.output, $1.mean, $0.label) < ($1.output, $0.mean, $1.label) }
  }

  /// What was explained and how well attributions add up, one line each.
  package var notes: [String] {
    func short(_ value: Double) -> String { "\(Float((value * 10000).rounded() / 10000))" }
    var lines: [String] = []
    if !gaps.isEmpty {
      let sorted = gaps.sorted(), far = gaps.count { $0 > Self.largeGap }
      var line =
        "attributions add up to the differences of scores: gap median \(short(sorted[sorted.count / 2])), largest \(short(sorted.last!))"
      if far > 0 {
        line +=
          "; \(far) above \(Self.largeGap)"
          + (explainer.method == .gradient(.integratedGradients)
            ? ": more steps lower it"
            : explainer.method == .gradient(.expectedGradients) ? ": more samples lower it" : "")
      }
      lines.append(line)
    }
    if !fits.isEmpty {
      lines.append(
        "local models: R² median \(short(fits.sorted()[fits.count / 2])), kernel width \(explainer.lime.width.map { short($0) } ?? "0.75 times the root of the number of features"); errors are standard deviations over \(explainer.lime.repeats) seeds"
      )
    }
    if explainer.method == .gradient(.guidedBackpropagation) || explainer.method == .gradient(.deconvolution)
    {
      lines.append(
        "\(explainer.method.rawValue) hardly depends on the weights of later layers (Adebayo et al., 2018)")
    }
    return lines
  }

  /// The gap above which more steps are worth while.
  private static let largeGap = 0.05
}

extension Model {
  /// Whether predictions are probabilities of classes or labels.
  package var hasProbabilities: Bool { manifest.objective.base.hasProbabilities }
}
