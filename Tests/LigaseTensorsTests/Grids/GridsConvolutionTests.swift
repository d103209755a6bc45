import LigaseTensors
import TestSupport
import Testing

/// Convolutions and pooling over images and volumes of different extents.
@Suite struct GridsConvolutionTests {
  /// A convolution of random numbers.
  struct Case: Sendable, CustomTestStringConvertible {
    let extents: [[Int]]
    let channels, outputs: Int
    var size = 3, stride = 1, dilation = 1, padding = 1, groups = 1

    var rank: Int { extents[0].count }
    var window: SlidingWindow {
      SlidingWindow(size: size, stride: stride, dilation: dilation, padding: .steps(padding), rank: rank)
    }
    var layout: GridLayout { GridLayout(extents: extents) }
    var weight: Tensor {
      .draws([outputs, channels / groups] + [Int](repeating: size, count: rank), seed: 2)
    }
    var testDescription: String {
      "\(channels) to \(outputs) over \(extents), \(size), \(stride), \(dilation), \(padding), \(groups)"
    }

    func callAsFunction(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
      Grids(values: x, layout: layout).convolved(weight: weight, bias: bias, window: window, groups: groups)
        .values
    }
  }

  static let small: [Case] = [
    Case(extents: [[4, 3], [1, 1], [2, 5]], channels: 2, outputs: 3),
    Case(extents: [[4, 3], [3, 4]], channels: 2, outputs: 2, size: 2, stride: 3, dilation: 2, padding: 2),
    Case(extents: [[3, 4]], channels: 2, outputs: 2, size: 1, padding: 2),
    Case(extents: [[4, 4], [5, 3]], channels: 2, outputs: 4, stride: 2, groups: 2),
    Case(extents: [[4, 3]], channels: 3, outputs: 3, groups: 3),
    Case(extents: [[2, 3, 2], [1, 2, 3]], channels: 2, outputs: 2, size: 2),
    Case(extents: [[3], [5]], channels: 4, outputs: 2, stride: 2, groups: 2),
  ]

  @Test(arguments: small) func pullbackAgreesWithDifferences(_ one: Case) {
    let inputs = [
      Tensor.draws([one.layout.rowCount, one.channels]), one.weight, .draws([one.outputs], seed: 3),
    ]
    #expect(gradientMismatch(at: inputs) { one($0[0], $0[1], $0[2]) } == nil)
  }

  /// More terms, taps or outputs than the kernels take at once.
  static let large: [Case] = [
    Case(extents: [[9, 14]], channels: 100, outputs: 33),
    Case(extents: [[7, 7, 8]], channels: 2, outputs: 17, size: 6, padding: 3),
    Case(extents: [[9, 9, 9]], channels: 1, outputs: 2, size: 6, dilation: 2, padding: 5),
    Case(
      extents: [[40, 30], [3, 70]], channels: 20, outputs: 20, size: 5, stride: 2, padding: 2, groups: 20),
    Case(extents: [[1, 300]], channels: 3, outputs: 48, size: 1, padding: 0),
  ]

  @Test(arguments: large) func valuesAgreeWithTheDefinition(_ one: Case) {
    let x = Tensor.draws([one.layout.rowCount, one.channels]), bias = Tensor.draws([one.outputs], seed: 3)
    let found = one(x, one.weight, bias)
    #expect(
      mismatch(found.scalars, convolved(x, one.weight, bias, one), tolerance: 1e-5, floor: 1e-5) == nil)
  }

  /// The sum of the definition, position by position, in double precision.
  private func convolved(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, _ one: Case) -> [Double] {
    let (x, w, b) = (x.scalars, weight.scalars, bias.scalars)
    let (c, o) = (one.channels / one.groups, one.outputs / one.groups)
    let taps = indices([Int](repeating: one.size, count: one.rank))
    var result: [Double] = []
    for (s, extents) in one.extents.enumerated() {
      let places = one.window.axes.indices.map { one.window.axes[$0].places(on: extents[$0]) }
      for place in indices(places) {
        for output in 0..<one.outputs {
          var sum = Double(b[output])
          for (t, tap) in taps.enumerated() {
            let at = place.indices.map { place[$0] * one.stride - one.padding + tap[$0] * one.dilation }
            guard zip(at, extents).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
            let row = zip(at, extents).reduce(0) { $0 * $1.1 + $1.0 } + one.layout.offsets[s]
            for j in 0..<c {
              sum +=
                Double(x[row * one.channels + output / o * c + j])
                * Double(w[(output * c + j) * taps.count + t])
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  /// All indices of an array, the last axis the fastest.
  private func indices(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { all, extent in all.flatMap { one in (0..<extent).map { one + [$0] } } }
  }

  /// One large example is shared by lines, in pieces of planes and in whole planes.
  @Test(arguments: [
    Case(extents: [[90, 70]], channels: 16, outputs: 12),
    Case(extents: [[30, 8, 9], [3, 40, 20]], channels: 6, outputs: 5, padding: 2),
    Case(extents: [[60, 60]], channels: 8, outputs: 8, stride: 2, groups: 8),
  ])
  func bytesDoNotDependOnThreads(_ one: Case) {
    let x = Tensor.draws([one.layout.rowCount, one.channels]),
      pool = SlidingWindow(size: 2, stride: 2, rank: one.rank)
    let difference = threadDependence {
      let leaves = [x.tracked(), one.weight.tracked()]
      let y = Grids(values: leaves[0], layout: one.layout)
        .convolved(weight: leaves[1], bias: nil, window: one.window, groups: one.groups)
        .normalizedExamples(groups: 1, epsilon: 1e-5)
      let value =
        y.maxPooled(pool).values.squared().sum() + y.averagePooled(pool).values.squared().sum()
        + y.values.normalizedColumns(epsilon: 1e-5).normalized.prelu(slope: Tensor([0.1])).sum()
      return [bits(value)] + gradients(of: value, at: leaves).map(bits)
    }
    #expect(difference == nil)
  }

  @Test(arguments: [
    Case(extents: [[20, 9], [1, 1], [7, 33], [64, 50]], channels: 5, outputs: 33),
    Case(extents: [[3, 9, 4], [12, 12, 12], [1, 2, 3]], channels: 6, outputs: 6, stride: 2, groups: 3),
    Case(extents: [[20, 9], [40, 41]], channels: 16, outputs: 16, groups: 16),
  ])
  func examplesDoNotDependOnTheirBatch(_ one: Case) {
    let x = Tensor.draws([one.layout.rowCount, one.channels])
    func results(_ one: Case, _ x: Tensor) -> [[UInt32]] {
      let leaf = x.tracked(), pool = SlidingWindow(size: 3, stride: 2, padding: .steps(1), rank: one.rank)
      let y = Grids(values: one(leaf, one.weight, nil), layout: one.window.layout(over: one.layout))
      let (most, mean) = (y.maxPooled(pool).values, y.averagePooled(pool, countsPadding: false).values)
      let normalized = y.normalizedExamples(groups: one.outputs, epsilon: 1e-5).values
      let value = most.squared().sum() + mean.squared().sum()
      return [y.values, most, mean, normalized, gradients(of: value, at: [leaf])[0]].map(bits)
    }
    var alone = [[UInt32]](repeating: [], count: 5)
    for (s, extents) in one.extents.enumerated() {
      var own = one
      own = Case(
        extents: [extents], channels: one.channels, outputs: one.outputs, size: one.size, stride: one.stride,
        dilation: one.dilation, padding: one.padding, groups: one.groups)
      let rows = one.layout.offsets[s]..<one.layout.offsets[s + 1]
      for (i, result) in results(own, x.slicedFirst(rows)).enumerated() { alone[i] += result }
    }
    #expect(results(one, x) == alone)
  }

  @Test func wholeChannelsAreDropped() {
    let layout = GridLayout(extents: [[3, 4], [2, 2], [1, 5]])
    let x = Tensor.ones([layout.rowCount, 40]).tracked()
    let y = Grids(values: x, layout: layout).droppingChannels(probability: 0.25, key: 7).values
    let numbers = y.scalars
    var dropped = 0
    for s in 0..<layout.count {
      for channel in 0..<40 {
        let column = (layout.offsets[s]..<layout.offsets[s + 1]).map { numbers[$0 * 40 + channel] }
        #expect(column.allSatisfy { $0 == column[0] } && (column[0] == 0 || abs(column[0] - 4 / 3) < 1e-6))
        dropped += column[0] == 0 ? 1 : 0
      }
    }
    #expect((15...45).contains(dropped))
    #expect(gradients(of: y.sum(), at: [x])[0] == y)
    let other = Grids(values: x, layout: layout).droppingChannels(probability: 0.25, key: 8).values
    #expect(other != y)
  }
}
