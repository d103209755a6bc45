import LigaseNetworks
import LigaseTensors

extension Benchmark {
  /// One training step of a plain drug-response network on 1024 pairs of 480 cell lines and 170 drugs, each encoded once:
  /// embedding 32, bidirectional LSTM 64, mean; 706-256-128; 256-512-256-1; Adam.
  static var drugResponseStep: Benchmark {
    Benchmark(name: "drug-response-step") {
      var random = SeededGenerator(seed: 1)
      var model = PlainDrugResponse(from: .drawing(seed: 1))
      var optimizer = Adam()
      let tokens = Ragged(drugs.map { length in (0..<length).map { _ in Int32(random.next(below: 40)) } })
      let profiles = Tensor.normal([480, 706], using: &random),
        target = Tensor.normal([1024, 1], using: &random)
      let lines = (0..<1024).map { _ in Int32(random.next(below: 480)) }
      let drugs = (0..<1024).map { _ in Int32(random.next(below: 170)) }
      return {
        let (_, gradient) = valueWithGradient(at: model) {
          squaredError($0(profiles, tokens, lines: lines, drugs: drugs), target)
        }
        optimizer.update(&model, along: gradient)
      }
    }
  }
}

private struct PlainDrugResponse: Module {
  var embedding: Embedding
  var recurrent: Recurrent
  var expression: [Linear]
  var head: [Linear]

  init(from weights: WeightBuilder) {
    embedding = Embedding(40, 32, from: weights.nested("embedding"))
    recurrent = Recurrent(
      .lstm, inputSize: 32, hiddenSize: 64, isBidirectional: true, from: weights.nested("recurrent"))
    expression = [
      Linear(706, 256, from: weights.nested("expression.0")),
      Linear(256, 128, from: weights.nested("expression.1")),
    ]
    head = [
      Linear(256, 512, from: weights.nested("head.0")), Linear(512, 256, from: weights.nested("head.1")),
      Linear(256, 1, from: weights.nested("head.2")),
    ]
  }

  func callAsFunction(
    _ profiles: Tensor, _ tokens: Ragged<Int32>, lines: [Int32], drugs: [Int32]
  ) -> Tensor {
    let context = Context.inference
    let structures = recurrent(embedding(tokens), context).meanOverLength()
    let encoded = expression.reduce(profiles) { $1($0, context).relu() }
    let pairs = Tensor.concatenated([encoded.gatheredRows(lines), structures.gatheredRows(drugs)])
    return head[2](head[1](head[0](pairs, context).relu(), context).relu(), context)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("recurrent", &recurrent)
    visit("expression", &expression)
    visit("head", &head)
  }
}
