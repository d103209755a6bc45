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
}
