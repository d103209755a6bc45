import LigaseDatasets
import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct ModelNetworkTests {
  private static let rows = Tensor.draws([3, 4], seed: 5)
  private static let texts: [[Int32]] = [[1, 2, 3, 1], [3], [2, 0, 1]]
  /// The records of five examples.
  private static let places: [[Int32]] = [[0, 1, 2, 0, 2], [1, 1, 0, 2, 0]]

  /// Two inputs: features, and tokens whose encoder the networks share; smooth throughout.
  private static func plan(_ kind: FusionOptions.Kind, outputs: Int = 2, hasHead: Bool = true) -> NetworkPlan
  {
    var features = EncoderOptions(.mlp), tokens = EncoderOptions(.lstm)
    (features.hasLinearPath, features.embedsKnown) = (true, true)
    (tokens.embeddingSize, tokens.hiddenSize, tokens.pooling, tokens.isShared) = (3, 2, .mean, true)
    tokens.embedsKnown = true
    var fusion = FusionOptions(), head = HeadOptions()
    (fusion.kind, fusion.size) = (kind, 3)
    (head.hidden, head.isUsed) = ([], hasHead)
    return NetworkPlan(
      inputs: [
        .init(name: "features", options: features, shape: InputShape(row: 4), knownCount: 3),
        .init(name: "tokens", options: tokens, shape: InputShape(steps: 0, tokens: 4), knownCount: 2),
      ], fusion: fusion, head: head, members: 2, outputs: outputs, isOfSteps: false)
  }

  private static func outputs(_ network: ModelNetwork, rows: Tensor = rows) -> [Tensor] {
    let encoded = [
      network.encode(.rows(rows), input: 0, known: [0, 1, 2], .inference),
      network.encode(.tokens(Ragged(texts)), input: 1, known: [0, -1, 1], .inference),
    ]
    return network.outputs(encoded, places: places.map { $0 }, .inference)
  }

  @Test(arguments: [FusionOptions.Kind.product, .gate, .concatenation])
  func gradients(_ kind: FusionOptions.Kind) {
    for hasHead in kind == .product ? [true, false] : [true] {
      let network = ModelNetwork(Self.plan(kind, hasHead: hasHead), from: .drawing(seed: 3))
      let parameters = network.namedTensors.filter { $0.role == .parameter }
      let failure = gradientMismatch(at: parameters.map(\.tensor) + [Self.rows]) { tensors in
        var (moved, at) = (network, 0)
        moved.updateTensors { _, role, tensor in
          guard role == .parameter else { return }
          tensor = tensors[at]
          at += 1
        }
        let outputs = Self.outputs(moved, rows: tensors.last!)
        return .concatenated(outputs)
      }
      #expect(failure == nil, "\(kind), a head: \(hasHead); \(parameters.map(\.name))")
    }
  }

  /// The output of a product follows the formula: biases, sums of products, and the head over factors and
  /// products.
  @Test func aProductIsItsFormula() throws {
    let network = ModelNetwork(Self.plan(.product, hasHead: false), from: .drawing(seed: 3))
    let encoded = [
      network.encode(.rows(Self.rows), input: 0, known: [0, 1, 2], .inference),
      network.encode(.tokens(Ragged(Self.texts)), input: 1, known: [0, -1, 1], .inference),
    ]
    for (m, found) in Self.outputs(network).enumerated() {
      let x = try encoded.map { try #require($0[m].representation).scalars }
      #expect(found.shape == [5, 2])
      for i in 0..<5 {
        let (a, b) = (Int(Self.places[0][i]) * 8, Int(Self.places[1][i]) * 8)
        for t in 0..<2 {
          var expected: Float = x[0][a + 6 + t] + x[1][b + 6 + t]
          for k in 0..<3 { expected += x[0][a + t * 3 + k] * x[1][b + t * 3 + k] }
          #expect(abs(found.scalars[i * 2 + t] - expected) < 1e-5)
        }
      }
    }
  }

  /// Networks have their own weights except for a shared encoder, which occurs once.
  @Test func namesSayWhatIsShared() {
    for kind in [FusionOptions.Kind.product, .gate, .concatenation] {
      let tensors = ModelNetwork(Self.plan(kind), from: .drawing(seed: 3)).namedTensors
      let names = Set(tensors.map(\.name))
      #expect(names.count == tensors.count && names.contains("shared.tokens.embedding.weight"))
      #expect(!names.contains { $0.hasPrefix("members.") && $0.contains("tokens.encoder") })
      #expect(names.contains("members.1.fusion.gates.1.weight") == (kind == .gate))
      #expect(names.contains("members.0.inputs.features.known.weight") == (kind != .concatenation))
      #expect(names.contains("members.0.head.layers.0.weight"))
    }
  }

  /// A weight depends on the seed and its name, not on other weights.
  @Test func weightsAreDrawnByName() {
    func tensors(_ kind: FusionOptions.Kind, seed: UInt64 = 3) -> [String: [Float]] {
      let network = ModelNetwork(Self.plan(kind), from: .drawing(seed: seed))
      return Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor.scalars) })
    }
    let (gate, product, other) = (tensors(.gate), tensors(.product), tensors(.gate, seed: 4))
    let name = "shared.tokens.embedding.weight"
    #expect(gate[name] == product[name] && gate[name] != other[name])
    #expect(gate["members.0.fusion.gates.0.weight"] != gate["members.1.fusion.gates.0.weight"])
  }
}
