import Glibc
import LigaseDatasets
import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct InputEncoderTests {
  private static let texts: [[Int32]] = [[1, 2, 3, 1, 1], [4], [2, 2, 5, 0, 3, 1, 4, 4, 2, 1, 3], [5, 1]]

  private static func encoder(
    _ kind: EncoderOptions.Kind, layers: Int = 1, counts: Bool = false
  ) -> InputEncoder {
    var options = EncoderOptions(kind)
    (options.recurrentLayers, options.readsCounts, options.embeddingSize) = (layers, counts, 6)
    (options.hiddenSize, options.filters) = (5, 10)
    if kind == .cnn {
      (options.kernelSize, options.moreKernelSizes) = (7, [5])
    } else {
      options.pooling = .mean
    }
    return InputEncoder(options, InputShape(steps: 0, tokens: 6), isOfSteps: false, from: .drawing(seed: 2))
  }

  private static func tokens(_ texts: [[Int32]]) -> InputBatch { .tokens(Ragged(texts)) }

  /// The encoding of a string does not depend on the other strings, whatever their lengths.
  @Test(arguments: SimulatedTraining.encoders) func neighboursChangeNothing(_ kind: EncoderOptions.Kind) {
    for counts in [false, true] {
      var encoder = Self.encoder(kind, layers: kind == .lstm ? 2 : 1, counts: counts)
      encoder.fitCounts(Self.tokens(Self.texts))
      let all = encoder(Self.tokens(Self.texts), .inference).representation
      let width = counts ? 17 : 10
      #expect(all.shape == [4, width] && all.isFinite)
      for (i, text) in Self.texts.enumerated() {
        let alone = encoder(Self.tokens([text]), .inference).representation.scalars
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
        "embedding.weight", "convolution.weight", "convolution.bias", "convolutions.0.weight",
        "convolutions.0.bias", "count_scale",
      ])
    #expect(convolutional[1].tensor.shape == [10, 6, 7] && convolutional[3].tensor.shape == [10, 10, 5])
  }

  /// `ln(1 + count)` of each token and of all, scaled by training records; constant counts are zero.
  @Test func countsOfTokens() {
    var encoder = Self.encoder(.cnn, counts: true)
    encoder.fitCounts(Self.tokens([[1, 1, 2], [2]]))
    let found = encoder(Self.tokens([[1, 1, 2], [2], [1, 3, 3]]), .inference).representation.scalars
    func counts(_ row: Int) -> [Float] { Array(found[(row * 17 + 10)..<(row * 17 + 17)]) }
    // Two records: a number that differs is 1 for the one and -1 for the other.
    let expected: [[Float]] = [[0, 1, 0, 0, 0, 0, 1], [0, -1, 0, 0, 0, 0, -1]]
    for row in 0..<2 { for (a, b) in zip(counts(row), expected[row]) { #expect(abs(a - b) < 1e-5) } }
    // ln 2 between 0 and ln 3, as far from their middle as that is of half their distance.
    let third = Float(log(2.0) / log(3.0) * 2 - 1)
    #expect(abs(counts(2)[1] - third) < 1e-5 && counts(2)[3] == 0 && abs(counts(2)[6] - 1) < 1e-5)
  }

  @Test func gradientsReachEveryParameter() {
    for kind in SimulatedTraining.encoders {
      let (_, gradient) = valueWithGradient(at: Self.encoder(kind)) {
        $0(Self.tokens(Self.texts), .training(SeededGenerator(seed: 1))).representation.squared().sum()
      }
      for (name, _, tensor) in gradient.namedTensors {
        #expect(tensor.isFinite && tensor.scalars.contains { $0 != 0 }, "\(kind): \(name)")
      }
    }
  }
}
