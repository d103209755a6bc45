import FoundationEssentials
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// The network of the publication with 2,008,901 parameters, on a segment, against PyTorch in float64.
@Suite struct DeepMedicReferenceTests {
  private struct Reference: Decodable {
    struct Values: Decodable { var shape: [Int], values: [Double] }
    /// The norm of a gradient and eight of its numbers.
    struct Summary: Decodable { var norm: Double, values: [Double] }
    var count: Int
    var loss: Double
    var outputs: Values
    var gradients: [String: Summary]
    var input: Summary
  }

  private struct Classifier: Module {
    var input: Tensor
    var network: DeepMedic
    var head: Linear

    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("input", &input)
      network.visitParameters(visit)
      visit("head", &head)
    }
  }

  /// Numbers from -1/2 to 1/2, as the script that made the reference computes them.
  private func formula(_ count: Int, _ k: Int) -> [Double] {
    (0..<count).map { Double(($0 * 7919 + k * 104729) % 2003) / 2003 - 0.5 }
  }

  @Test func outputsAndGradientsAgreeWithPyTorch() throws {
    let bytes = try #require(TemporaryFolder.contents(of: Fixtures.path("reference/deepmedic.json")))
    let expected = try JSONDecoder().decode([Reference].self, from: Data(bytes))[0]
    let weights = WeightBuilder.drawing(seed: 1)
    let extents = [86, 86, 87], count = extents.reduce(2, *)
    var sizes = DeepMedic.Sizes()
    sizes.dropout = [0, 0, 0]
    var model = Classifier(
      input: Tensor(formula(count, 1000).map { Float(4 * $0) }, shape: [1, 2] + extents),
      network: DeepMedic(2, sizes, from: weights), head: Linear(250, 5, from: weights))
    let names = model.namedTensors.filter { $0.role == .parameter && $0.name != "input" }.map(\.name).sorted()
    #expect(Set(names) == Set(expected.gradients.keys))
    model.updateTensors { name, role, tensor in
      guard role == .parameter, name != "input" else { return }
      let values = formula(tensor.count, names.firstIndex(of: name)! + 1)
      let fan = Double(tensor.count / tensor.shape[0]).squareRoot(), isMatrix = tensor.rank > 1
      tensor = Tensor(
        values.map { v in
          if name.hasSuffix("norm.weight") { return Float(1 + 0.2 * v) }
          if name.hasSuffix("activation.weight") { return Float(0.01 + 0.02 * v) }
          return isMatrix ? Float(v * 5 / fan) : Float(v)
        }, shape: tensor.shape)
    }
    #expect(model.parameterCount - count == expected.count && expected.count == 2_008_901)
    let places = expected.outputs.shape[0]
    let target = Tensor(formula(places * 5, 1001).map { Float($0) }, shape: [places, 5])
    var outputs = target
    let (loss, gradient) = valueWithGradient(at: model) { model in
      let context = Context.training(SeededGenerator(seed: 0))
      let y = model.head(model.network(Grids(channelsFirst: model.input), context), context).values
      outputs = y.detached
      return squaredError(y, target)
    }
    // Gradients of the biases of inputs are 0, since normalisation follows; rounding leaves about 1e-7.
    func isClose(_ found: [Double], _ wanted: [Double], _ scale: Double) -> Bool {
      zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-4 * scale + 1e-6 }
    }
    #expect(abs(Double(loss.scalar) - expected.loss) < 1e-4 * expected.loss)
    let largest = expected.outputs.values.map { abs($0) }.max()!
    #expect(isClose(outputs.scalars.map(Double.init), expected.outputs.values, largest))
    for (name, role, tensor) in gradient.namedTensors where role == .parameter {
      let wanted = name == "input" ? expected.input : expected.gradients[name]!
      let flat = tensor.scalars.map(Double.init)
      let norm = flat.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - wanted.norm) <= 1e-4 * wanted.norm + 1e-6, "\(name): \(norm), \(wanted.norm)")
      let sampled = (0..<8).map { flat[(flat.count / 2 + 997 * $0) % flat.count] }
      #expect(isClose(sampled, wanted.values, flat.map { abs($0) }.max()!), "\(name): \(sampled)")
    }
  }
}
