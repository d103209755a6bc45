import LigaseNetworks
import LigaseTensors

extension Benchmark {
  /// A product of two square matrices, the rate with which convolutions are compared, then convolutions over images and
  /// volumes (forward pass, input gradient and weight gradient) and training steps of an image network.
  static var grids: [Benchmark] {
    [
      product, grid("conv2d-32-64", [16, 64, 64], channels: 32, outputs: 64),
      grid("conv2d-64-64", [16, 64, 64], channels: 64, outputs: 64),
      grid("conv3d-30-40", [10, 21, 21, 21], channels: 30, outputs: 40),
      lesion(28), lesion(64), lesion(128),
    ]
  }

  private static var product: Benchmark {
    Benchmark(name: "sgemm-1024") {
      var random = SeededGenerator(seed: 1)
      let a = Tensor.normal([1024, 1024], using: &random), b = Tensor.normal([1024, 1024], using: &random)
      return { precondition(a.matmul(b)[0, 0].isFinite) }
    }
  }

  /// A convolution of three taps along each axis, padding 1, on a batch `[N, extents…]` in channels last.
  private static func grid(_ name: String, _ batch: [Int], channels: Int, outputs: Int) -> Benchmark {
    Benchmark(name: name) {
      var random = SeededGenerator(seed: 1)
      let extents = Array(batch.dropFirst()), rows = batch.reduce(1, *)
      let layer = Convolution(
        channels, outputs, kernelSize: 3, padding: .steps(1), rank: extents.count, from: .drawing(seed: 1))
      let layout = GridLayout(extents: [[Int]](repeating: extents, count: batch[0]))
      let input = Tensor.normal([rows, channels], using: &random)
      let direction = Tensor.normal([rows, outputs], using: &random)
      return {
        let x = input.tracked()
        let (value, _) = valueWithGradient(at: layer) {
          // The gradient of the output is `direction`; the value itself is not needed.
          let y = $0(Grids(values: x, layout: layout), .inference).values
          return Tensor.recording(Tensor(0), from: [y], "directed") { _ in [direction] }
        }
        precondition(value.scalar == 0)
      }
    }
  }

  /// A training step of `lesion-cnn` on 32 images of `side` by `side` pixels, with Adam.
  private static func lesion(_ side: Int) -> Benchmark {
    Benchmark(name: "lesion-cnn-\(side)") {
      var random = SeededGenerator(seed: 1)
      var model = LesionNetwork(side: side, from: .drawing(seed: 1))
      var optimizer = Adam()
      let layout = GridLayout(extents: [[Int]](repeating: [side, side], count: 32))
      let input = Grids(values: .normal([32 * side * side, 1], using: &random), layout: layout)
      let target = Tensor((0..<32).map { Float($0 % 2) }, shape: [32, 1])
      var step: UInt64 = 0
      return {
        step += 1
        let context = Context.training(SeededGenerator(seed: step))
        let (loss, gradient) = valueWithGradient(at: model) {
          binaryCrossEntropy(logits: $0(input, context), target)
        }
        precondition(loss.scalar.isFinite)
        optimizer.update(&model, along: gradient)
      }
    }
  }
}

/// Two convolutions, a pooling and two linear layers. The first dropout is that of single numbers, which draws more than
/// the dropout of whole channels of `peers.py`.
private struct LesionNetwork: Module {
  var features: Sequential
  var head: Sequential

  init(side: Int, from weights: WeightBuilder) {
    features = Sequential([
      Convolution(1, 16, kernelSize: 3, padding: .steps(1), rank: 2, from: weights.nested("0")),
      Activation.relu,
      Convolution(16, 32, kernelSize: 3, padding: .steps(1), rank: 2, from: weights.nested("2")),
      Activation.relu, MaxPool(kernelSize: 2, rank: 2), Dropout(0.25),
    ])
    head = Sequential([
      Linear(32 * (side / 2) * (side / 2), 128, from: weights.nested("7")), Activation.relu, Dropout(0.5),
      Linear(128, 1, from: weights.nested("10")),
    ])
  }

  func callAsFunction(_ input: Grids, _ context: Context) -> Tensor {
    let maps = features(input, context)
    let rows = maps.values.reshaped([maps.count, maps.values.count / maps.count])
    return head(Grids(rows: rows), context).values
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("features", &features)
    visit("head", &head)
  }
}
