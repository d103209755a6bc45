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

  /// Overlaps of each example and class, of whole examples: MONAI's mean.
  @Test(arguments: ReferenceCase.all("dice.json")) func diceLossAgreesWithMONAI(_ one: ReferenceCase) {
    let x = one.input!.tensor.tracked()
    var options = LossSum.DiceOptions()
    (options.includesBackground, options.smoothing, options.crossEntropy) = (
      one.bias!, one.delta!, one.alpha!
    )
    let grids = Grids(channelsFirst: x)
    let loss = LossSum.softmaxDice(
      logits: grids.values, labels: one.labels!, layout: grids.layout, options)
    #expect(loss.weight == 2 && mismatch([loss.mean.scalar], [one.loss!]) == nil)
    one.expectClose(gradients(of: loss.mean * 3, at: [x])[0] / 3, one.inputGradient!, "gradient")
  }

  /// Places without a label have no part in loss and gradient, and an example without any has no weight.
  @Test func diceLossIgnoresUnknownPlaces() {
    let logits = Tensor([1, 0, 0, 2, 5, -7, 3, 1, 0, 0], shape: [5, 2]).tracked()
    let layout = GridLayout(lengths: [3, 2])
    var options = LossSum.DiceOptions()
    options.crossEntropy = 1
    let masked = LossSum.softmaxDice(
      logits: logits, labels: [0, 1, -1, -1, -1], layout: layout, options)
    let known = Tensor([1, 0, 0, 2], shape: [2, 2]).tracked()
    let alone = LossSum.softmaxDice(
      logits: known, labels: [0, 1], layout: GridLayout(lengths: [2]), options)
    #expect(masked.weight == 1 && masked.mean.scalar == alone.mean.scalar)
    let gradient = gradients(of: masked.mean, at: [logits])[0].scalars
    #expect(Array(gradient[..<4]) == gradients(of: alone.mean, at: [known])[0].scalars)
    #expect(gradient[4...].allSatisfy { $0 == 0 })
  }
}
