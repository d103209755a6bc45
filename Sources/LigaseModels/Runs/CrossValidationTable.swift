import LigaseDatasets
import LigaseFormats

/// The table of out-of-fold predictions, which is written fold by fold, and their scores.
package final class CrossValidationTable {
  /// The name of the column of the repeat, where there are several.
  static let repeatColumn = "repeat"
  private let validation: CrossValidation
  private let writer: TSVWriter
  private let hasRepeats: Bool
  /// The offset of each example's outputs, with K numbers for each example or step, and the total.
  private let starts: [Int]
  /// The outputs of each model over all examples, for each repeat.
  private var collected: [[(name: String, outputs: [Float])]]
  private var judged: [JudgedModels] = []
  private let objective: any Objective

  /// Writes the header: the id columns, `repeat` where there are several, `fold`, for classes of steps the
  /// columns that name a step, and the columns of predictions.
  package init(_ validation: CrossValidation, to output: OutputFile) throws {
    self.validation = validation
    hasRepeats = validation.repeats > 1
    let examples = validation.data.examples
    objective = Objectives.unfitted(examples.target)
    let k = objective.outputCount
    var starts = [0]
    for row in 0..<examples.count {
      starts.append(starts.last! + k * examples.outputCount(of: row))
    }
    self.starts = starts
    writer = try TSVWriter(
      output,
      columns: examples.keys.names + (hasRepeats ? [Self.repeatColumn] : []) + ["fold"]
        + (examples.isOfSteps ? examples.inputs[0].records.stepColumns : []) + objective.columns)
    collected = .init(repeating: [], count: validation.repeats)
  }

  /// Writes the predictions of a fold.
  package func add(_ outcomes: [CrossValidation.Outcome], repeat number: Int, fold: Int) throws {
    let examples = validation.data.examples, k = objective.outputCount
    let rows = validation.test(repeat: number, fold: fold)
    if collected[number].isEmpty {
      collected[number] = outcomes.map { ($0.name, [Float](repeating: .nan, count: starts.last!)) }
    }
    for (model, outcome) in outcomes.enumerated() {
      var at = 0
      for row in rows {
        for place in starts[row]..<starts[row + 1] {
          collected[number][model].outputs[place] = outcome.outputs[at]
          at += 1
        }
      }
    }
    var at = 0
    for row in rows {
      for i in 0..<examples.outputCount(of: row) {
        for column in examples.keys.columns { try writer.field(column[row]) }
        if hasRepeats { try writer.field(validation.repeatNames[number]) }
        writer.field(validation.foldNumbers[fold])
        if examples.isOfSteps {
          for field in examples.inputs[0].stepFields(of: row, step: i) { try writer.field(field) }
        }
        try objective.write(outcomes[0].outputs[at..<(at + k)], to: writer)
        try writer.endRow()
        at += k
      }
    }
  }

  /// Evaluates all out-of-fold predictions of a repeat together; the repeats in their order.
  package func judge(repeat number: Int, seed: UInt64) throws -> JudgedModels {
    let examples = validation.data.examples
    let rows = (0..<examples.count).filter { row in
      starts[row] == starts[row + 1] || !collected[number][0].outputs[starts[row]].isNaN
    }
    let judged = try objective.judge(
      collected[number].map { model in
        (model.name, rows.flatMap { model.outputs[starts[$0]..<starts[$0 + 1]] })
      }, examples.observations, rows: rows, keys: examples.keys, bootstrap: Bootstrap(seed: seed))
    self.judged.append(judged)
    return judged
  }

  /// The means over the repeats; nil where there is one.
  package func judgeMeans() -> JudgedModels? { hasRepeats ? JudgedModels.mean(of: judged) : nil }

  /// Writes the scores of all repeats, and their means.
  package func writeScores(to output: OutputFile) throws {
    let table = try TSVWriter(output, columns: (hasRepeats ? [Self.repeatColumn] : []) + Evaluation.columns)
    let means = judgeMeans().map { [(Score.mean, $0)] } ?? []
    for (name, judged) in Array(zip(validation.repeatNames, judged)) + means {
      for score in judged.scores {
        if hasRepeats { try table.field(name) }
        try Evaluation.write(score, to: table)
      }
    }
    try output.close()
  }
}

extension CrossValidation {
  /// Returns the scores of one fold, without intervals.
  package func judge(_ outcomes: [Outcome], repeat number: Int, fold: Int) throws -> JudgedModels {
    try Objectives.unfitted(data.examples.target).judge(
      outcomes.map { ($0.name, $0.outputs) }, data.examples.observations,
      rows: test(repeat: number, fold: fold), keys: data.examples.keys, bootstrap: Bootstrap(resamples: 0))
  }
}

extension Examples {
  /// Whether every step has its own observation.
  var isOfSteps: Bool { !observations.steps.isEmpty }

  /// Returns the number of predictions of an example: one, or one for each step.
  func outputCount(of row: Int) -> Int { isOfSteps ? inputs[0].stepCount(of: row) : 1 }
}
