import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

/// Models of rows of features beside a network of steps.
@Suite struct LinearStartTests {
  /// Genes that tell the class, beside series that say nothing.
  private static func data() -> TrainingData {
    var (data, genes) = (SimulatedExamples.series(90), SimulatedExamples.expression(90))
    let records = data.examples.inputs[0].records as! SeriesRecords
    data.task = MultimodalTask.name
    // The class of a series says nothing of that of the example.
    data.examples.inputs[0].records = records.selecting((0..<90).map { $0 / 3 * 3 + $0 / 3 % 3 })
    data.examples.observations = genes.examples.observations
    data.examples.target = genes.examples.target
    genes.examples.inputs[0].name = "genes"
    data.examples.inputs += genes.examples.inputs
    data.drawValidation(share: 0.2, seed: 1)
    return data
  }

  /// The linear layers begin at the weights that they have alone: after one epoch the whole is as good as they are.
  @Test func theWholeIsAsGoodAsItsLinearPartFromTheStart() throws {
    let data = Self.data()
    var options = MultimodalTask.defaults(for: data, TaskChoice())
    (options.training.epochs, options.training.refits) = (1, false)
    let whole = try SimulatedExamples.trained(data, options).model
    let rows = Array(0..<90), classes = data.examples.observations.numbers
    let outputs = whole.predict(data.examples)
    let right = rows.count { row in
      let own = outputs[(3 * row)..<(3 * row + 3)]
      return own.indices.max { own[$0] < own[$1] }! - 3 * row == Int(classes[row])
    }
    #expect(right > 80, "\(right) of 90")
    // Twice the same.
    let again = try SimulatedExamples.trained(data, options).model
    #expect(again.predict(data.examples) == outputs)
  }
}
