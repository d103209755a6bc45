import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct SMILESEncoderTests {
  private static let texts: [[Int32]] = [[1, 2, 3, 1, 1], [4], [2, 2, 5, 0, 3, 1, 4, 4, 2, 1, 3], [5, 1]]

  private static func encoder(
    _ kind: DrugResponseArchitecture.DrugEncoder, layers: Int = 1, counts: Bool = false
  ) -> SMILESEncoder {
    var architecture = DrugResponseArchitecture()
    (architecture.drugEncoder, architecture.drugLayers, architecture.readsCounts) = (kind, layers, counts)
    (architecture.tokenSize, architecture.drugHidden) = (6, 5)
    return SMILESEncoder(architecture, tokenCount: 6, from: .drawing(seed: 2))
  }

  /// What a string becomes does not depend on the strings beside it, however long they are.
  @Test(arguments: DrugResponseArchitecture.DrugEncoder.allCases)
  func neighboursChangeNothing(_ kind: DrugResponseArchitecture.DrugEncoder) {
    for counts in [false, true] {
      let encoder = Self.encoder(kind, layers: kind == .lstm ? 2 : 1, counts: counts)
      let all = encoder(Ragged(Self.texts), .inference)
      let width = counts ? 17 : 10
      #expect(all.shape == [4, width] && all.isFinite)
      for (i, text) in Self.texts.enumerated() {
        let alone = encoder(Ragged([text]), .inference).scalars
        for (a, b) in zip(alone, all.scalars[(i * width)..<((i + 1) * width)]) { #expect(abs(a - b) < 1e-6) }
      }
    }
  }

  @Test func parametersHaveTheNamesOfTheFile() {
    let recurrent = Self.encoder(.gru).namedTensors.map(\.name)
    #expect(recurrent.first == "embedding.weight" && recurrent.contains("recurrent.weight_ih_l0_reverse"))
    let convolutional = Self.encoder(.cnn, counts: true).namedTensors
    #expect(
      convolutional.map(\.name) == [
        "embedding.weight", "convolutions.0.weight", "convolutions.0.bias", "convolutions.1.weight",
        "convolutions.1.bias", "count_scale",
      ])
    #expect(convolutional[1].tensor.shape == [10, 6, 7] && convolutional[3].tensor.shape == [10, 10, 5])
  }

  @Test func gradientsReachEveryParameter() {
    for kind in DrugResponseArchitecture.DrugEncoder.allCases {
      let (_, gradient) = valueWithGradient(at: Self.encoder(kind)) {
        $0(Ragged(Self.texts), .training(SeededGenerator(seed: 1))).squared().sum()
      }
      for (name, _, tensor) in gradient.namedTensors {
        #expect(tensor.isFinite && tensor.scalars.contains { $0 != 0 }, "\(kind): \(name)")
      }
    }
  }
}
