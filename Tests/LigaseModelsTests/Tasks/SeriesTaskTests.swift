import LigaseDatasets
import LigaseModels
import Testing

@Suite struct SeriesTaskTests {
  @Test func trainingSeriesChooseTheArchitecture() {
    let data = SimulatedExamples.series()
    let options = SeriesTask.defaults(for: data, TaskChoice())
    #expect(options.encoder.candidates == SeriesTask.Constants.candidates && options.problem == nil)
    #expect(options.ensemble == SeriesTask.Constants.ensemble && options.encoder.pooling == .mean)
    for kind in [EncoderOptions.Kind.lstm, .gru, .rnn, .cnn, .cnnLSTM, .dilatedCNN] {
      let named = SeriesTask.defaults(for: data, TaskChoice(kind: kind))
      #expect(named.encoder.kind == kind && named.encoder.candidates == [] && named.problem == nil)
    }
  }

  /// Steps of all series bound the time; a window of time steps leaves no choice.
  @Test func longSeriesAndWindows() {
    var data = SimulatedExamples.series(60)
    let usual = SeriesTask.defaults(for: data, TaskChoice()).training.epochs
    let long = SeriesRecords.Series(
      times: (0..<20_000).map { Double($0) }, values: [Float](repeating: 0, count: 20_000))
    data.examples.inputs[0].records = SeriesRecords(
      channels: ["x"], series: [SeriesRecords.Series](repeating: long, count: 60))
    #expect(SeriesTask.defaults(for: data, TaskChoice()).training.epochs < usual)
    var options = SeriesTask.defaults(for: data, TaskChoice())
    options.walkInWindows(of: 100, kind: nil)
    #expect(options.encoder.kind == .lstm && options.encoder.candidates == [] && options.problem == nil)
  }

  @Test func everythingAtOnceIsRefused() {
    let data = SimulatedExamples.series()
    for kind in [EncoderOptions.Kind.linear, .mlp] {
      do {
        _ = try Training(data, options: SeriesTask.defaults(for: data, TaskChoice(kind: kind)), seed: 1)
        Issue.record("\(kind) trains")
      } catch {
        #expect(
          "\(error)"
            == "the architecture \(kind.rawValue) reads all steps at once, which series do not allow: they may be of any length; "
            + "use lstm, gru, rnn, cnn, cnn-lstm or dilated-cnn")
      }
    }
  }

  /// The counts of letters that a linear path reads have no meaning here, so there is no such path.
  @Test func thereIsNoLinearPath() throws {
    let data = SimulatedExamples.series(20)
    var options = SimulatedExamples.options(.lstm, data)
    options.encoder.hasLinearPath = true
    let model = try SimulatedExamples.trained(data, options).model
    #expect(!model.namedTensors.contains { $0.name.contains("linear") })
    let isFinite = SimulatedExamples.predictions(model, data).allSatisfy { $0.isFinite }
    #expect(isFinite)
  }
}
