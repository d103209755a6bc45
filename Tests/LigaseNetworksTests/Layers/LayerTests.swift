import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct LayerTests {
  @Test func dropoutActsInTrainingOnly() {
    let x = Tensor.ones([50, 50]), layer = Dropout(0.5)
    #expect(layer(x, .inference) == x)
    let context = Context.training(SeededGenerator(seed: 1))
    let (a, b) = (layer(x, context), layer(x, context))
    #expect(a != b && a.scalars.allSatisfy { $0 == 0 || $0 == 2 })
    #expect(layer(x, .training(SeededGenerator(seed: 1))) == a)
  }

  @Test func batchStatisticsTravelThroughTheContext() {
    var layer = BatchNorm(2, from: .drawing(seed: 0))
    let x = Tensor([1, 10, 3, 20, 5, 30], shape: [3, 2])
    let context = Context.training(SeededGenerator(seed: 1))
    let y = layer(x, context)
    #expect(layer.runningMean.scalars == [0, 0])
    context.applyChanges(to: &layer)
    #expect(mismatch(layer.runningMean.scalars, [0.3, 2]) == nil)
    #expect(mismatch(layer.runningVariance.scalars, [0.9 + 0.4, 0.9 + 10]) == nil)
    #expect(layer.batchCount.scalar == 1)
    #expect(mismatch(y.mean(alongAxis: 0).scalars, [0, 0], floor: 1e-6) == nil)
    let again = layer(x, .inference)
    #expect(abs(again[0, 0] - (1 - 0.3) / (1.3 + 1e-5).squareRoot()) < 1e-6)
    #expect(
      Set(layer.namedTensors.map(\.name)) == [
        "weight", "bias", "running_mean", "running_var", "num_batches_tracked",
      ])
    #expect(layer.parameterCount == 4)
  }

  @Test func batchNormOverSequencesSeesAllTheirSteps() {
    let layout = GridLayout(lengths: [3, 0, 4]), layer = BatchNorm(3, from: .drawing(seed: 0))
    let values = Tensor.draws([7, 3])
    let context = Context.training(SeededGenerator(seed: 1))
    let ragged = layer(Grids(values: values, layout: layout), context)
    #expect(ragged.values == layer(values, context))
  }

  @Test func normalisationsAgreeWithDifferences() {
    let inputs = [Tensor.draws([5, 4]), .draws([4], seed: 2), .draws([4], seed: 3)]
    #expect(
      gradientMismatch(at: inputs) {
        $0[0].normalizedColumns(epsilon: 1e-5).normalized.scaledColumns(by: $0[1], plus: $0[2])
      } == nil)
    #expect(
      gradientMismatch(at: inputs) {
        $0[0].normalizedRows(epsilon: 1e-5).scaledColumns(by: $0[1], plus: $0[2])
      } == nil)
  }

  @Test(arguments: [(3, 1, 1, 1), (2, 2, 1, 0), (3, 1, 2, 2)])
  func raggedConvolutionAgreesWithDifferences(_ g: (size: Int, stride: Int, dilation: Int, padding: Int)) {
    let window = SlidingWindow(
      size: g.size, stride: g.stride, dilation: g.dilation, padding: .steps(g.padding))
    let layout = GridLayout(lengths: [4, 0, 1, 6])
    let inputs = [Tensor.draws([11, 2]), .draws([3, 2, g.size], seed: 2), .draws([3], seed: 3)]
    #expect(
      gradientMismatch(at: inputs) {
        Grids(values: $0[0], layout: layout).convolved(weight: $0[1], bias: $0[2], window: window).values
      } == nil)
    #expect(
      gradientMismatch(at: [.spaced([11, 2])]) {
        Grids(values: $0[0], layout: layout).maxPooled(window).values
      } == nil)
    #expect(
      gradientMismatch(at: [.draws([11, 2])]) {
        Grids(values: $0[0], layout: layout).averagePooled(window, countsPadding: false).values
      } == nil)
  }

  @Test func convolutionGivesTheSameBytesOnAnyNumberOfThreads() {
    var random = SeededGenerator(seed: 4)
    let layer = Convolution(4, 8, kernelSize: 5, padding: .same, from: .drawing(seed: 4))
    let layout = GridLayout(lengths: (0..<60).map { _ in random.next(below: 80) })
    let x = Tensor.draws([layout.rowCount, 4])
    let difference = threadDependence {
      let leaf = x.tracked()
      let (loss, gradient) = valueWithGradient(at: layer) {
        $0(Grids(values: leaf, layout: layout), .inference).values.squared().sum()
      }
      return [bits(loss)] + gradient.parameters.map(bits)
    }
    #expect(difference == nil)
  }

  @Test func poolingOverLengthGivesZerosForTheEmpty() {
    let layout = GridLayout(lengths: [2, 0, 1])
    let input = Grids(values: Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]), layout: layout)
    for kind in LengthPooling.Kind.allCases {
      let pooled = LengthPooling(kind, size: 2, isBidirectional: true, from: .drawing(seed: 4))(
        input, .inference
      ).values
      #expect(pooled.shape == [3, 2] && pooled.slicedFirst(1..<2).scalars == [0, 0], "\(kind)")
      #expect(mismatch(pooled.slicedFirst(2..<3).scalars, [5, 6]) == nil, "\(kind)")
    }
    let last = LengthPooling(.last, size: 2, isBidirectional: true, from: .drawing(seed: 4))(
      input, .inference
    ).values
    #expect(last.scalars == [3, 2, 0, 0, 5, 6])
  }
}
