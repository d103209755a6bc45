import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// Three steps of every optimiser against PyTorch.
@Suite struct OptimizerReferenceTests {
  @Test(arguments: ReferenceCase.all("optimizers.json")) func agreesWithPyTorch(_ one: ReferenceCase) throws {
    let o = one.options!
    func option(_ name: String, _ otherwise: Float = 0) -> Float { o[name] ?? otherwise }
    let rate = option("learningRate")
    switch one.kind {
    case "sgd":
      try check(
        one,
        SGD(
          learningRate: rate, momentum: option("momentum"), dampening: option("dampening"),
          weightDecay: option("weightDecay"), isNesterov: option("nesterov") == 1))
    case "adam", "adamw":
      try check(
        one,
        Adam(
          learningRate: rate, beta1: option("beta1", 0.9), beta2: option("beta2", 0.999),
          epsilon: option("epsilon", 1e-8), weightDecay: option("weightDecay"),
          isDecoupled: one.kind == "adamw"))
    case "rmsprop":
      try check(
        one,
        RMSProp(
          learningRate: rate, alpha: option("alpha", 0.99), weightDecay: option("weightDecay"),
          momentum: option("momentum")))
    default: Issue.record("no optimiser is named \(one.kind)")
    }
  }

  private func check<O: SavedOptimizer>(_ one: ReferenceCase, _ optimizer: O) throws {
    var (model, optimizer) = (
      MultilayerPerceptron([3, 4, 2], activation: .tanh, from: .drawing(seed: 1)), optimizer
    )
    try model.load { one.parameters![$0]?.tensor }
    for (index, expected) in one.steps!.enumerated() {
      let (_, gradient) = valueWithGradient(at: model) {
        squaredError($0(one.input!.tensor, .inference), one.target!.tensor)
      }
      optimizer.update(&model, along: gradient)
      for (name, _, tensor) in model.namedTensors {
        one.expectClose(tensor, expected[name]!, "\(name) after step \(index + 1)")
      }
    }
    #expect(optimizer.step == 3)
  }
}
