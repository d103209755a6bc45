import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// Every loss, weighted and masked, against PyTorch.
@Suite struct LossReferenceTests {
  @Test(arguments: ReferenceCase.all("losses.json")) func agreesWithPyTorch(_ one: ReferenceCase) {
    let x = one.input!.tensor.tracked()
    let weighting = LossWeights(one.weights?.tensor, mask: one.mask)
    let loss =
      switch one.kind {
      case "squared_error": squaredError(x, one.target!.tensor, weighting: weighting)
      case "huber": huberLoss(x, one.target!.tensor, delta: one.delta!, weighting: weighting)
      case "binary":
        binaryCrossEntropy(
          logits: x, one.target!.tensor, positiveWeights: one.positiveWeights.map { Tensor($0) },
          weighting: weighting)
      default:
        softmaxCrossEntropy(
          logits: x, labels: one.labels!, classWeights: one.classWeights?.tensor, weighting: weighting)
      }
    #expect(mismatch([loss.scalar], [one.loss!]) == nil)
    one.expectClose(gradients(of: loss * 3, at: [x])[0] / 3, one.inputGradient!, "gradient")
  }

  /// The factor alpha of positives and 1 - alpha of negatives is a weight of positives and a factor of all.
  @Test(arguments: ReferenceCase.all("focal.json")) func focalLossAgreesWithPyTorch(_ one: ReferenceCase) {
    let x = one.input!.tensor.tracked()
    let loss: Tensor
    if one.kind == "binary" {
      let positives = one.alpha.map { Tensor([$0 / (1 - $0)]) }
      loss =
        binaryFocalLoss(logits: x, one.target!.tensor, gamma: one.gamma!, positiveWeights: positives)
        * (1 - (one.alpha ?? 0))
    } else {
      loss = softmaxFocalLoss(
        logits: x, labels: one.labels!, gamma: one.gamma!, classWeights: one.classWeights?.tensor)
    }
    #expect(mismatch([loss.scalar], [one.loss!]) == nil)
    one.expectClose(gradients(of: loss * 3, at: [x])[0] / 3, one.inputGradient!, "gradient")
  }
}
