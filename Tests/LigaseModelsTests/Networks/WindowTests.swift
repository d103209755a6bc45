import LigaseDatasets
import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// Truncated backpropagation through time as in `train`.
@Suite struct WindowTests {
  private static let lengths = [11, 1, 7, 11, 0]

  private static func encoder(
    _ kind: EncoderOptions.Kind, _ pooling: LengthPooling.Kind, window: Int, tokens: Int = 0
  ) -> InputEncoder {
    var options = EncoderOptions(kind)
    (options.hiddenSize, options.embeddingSize, options.recurrentLayers) = (5, 3, kind == .gru ? 2 : 1)
    (options.isBidirectional, options.pooling, options.dropout) = (false, pooling, 0)
    return InputEncoder(
      options, InputShape(steps: 3, tokens: tokens), isOfSteps: false, window: window, from: .drawing(seed: 2)
    )
  }

  private static let steps = InputBatch.steps(
    Grids(values: .draws([30, 3]), layout: GridLayout(lengths: lengths)))
  private static let tokens = InputBatch.tokens(
    Ragged(lengths.map { length in (0..<length).map { Int32(($0 * 7 + length) % 4) } }))

  /// The representation and the gradient of all parameters of its product with fixed numbers.
  private static func run(_ encoder: InputEncoder, _ batch: InputBatch) -> (value: Tensor, gradient: [Tensor])
  {
    var value = Tensor(0)
    let (_, gradient) = valueWithGradient(at: encoder) {
      value = $0(batch, .inference).representation
      return (value * Tensor.draws(value.shape, seed: 9)).sum()
    }
    return (value.detached, gradient.parameters)
  }

  @Test(
    arguments: [EncoderOptions.Kind.lstm, .gru, .rnn], [LengthPooling.Kind.mean, .max, .last])
  func aWindowOverTheWholeSequenceIsFullBackpropagation(
    _ kind: EncoderOptions.Kind, _ pooling: LengthPooling.Kind
  ) {
    for (batch, tokens) in [(Self.steps, 0), (Self.tokens, 4)] {
      let full = Self.run(Self.encoder(kind, pooling, window: 0, tokens: tokens), batch)
      for window in [11, 1000] {
        let walked = Self.run(Self.encoder(kind, pooling, window: window, tokens: tokens), batch)
        #expect(mismatch(walked.value, full.value, tolerance: 1e-6) == nil)
        #expect(walked.gradient.count == full.gradient.count)
        for (a, b) in zip(walked.gradient, full.gradient) { #expect(mismatch(a, b, tolerance: 1e-5) == nil) }
      }
    }
  }

  /// Smaller windows carry states on, so the value is unchanged; the gradient is truncated.
  @Test(arguments: [LengthPooling.Kind.mean, .max, .last])
  func statesAreCarriedOnAndGradientsCut(_ pooling: LengthPooling.Kind) {
    let full = Self.run(Self.encoder(.lstm, pooling, window: 0), Self.steps)
    for window in [1, 3, 4, 10] {
      let walked = Self.run(Self.encoder(.lstm, pooling, window: window), Self.steps)
      #expect(mismatch(walked.value, full.value, tolerance: 1e-5) == nil)
      #expect(zip(walked.gradient, full.gradient).contains { mismatch($0, $1, tolerance: 1e-3) != nil })
    }
  }

  /// Computed directly: the gradient of the last step goes back to the first step of its window.
  @Test func theGradientOfTheLastStep() {
    let layout = GridLayout(lengths: [10, 10]), values = Tensor.draws([20, 3])
    let encoder = Self.encoder(.gru, .last, window: 4)
    let found = Self.run(encoder, .steps(Grids(values: values, layout: layout)))
    let all = Grids(values: values, layout: layout)
    let (_, states) = encoder.window(.steps(all.steps(0..<8)), from: nil, .inference)
    let (_, gradient) = valueWithGradient(at: encoder) { encoder in
      let (steps, _) = encoder.window(
        .steps(all.steps(8..<10)), from: states.map(\.detached), .inference)
      return (steps.lastOverLength() * Tensor.draws([2, 5], seed: 9)).sum()
    }
    for (a, b) in zip(found.gradient, gradient.parameters) { #expect(mismatch(a, b, tolerance: 1e-6) == nil) }
  }

  /// A whole training: with a window that covers the sequences the model is that of full backpropagation,
  /// also for classes of residues, and dropout is the same when a window is recomputed.
  @Test func trainingsAgree() throws {
    for data in [
      SimulatedExamples.sequences(60, lengths: 10...20), SimulatedExamples.residues(30, lengths: 10...20),
    ] {
      func trained(_ window: Int) throws -> Training {
        var options = SimulatedExamples.options(.gru, data, epochs: 2, members: 2)
        options.walkInWindows(of: window, kind: .gru)
        options.encoder.inputDropout = 0
        options.setDropout(0)
        return try SimulatedExamples.trained(data, options)
      }
      let (full, walked, cut) = (try trained(0), try trained(20), try trained(5))
      for (a, b) in zip(walked.model.namedTensors, full.model.namedTensors) {
        #expect(a.name == b.name && mismatch(a.tensor, b.tensor, tolerance: 1e-4) == nil, "\(a.name)")
      }
      let rows = Array(0..<data.examples.count)
      let (a, b) = (
        walked.model.predict(data.examples), full.model.predict(data.examples)
      )
      #expect(a.count == b.count && a.count >= rows.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
      #expect(cut.model.predict(data.examples).allSatisfy { $0.isFinite })
      let takesMoreSteps = cut.trainer.state.step > full.trainer.state.step
      #expect(takesMoreSteps == (data.task == ResiduesTask.name))
    }
  }

  @Test func dropoutIsTheSameWhenAWindowIsComputedAgain() {
    var options = EncoderOptions(.lstm)
    (options.hiddenSize, options.isBidirectional, options.pooling) = (5, false, .mean)
    (options.inputDropout, options.recurrentLayers, options.dropout) = (0.5, 2, 0.5)
    let encoder = InputEncoder(
      options, InputShape(steps: 3, tokens: 0), isOfSteps: false, window: 11, from: .drawing(seed: 2))
    #expect(
      gradientMismatch(at: [encoder.parameters.last!]) { moved in
        let parameters = encoder.parameters.dropLast() + moved
        return encoder.replacingParameters(with: Array(parameters))(
          Self.steps, .training(SeededGenerator(seed: 1))
        ).representation
      } == nil)
  }

  @Test func whatReadsWholeSequencesIsRefused() throws {
    let data = SimulatedExamples.sequences(30)
    func problem(_ change: (inout ModelOptions) -> Void) -> String? {
      var options = SimulatedExamples.options(.lstm, data)
      options.walkInWindows(of: 8, kind: .lstm)
      change(&options)
      return options.problem
    }
    #expect(problem { _ in } == nil)
    for (change, message) in [
      ({ $0.encoder.isBidirectional = true }, "bidirectional layers"),
      ({ $0.encoder.pooling = .attention }, "attention pooling"),
      ({ $0.encoder.hasLinearPath = true }, "the linear path"),
      ({ $0.encoder.kind = .cnn }, "the layer convolution"),
      ({ $0.encoder.kind = .mlp }, "reads all steps at once"),
      ({ $0.training.window = -1 }, "window must be from 0 to 1000000000 (got -1)"),
    ] as [((inout ModelOptions) -> Void, String)] {
      #expect(problem(change)?.contains(message) == true, "\(message)")
    }
    var rows = SimulatedExamples.options(.mlp, SimulatedExamples.expression())
    rows.walkInWindows(of: 8, kind: nil)
    #expect(rows.problem?.contains("expected an input of sequences") == true)
  }
}
