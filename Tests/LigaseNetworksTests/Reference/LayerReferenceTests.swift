import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// A module without parameters.
private struct Nothing: Module {
  mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// Every layer that is not recurrent against PyTorch.
@Suite struct LayerReferenceTests {
  @Test(arguments: ReferenceCase.all("layers.json")) func agreesWithPyTorch(_ one: ReferenceCase) throws {
    let weights = WeightBuilder.drawing(seed: 1)
    switch one.kind {
    case "linear":
      try check(one, Linear(one.sizes![0], one.sizes![1], bias: one.bias!, from: weights)) { $0($1, $2) }
    case "embedding":
      try check(one, Embedding(one.sizes![0], one.sizes![1], from: weights)) { model, _, _ in
        model(one.indices!)
      }
    case "relu", "gelu", "tanh", "sigmoid":
      try check(one, Activation(rawValue: one.kind)!) { $0($1, $2) }
    case "layer_norm":
      try check(one, LayerNorm(one.sizes![0], from: weights)) { $0($1, $2) }
    case "batch_norm":
      try check(one, BatchNorm(one.sizes![0], from: weights)) { $0($1, $2) }
    case "conv1d":
      let layer = Conv1d(
        one.sizes![0], one.sizes![1], kernelSize: one.kernel!, stride: one.stride!, dilation: one.dilation!,
        padding: one.same! ? .same : .steps(one.padding!), bias: one.bias!, from: weights)
      try check(one, layer) { layer, x, context in one.apply(x, { layer($0) }, { layer($0, context) }) }
    case "max_pool":
      let layer = MaxPool1d(
        kernelSize: one.kernel!, stride: one.stride!, dilation: one.dilation!, padding: .steps(one.padding!))
      try check(one, layer) { layer, x, context in one.apply(x, { layer($0) }, { layer($0, context) }) }
    case "avg_pool":
      let layer = AvgPool1d(
        kernelSize: one.kernel!, stride: one.stride!, padding: .steps(one.padding!),
        countsPadding: one.countsPadding!)
      try check(one, layer) { layer, x, context in one.apply(x, { layer($0) }, { layer($0, context) }) }
    case "last", "mean", "max", "attention":
      let layer = LengthPooling(
        LengthPooling.Kind(rawValue: one.kind)!, size: one.sizes![0], isBidirectional: one.bidirectional!,
        attentionSize: one.sizes![1], from: weights)
      try check(one, layer) { layer, x, context in
        layer(Sequences(values: x, layout: SequenceLayout(lengths: one.lengths!)), context)
      }
    default: Issue.record("no layer is named \(one.kind)")
    }
  }

  private func check<M: Module>(
    _ one: ReferenceCase, _ model: M, _ output: (M, Tensor, Context) -> Tensor
  ) throws {
    try one.check(model) { model, x, context in
      let y = output(model, x, context)
      return (squaredError(y, one.target!.tensor), ["output": y])
    }
  }
}

extension ReferenceCase {
  /// A layer on sequences where the case has lengths, on `[N, C, L]` otherwise.
  fileprivate func apply(_ x: Tensor, _ ragged: (Sequences) -> Sequences, _ dense: (Tensor) -> Tensor)
    -> Tensor
  {
    guard let lengths else { return dense(x) }
    return ragged(Sequences(values: x, layout: SequenceLayout(lengths: lengths))).values
  }
}
