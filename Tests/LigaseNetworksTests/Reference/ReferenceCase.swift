import FoundationEssentials
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// One case of `Fixtures/reference/*.json` with the results of PyTorch in float64.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  /// A tensor as in the files.
  struct Values: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor { Tensor(values.map { Float($0) }, shape: shape) }
  }

  let name: String
  let kind: String
  var input: Values?
  var target: Values?
  var parameters: [String: Values]?
  var outputs: [String: Values]?
  var loss: Double?
  var gradients: [String: Values]?
  var inputGradient: Values?
  var after: [String: Values]?

  var lengths: [Int]?
  var layers, inputSize, hiddenSize: Int?
  var bidirectional, bias, training, same, countsPadding: Bool?
  var hiddenWeights, cellWeights: Values?
  var sizes: [Int]?
  var indices, labels: [Int32]?
  var kernel, stride, dilation, padding, outputPadding, rank: Int?
  var kernels, strides, dilations, paddings, places: [Int]?
  var groups: Int?
  var affine: Bool?
  var weights, classWeights: Values?
  var mask: [Bool]?
  var delta, gamma, alpha: Float?
  var positiveWeights: [Float]?
  var options: [String: Float]?
  var steps: [[String: Values]]?

  var testDescription: String { name }

  /// The cases of a file under `Fixtures/reference`.
  static func all(_ file: String) -> [ReferenceCase] {
    let path = Fixtures.path("reference/\(file)")
    guard let bytes = TemporaryFolder.contents(of: path) else { fatalError("\(path) cannot be read") }
    do {
      return try JSONDecoder().decode([ReferenceCase].self, from: Data(bytes))
    } catch { fatalError("\(path): \(error)") }
  }
}

/// A model with its input, to compute a gradient of both.
private struct WithInput<M: Module>: Module {
  var input: Tensor
  var model: M

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("input", &input)
    visit("model", &model)
  }
}

extension ReferenceCase {
  /// Runs the case's model and compares outputs, loss, every gradient and three optimiser steps with the
  /// reference.
  ///
  /// - Parameter forward: returns the loss, and the outputs by their names in the case.
  func check<M: Module>(
    _ fresh: M, _ forward: (M, Tensor, Context) -> (loss: Tensor, outputs: [String: Tensor])
  ) throws {
    var model = fresh
    try model.load { parameters?[$0]?.tensor }
    #expect(Set(model.namedTensors.map(\.name)) == Set((parameters ?? [:]).keys))
    let x = input?.tensor ?? Tensor([0])
    var optimizer = SGD(learningRate: 0.05, momentum: 0.9)
    for step in 0..<3 {
      let context = training == false ? .inference : Context.training(SeededGenerator(seed: 0))
      var outputs: [String: Tensor] = [:]
      let (value, gradient) = valueWithGradient(at: WithInput(input: x, model: model)) { pair in
        let (loss, found) = forward(pair.model, pair.input, context)
        outputs = found.mapValues(\.detached)
        return loss
      }
      if step == 0 {
        #expect(mismatch([value.scalar], [loss!]) == nil, "loss")
        for (name, expected) in self.outputs! { expectClose(outputs[name]!, expected, name) }
        for (name, role, tensor) in gradient.model.namedTensors where role == .parameter {
          expectClose(tensor, gradients![name]!, "gradient of \(name)")
        }
        if let inputGradient { expectClose(gradient.input, inputGradient, "gradient of the input") }
      }
      optimizer.update(&model, along: gradient.model)
      context.applyChanges(to: &model)
    }
    for (name, _, tensor) in model.namedTensors {
      expectClose(tensor, after![name]!, "\(name) after three steps")
    }
  }

  /// Compares shape and numbers, within 1e-5 of the tensor's largest.
  func expectClose(_ found: Tensor, _ expected: Values, _ what: String) {
    #expect(found.shape == expected.shape, "\(what)")
    let difference = mismatch(found.scalars, expected.values)
    #expect(difference == nil, "\(what)")
  }
}
