import LigaseDatasets
import LigaseFormats

/// The out-of-fold predictions as a table that is written fold by fold, and their scores.
public final class CrossValidationTable {
  private let validation: CrossValidation
  private let writer: TSVWriter
  private let hasRepeats: Bool
  /// For each repeat, the outputs of each model over all examples.
  private var collected: [[(name: String, outputs: [Float])]]
  private var scores: [[Score]]

  /// Writes the header: the ids' column, `repeat` where there are several, `fold`, and the columns of predictions.
  public init(_ validation: CrossValidation, to output: OutputFile) throws {
    self.validation = validation
    hasRepeats = validation.repeats > 1
    let examples = validation.data.examples
    writer = try TSVWriter(
      output,
      columns: [examples.idColumn] + (hasRepeats ? ["repeat"] : []) + ["fold"] + examples.target.outputColumns
    )
    collected = .init(repeating: [], count: validation.repeats)
    scores = .init(repeating: [], count: validation.repeats)
  }

  /// Adds a fold.
  public func add(_ outcomes: [CrossValidation.Outcome], repeat number: Int, fold: Int) throws {
    let examples = validation.data.examples, k = examples.target.count
    let rows = validation.test(repeat: number, fold: fold)
    if collected[number].isEmpty {
      collected[number] = outcomes.map { ($0.name, [Float](repeating: .nan, count: examples.count * k)) }
    }
    for (model, outcome) in outcomes.enumerated() {
      for (i, row) in rows.enumerated() {
        for t in 0..<k { collected[number][model].outputs[row * k + t] = outcome.outputs[i * k + t] }
      }
    }
    for (i, row) in rows.enumerated() {
      try writer.field(examples.ids[row])
      if hasRepeats { writer.field(number) }
      writer.field(fold)
      try examples.target.write(outcomes[0].outputs[(i * k)..<((i + 1) * k)], to: writer)
      try writer.endRow()
    }
  }

  /// Judges all out-of-fold predictions of a repeat together.
  public func judge(repeat number: Int, seed: UInt64) throws -> JudgedModels {
    let examples = validation.data.examples, k = examples.target.count
    let rows = (0..<examples.count).filter { !collected[number][0].outputs[$0 * k].isNaN }
    let judged = try JudgedModels(
      collected[number].map { model in
        (model.name, rows.flatMap { model.outputs[($0 * k)..<(($0 + 1) * k)] })
      }, examples: examples, rows: rows, seed: seed)
    scores[number] = judged.scores
    return judged
  }

  /// Writes the scores of all repeats.
  public func writeScores(to output: OutputFile) throws {
    let table = try TSVWriter(output, columns: (hasRepeats ? ["repeat"] : []) + Evaluation.columns)
    for (number, scores) in scores.enumerated() {
      for score in scores {
        if hasRepeats { table.field(number) }
        try Evaluation.write(score, to: table)
      }
    }
    try output.close()
  }
}
