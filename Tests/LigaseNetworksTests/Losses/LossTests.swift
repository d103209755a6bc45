import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct LossTests {
  @Test func whatIsMaskedMayHoldAnything() {
    let x = Tensor([1, .nan, 2, .infinity], shape: [2, 2]).tracked()
    let target = Tensor([0, 1, 4, .nan], shape: [2, 2])
    let loss = squaredError(x, target, weighting: LossWeights(mask: [true, false, true, false]))
    #expect(loss.scalar == 2.5)
    #expect(gradients(of: loss, at: [x])[0].scalars == [1, 0, -2, 0])
    let logits = Tensor([0, 0, .nan, .nan], shape: [2, 2]).tracked()
    let entropy = softmaxCrossEntropy(
      logits: logits, labels: [1, -9], weighting: LossWeights(mask: [true, false]))
    #expect(abs(entropy.scalar - 0.6931472) < 1e-6)
    #expect(mismatch(gradients(of: entropy, at: [logits])[0].scalars, [0.5, -0.5, 0, 0]) == nil)
    let focal = softmaxFocalLoss(
      logits: logits, labels: [1, -9], gamma: 0, weighting: LossWeights(mask: [true, false]))
    #expect(mismatch(gradients(of: focal, at: [logits])[0].scalars, [0.5, -0.5, 0, 0]) == nil)
  }

  @Test func nothingThatCountsIsALossOfZero() {
    let x = Tensor([1, 2]).tracked()
    let loss = huberLoss(x, Tensor([0, 0]), weighting: LossWeights(mask: [false, false]))
    #expect(loss.scalar == 0 && gradients(of: loss, at: [x])[0].scalars == [0, 0])
    #expect(squaredError(Tensor([]), Tensor([])).scalar == 0)
  }

  /// Values computed in double precision from the formula; without focus the loss is the cross-entropy.
  @Test func focalLoss() {
    let logits = Tensor([1, -0.5, 0.25, 1, -0.5, 0.25], shape: [2, 3])
    let each = [0, 2].map {
      softmaxFocalLoss(logits: logits.slicedFirst(0..<1), labels: [Int32($0)], gamma: 2).scalar
    }
    #expect(mismatch(each, [0.08884034, 0.66508026]) == nil)
    let both = softmaxFocalLoss(logits: logits, labels: [0, 2], gamma: 2).scalar
    #expect(abs(both - (each[0] + each[1]) / 2) < 1e-6)
    let x = Tensor([0.7, 0.7])
    #expect(
      abs(binaryFocalLoss(logits: x, Tensor([1, 0]), gamma: 2).scalar - (0.04439052 + 0.49254488) / 2) < 1e-6)
    #expect(
      abs(
        softmaxFocalLoss(logits: logits, labels: [1, 2], gamma: 0).scalar
          - softmaxCrossEntropy(logits: logits, labels: [1, 2]).scalar) < 1e-6)
    #expect(
      abs(
        binaryFocalLoss(logits: x, Tensor([1, 0]), gamma: 0).scalar
          - binaryCrossEntropy(logits: x, Tensor([1, 0])).scalar) < 1e-6)
  }

  @Test func lossesAgreeWithDifferences() {
    let target = Tensor([0.2, 0.9, 0, 1, 0.5, 1], shape: [2, 3])
    let yes = Tensor([0, 1, 0, 1, 1, 0], shape: [2, 3])
    let weighting = LossWeights(Tensor([2, 0.5]))
    let checks: [(Tensor) -> Tensor] = [
      { squaredError($0, target) }, { squaredError($0, target, weighting: weighting) },
      { huberLoss($0, target, delta: 0.7, weighting: weighting) },
      { binaryCrossEntropy(logits: $0, target, positiveWeights: Tensor([1, 2, 3]), weighting: weighting) },
      {
        softmaxCrossEntropy(
          logits: $0, labels: [2, 0], classWeights: Tensor([1, 2, 3]), weighting: weighting)
      },
      {
        softmaxFocalLoss(
          logits: $0, labels: [2, 0], gamma: 2, classWeights: Tensor([1, 2, 3]), weighting: weighting)
      },
      {
        binaryFocalLoss(
          logits: $0, yes, gamma: 1.5, positiveWeights: Tensor([1, 2, 3]), weighting: weighting)
      },
    ]
    for check in checks {
      #expect(gradientMismatch(at: [.draws([2, 3], deviation: 2)]) { check($0[0]) } == nil)
    }
  }
}
