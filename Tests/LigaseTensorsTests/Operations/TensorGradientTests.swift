import LigaseTensors
import TestSupport
import Testing

/// One operation and the point at which its pullback is checked.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let name: String
  let inputs: [Tensor]
  let operation: @Sendable ([Tensor]) -> Tensor

  init(_ name: String, _ inputs: [Tensor], _ operation: @escaping @Sendable ([Tensor]) -> Tensor) {
    self.name = name
    self.inputs = inputs
    self.operation = operation
  }

  var testDescription: String { name }
}

@Suite struct TensorGradientTests {
  static let elementwise: [GradientCase] = [
    .init("sum of equal shapes", [.draws([3, 4]), .draws([3, 4], seed: 2)]) { $0[0] + $0[1] },
    .init("sum with a row", [.draws([3, 4]), .draws([4], seed: 2)]) { $0[0] + $0[1] },
    .init("sum with a column", [.draws([3, 4]), .draws([3, 1], seed: 2)]) { $0[0] + $0[1] },
    .init("sum with a scalar tensor", [.draws([2, 3]), .draws([], seed: 2)]) { $0[0] + $0[1] },
    .init("outer sum", [.draws([3, 1]), .draws([1, 4], seed: 2)]) { $0[0] + $0[1] },
    .init("difference", [.draws([3, 4]), .draws([4], seed: 2)]) { $0[0] - $0[1] },
    .init("product", [.draws([2, 3, 2]), .draws([3, 1], seed: 2)]) { $0[0] * $0[1] },
    .init("product with itself", [.draws([5])]) { $0[0] * $0[0] },
    .init("quotient", [.draws([3, 4]), .positives([4], seed: 2)]) { $0[0] / $0[1] },
    .init("scale and shift", [.draws([3])]) { (2 * $0[0] * 0.5 - 3 + 1) / 4 },
    .init("negation", [.draws([3])]) { -$0[0] },
    .init("relu", [.spaced([3, 4])]) { $0[0].relu() },
    .init("sigmoid", [.draws([3, 4], deviation: 3)]) { $0[0].sigmoid() },
    .init("tanh", [.draws([3, 4])]) { $0[0].tanh() },
    .init("gelu", [.draws([3, 4], deviation: 2)]) { $0[0].gelu() },
    .init("exp", [.draws([3, 4])]) { $0[0].exp() },
    .init("log", [.positives([3, 4])]) { $0[0].log() },
    .init("squared", [.draws([3, 4])]) { $0[0].squared() },
    .init("dropout", [.draws([6, 7])]) { $0[0].dropout(probability: 0.4, key: 99) },
  ]

  static let products: [GradientCase] = [
    .init("matmul", [.draws([3, 4]), .draws([4, 5], seed: 2)]) { $0[0].matmul($0[1]) },
    .init("linear", [.draws([3, 4]), .draws([5, 4], seed: 2), .draws([5], seed: 3)]) {
      $0[0].linear(weight: $0[1], bias: $0[2])
    },
    .init("linear without bias, three axes", [.draws([2, 3, 4]), .draws([5, 4], seed: 2)]) {
      $0[0].linear(weight: $0[1], bias: nil)
    },
  ]

  static let reductions: [GradientCase] = [
    .init("sum", [.draws([3, 4])]) { $0[0].sum() },
    .init("mean", [.draws([3, 4])]) { $0[0].mean() },
    .init("sum along the first axis", [.draws([3, 4])]) { $0[0].sum(alongAxis: 0) },
    .init("sum along a middle axis", [.draws([2, 3, 4])]) { $0[0].sum(alongAxis: 1) },
    .init("sum along the last axis", [.draws([2, 3, 4])]) { $0[0].sum(alongAxis: 2) },
    .init("mean along an axis", [.draws([3, 4])]) { $0[0].mean(alongAxis: 0) },
    .init("softmax", [.draws([3, 5])]) { $0[0].softmax() },
    .init("logSoftmax", [.draws([3, 5])]) { $0[0].logSoftmax() },
    .init("normalizedRows", [.draws([3, 6])]) { $0[0].normalizedRows(epsilon: 1e-5) },
  ]

  static let shapes: [GradientCase] = [
    .init("reshaped", [.draws([3, 4])]) { $0[0].reshaped([2, -1]).squared() },
    .init("transposed", [.draws([3, 4])]) { $0[0].transposed() },
    .init("permuted", [.draws([2, 3, 4])]) { $0[0].permuted([2, 0, 1]) },
    .init("concatenated", [.draws([2, 3]), .draws([2, 1], seed: 2), .draws([2, 2], seed: 3)]) {
      Tensor.concatenated($0)
    },
    .init("concatenatedRows", [.draws([2, 3]), .draws([1, 3], seed: 2)]) { Tensor.concatenatedRows($0) },
    .init("slicedLast", [.draws([3, 5])]) { $0[0].slicedLast(1..<4) },
    .init("slicedFirst", [.draws([5, 3])]) { $0[0].slicedFirst(1..<3) },
    .init("gatheredRows, some twice, some never", [.draws([4, 3])]) { $0[0].gatheredRows([2, 0, 2, 2, 1]) },
    .init("broadcast", [.draws([3, 1])]) { $0[0].broadcast(to: [2, 3, 4]) },
    .init("broadcast of a row", [.draws([4])]) { $0[0].broadcast(to: [2, 3, 4]) },
    .init("broadcast of a scalar", [.draws([])]) { $0[0].broadcast(to: [2, 3]) },
  ]

  @Test func aGradientCanBeAskedAtAnyTrackedTensor() {
    let x = Tensor([1, 2, 3]).tracked(), w = Tensor([2, 0, -1]).tracked()
    let product = x * w, sum = product + x, value = sum.squared().sum()
    let found = gradients(of: value, at: [sum, x, product, value, w, sum])
    // sum = [3, 2, 0]
    #expect(found[0].scalars == [6, 4, 0] && found[5].scalars == [6, 4, 0])
    #expect(found[1].scalars == [6 * 3, 4 * 1, 0] && found[2].scalars == [6, 4, 0])
    #expect(found[3].scalars == [1] && found[4].scalars == [6, 8, 0])
    let other = Tensor([5]).tracked()
    #expect(gradientsIfAny(of: (x * 2).sum(), at: [other, x]).map { $0?.scalars } == [nil, [2, 2, 2]])
  }

  @Test(arguments: elementwise + products + reductions + shapes)
  func pullbackAgreesWithDifferences(_ one: GradientCase) {
    #expect(gradientMismatch(at: one.inputs, one.operation) == nil)
  }

  @Test func checkerSeesAWrongPullback() {
    let wrong: ([Tensor]) -> Tensor = { inputs in
      Tensor.recording(inputs[0].squared().detached, from: inputs, "square") { dy in [dy * inputs[0].detached]
      }
    }
    #expect(gradientMismatch(at: [.draws([4])], wrong) != nil)
  }

  @Test func gradientsFlowOnceThroughASharedTensor() {
    let x = Tensor([1, 2, 3]).tracked(), y = x * 2
    let gradient = gradients(of: (y * y + y).sum(), at: [x])[0]
    #expect(gradient.scalars == [10, 18, 26])
  }

  /// An undefined gradient is not a gradient of zeros.
  @Test func leavesOutOfReachHaveNoGradient() {
    let x = Tensor([1, 2]).tracked(), other = Tensor([3, 4]).tracked()
    #expect(gradientsIfAny(of: x.sum(), at: [other, x]).map { $0?.scalars } == [nil, [1, 1]])
    #expect(gradientsIfAny(of: Tensor(1), at: [other])[0] == nil)
  }

  @Test func detachedTensorsAndUntrackedInputsCarryNothing() {
    let x = Tensor([1, 2]).tracked()
    #expect((x * 2).isTracked)
    #expect(!(x * 2).detached.isTracked)
    #expect(!(Tensor([1]) * Tensor([2])).isTracked)
    #expect(gradients(of: (x.detached * x).sum(), at: [x])[0].scalars == [1, 2])
  }
}
