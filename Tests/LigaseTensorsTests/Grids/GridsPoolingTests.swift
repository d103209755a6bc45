import LigaseTensors
import TestSupport
import Testing

@Suite struct GridsPoolingTests {
  static let layout = GridLayout(lengths: [3, 0, 1, 4])

  private static func over(_ values: Tensor) -> Grids { Grids(values: values, layout: layout) }

  static let cases: [GradientCase] = [
    .init("mean", [.draws([8, 3])]) { over($0[0]).meanOverLength() },
    .init("max", [.spaced([8, 3])]) { over($0[0]).maxOverLength() },
    .init("softmax over length", [.draws([8, 1])]) { over($0[0]).softmaxOverLength().values },
    .init("weighted sum", [.draws([8, 3]), .draws([8, 1], seed: 2)]) {
      over($0[0]).sumOverLength(weightedBy: over($0[1]))
    },
    .init("padded", [.draws([8, 3])]) { over($0[0]).padded() },
    .init("unpadded", [.draws([4, 5, 2])]) { Grids(padded: $0[0], lengths: [3, 0, 1, 4]).values },
    .init("last", [.draws([4, 2])]) {
      Grids(values: $0[0], layout: GridLayout(lengths: [3, 1])).lastOverLength()
    },
  ]

  @Test(arguments: cases) func pullbackAgreesWithDifferences(_ one: GradientCase) {
    #expect(gradientMismatch(at: one.inputs, one.operation) == nil)
  }

  @Test func valuesAreOverOwnLengths() {
    let x = Grids(
      values: Tensor([1, 5, 3, 7, -2, -1], shape: [6, 1]), layout: GridLayout(lengths: [3, 0, 1, 2]))
    #expect(x.meanOverLength().scalars == [3, 0, 7, -1.5])
    #expect(x.maxOverLength().scalars == [5, 0, 7, -1])
    #expect(x.padded().scalars == [1, 5, 3, 0, 0, 0, 7, 0, 0, -2, -1, 0])
    let back = Grids(padded: x.padded(), lengths: [3, 0, 1, 2])
    #expect(back.values.scalars == x.values.scalars)
    let weights = x.softmaxOverLength().values.scalars
    #expect(abs(weights[0] + weights[1] + weights[2] - 1) < 1e-6 && weights[3] == 1)
  }
}
