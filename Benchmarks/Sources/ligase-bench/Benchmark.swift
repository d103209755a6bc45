import LigaseNetworks
import LigaseTensors

/// One benchmark: `prepare` makes data and model, and returns a closure of one forward and backward pass.
struct Benchmark {
  let name: String
  let prepare: () -> () -> Void

  static var all: [Benchmark] {
    [
      recurrent("lstm-step", .lstm, lengths: equal(64, 200), channels: 4, hidden: 128),
      recurrent("gru-step", .gru, lengths: equal(64, 200), channels: 4, hidden: 128),
      recurrent("rnn-step", .tanh, lengths: equal(64, 200), channels: 4, hidden: 128),
      recurrent("drug-encoder", .lstm, lengths: drugs, channels: 32, hidden: 64, isBidirectional: true),
      head, convolution, drugResponseStep,
    ] + grids
  }

  private static func equal(_ count: Int, _ length: Int) -> [Int] { [Int](repeating: length, count: count) }

  /// 170 lengths from 20 to 185 with a mean of about 55; `peers.py` has the same formula.
  static let drugs: [Int] = (0..<170).map { i in
    let u = Double(i) / 169
    return 20 + Int(165 * u * u * u * u + 0.5)
  }

  private static func recurrent(
    _ name: String, _ cell: RecurrentCell, lengths: [Int], channels: Int, hidden: Int,
    isBidirectional: Bool = false
  ) -> Benchmark {
    Benchmark(name: name) {
      var random = SeededGenerator(seed: 1)
      let layout = GridLayout(lengths: lengths)
      let model = Recurrent(
        cell, inputSize: channels, hiddenSize: hidden, isBidirectional: isBidirectional,
        from: .drawing(seed: 1))
      // The drug encoder learns its input, an embedding; elsewhere the input is data.
      let input = Tensor.normal([layout.rowCount, channels], using: &random)
      let target = Tensor.normal([layout.rowCount, model.outputSize], using: &random)
      return {
        let x = Grids(values: isBidirectional ? input.tracked() : input, layout: layout)
        let (loss, gradient) = valueWithGradient(at: model) { model in
          squaredError(model(x, .inference).values, target)
        }
        precondition(loss.scalar.isFinite && gradient.parameterCount == model.parameterCount)
      }
    }
  }

  /// The head of a response model: 1024 samples through 256-512-256-1.
  private static var head: Benchmark {
    Benchmark(name: "head") {
      var random = SeededGenerator(seed: 1)
      let weights = WeightBuilder.drawing(seed: 1)
      let model = Sequential([
        Linear(256, 512, from: weights.nested("0")), Activation.relu,
        Linear(512, 256, from: weights.nested("2")),
        Activation.relu, Linear(256, 1, from: weights.nested("4")),
      ])
      let x = Grids(rows: .normal([1024, 256], using: &random))
      let target = Tensor.normal([1024, 1], using: &random)
      var trained = model
      var optimizer = Adam()
      return {
        let (_, gradient) = valueWithGradient(at: trained) { squaredError($0(x, .inference).values, target) }
        optimizer.update(&trained, along: gradient)
      }
    }
  }

  /// A convolution over sequences: 32 of length 1000, 4 to 64 channels, 15 taps.
  private static var convolution: Benchmark {
    Benchmark(name: "conv1d") {
      var random = SeededGenerator(seed: 1)
      let layer = Convolution(4, 64, kernelSize: 15, padding: .same, from: .drawing(seed: 1))
      let layout = GridLayout(lengths: equal(32, 1000))
      let input = Grids(values: .normal([32_000, 4], using: &random), layout: layout)
      let target = Tensor.normal([32_000, 64], using: &random)
      return {
        let (loss, _) = valueWithGradient(at: layer) { squaredError($0(input, .inference).values, target) }
        precondition(loss.scalar.isFinite)
      }
    }
  }
}
