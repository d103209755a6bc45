import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// The weight of a predictor in a blend is chosen on validation examples.
@Suite struct BlendTests {
  @Test func theShareIsTheBestOnValidationRowsAndStays() throws {
    let simulated = try SimulatedTraining { line, _ in line < 24 ? .train : .test }
    var data = simulated.data
    // The split has no validation subset, so whole cell lines are drawn, and the network is retrained on all.
    data.division.isValidationDrawn = true
    var options = simulated.options(for: .newCellLines, epochs: 4)
    options.training.refits = true
    var first = try Training(data, options: options, seed: 1)
    _ = try first.run()
    let model = first.model, share = model.manifest.blend[0].share
    #expect((0...1).contains(share))
    // No other weight has a smaller error on the validation rows, with the process of the training rows.
    let rows = data.division.validation
    let prepared = PreparedExamples(data.examples, as: model.manifest.inputs)
    let parts = try #require(GaussianProcess.fit(prepared, rows: data.division.train)).predict(
      prepared.inputs, rows: rows)
    let network = model.parts(prepared.inputs, rows: rows)[0].outputs
    func error(_ share: Double) -> Double {
      rows.indices.reduce(0.0) { sum, i in
        let process = parts[i].isNaN ? network[i] : parts[i]
        let blended = (1 - share) * Double(network[i]) + share * Double(process)
        let d = blended - Double(data.examples.observations.numbers[rows[i]])
        return sum + d * d
      }
    }
    for other in [0, 0.25, 0.5, 0.75, 1] { #expect(error(share) <= error(other) + 1e-6, "\(share) \(other)") }
    var again = try #require(try first.refit())
    _ = try again.run()
    #expect(again.model.manifest.blend[0].share == share)
    #expect(again.model.manifest.provenance.metrics["validation_rmse_gaussian-process"] != nil)
  }

  @Test func aShareThatIsGivenIsKept() throws {
    let simulated = try SimulatedTraining { line, _ in line < 24 ? .train : .test }
    var options = simulated.options(for: .newCellLines, epochs: 1)
    options.blend = [BlendOptions("gaussian-process", share: 0.25)]
    let model = try simulated.trained(options).model
    #expect(model.manifest.blend.map(\.share) == [0.25])
    options.blend = []
    #expect(try simulated.trained(options).model.predictors.isEmpty)
  }

  /// Without validation rows the weight of the process is larger the better it predicts each cell line from
  /// the others; with responses that are independent of the profiles both weights are about equal.
  @Test func withoutValidationRowsTheLeaveOneOutErrorChooses() throws {
    let study = SimulatedStudy()
    func share(_ values: [Float]?) throws -> Double {
      var data = try SimulatedTraining(study, values: values) { line, _ in line < 24 ? .train : .test }.data
      data.division.train += data.division.validation
      data.division.validation = []
      var options = DrugResponseTask.defaults(for: data, TaskChoice(setting: "new-cell-lines"))
      options.training.epochs = 1
      let model = try SimulatedExamples.trained(data, options, drawsValidation: false).model
      let process = try #require(
        GaussianProcess.fit(
          PreparedExamples(data.examples, as: model.manifest.inputs), rows: data.division.train))
      let errors = try #require(process.kernel.errors)
      let share = model.manifest.blend[0].share
      // Weights in proportion to the inverse of both errors.
      #expect(isClose(share * errors.leaveOneOut, (1 - share) * errors.ofMeans, 1e-9))
      return share
    }
    var random = SeededGenerator(seed: 4)
    let told = try share(nil), untold = try share(study.pairs.map { _ in Float(random.nextNormal()) })
    #expect(told > untold + 0.02 && abs(untold - 0.5) < 0.1, "\(told) \(untold)")
  }
}
