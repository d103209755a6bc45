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
  @Test(
    arguments: ReferenceCase.all("layers.json") + ReferenceCase.all("grids.json")
      + ReferenceCase.all("grid_layers.json") + ReferenceCase.all("volume_layers.json"))
  func agreesWithPyTorch(
    _ one: ReferenceCase
  ) throws {
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
      try check(one, BatchNorm(one.sizes![0], from: weights), one.apply)
    case "convolution":
      let axes = one.kernels!.indices.map {
        SlidingWindow.Axis(
          size: one.kernels![$0], stride: one.strides![$0], dilation: one.dilations![$0],
          padding: .steps(one.paddings![$0]))
      }
      let layer = Convolution(
        one.sizes![0], one.sizes![1], window: SlidingWindow(axes: axes), groups: one.groups ?? 1,
        bias: one.bias!, from: weights)
      try check(one, layer, one.apply)
    case "conv1d":
      let layer = Convolution(
        one.sizes![0], one.sizes![1], kernelSize: one.kernel!, stride: one.stride!, dilation: one.dilation!,
        padding: one.same! ? .same : .steps(one.padding!), bias: one.bias!, from: weights)
      try check(one, layer) { one.apply($0, $1, $2) }
    case "max_pool":
      let layer = MaxPool(
        kernelSize: one.kernel!, stride: one.stride!, dilation: one.dilation!, padding: .steps(one.padding!),
        rank: one.rank ?? 1)
      try check(one, layer) { one.apply($0, $1, $2) }
    case "avg_pool":
      let layer = AveragePool(
        kernelSize: one.kernel!, stride: one.stride!, padding: .steps(one.padding!),
        countsPadding: one.countsPadding!, rank: one.rank ?? 1)
      try check(one, layer) { one.apply($0, $1, $2) }
    case "last", "mean", "max", "attention":
      let layer = LengthPooling(
        LengthPooling.Kind(rawValue: one.kind)!, size: one.sizes![0], isBidirectional: one.bidirectional!,
        attentionSize: one.sizes![1], from: weights)
      try check(one, layer) { layer, x, context in
        layer(Grids(values: x, layout: GridLayout(lengths: one.lengths!)), context).values
      }
    case "adaptive_average": try check(one, AdaptivePool(.average, to: one.places!), one.apply)
    case "adaptive_max": try check(one, AdaptivePool(.max, to: one.places!), one.apply)
    case "instance_norm":
      try check(one, InstanceNorm(one.sizes![0], isAffine: one.affine!, from: weights), one.apply)
    case "group_norm":
      try check(one, GroupNorm(one.sizes![0], groups: one.groups!, from: weights), one.apply)
    case "prelu": try check(one, PReLU(one.sizes![0], from: weights), one.apply)
    case "residual":
      func convolution(_ kernelSize: Int, padding: Int, bias: Bool, _ name: String) -> Sequential {
        Sequential([
          Convolution(
            2, 3, kernelSize: kernelSize, stride: 2, padding: .steps(padding), rank: one.rank!, bias: bias,
            from: weights.nested(name))
        ])
      }
      let block = Residual(
        convolution(3, padding: 1, bias: true, "0"),
        shortcut: convolution(1, padding: 0, bias: false, "downsample.0"))
      try check(one, block, one.apply)
    case "concatenating":
      let first = Convolution(
        2, 3, kernelSize: 3, padding: .steps(1), rank: one.rank!, from: weights.nested("1.0"))
      let second = Convolution(2, 1, kernelSize: 1, rank: one.rank!, from: weights.nested("2.0"))
      let joined = Concatenating([
        Sequential([]), Sequential([first, Activation.relu]), Sequential([second]),
      ])
      try check(one, joined, one.apply)
    case "transposed":
      let layer = TransposedConvolution(
        one.sizes![0], one.sizes![1], kernelSize: one.kernel!, stride: one.stride!, dilation: one.dilation!,
        padding: one.padding!, outputPadding: one.outputPadding!, rank: one.rank!, bias: one.bias!,
        from: weights)
      try check(one, layer, one.apply)
    case "nearest": try check(one, Upsampling(factor: one.stride!), one.apply)
    case "linear_up": try check(one, Upsampling(factor: one.stride!, mode: .linear), one.apply)
    case "deepmedic":
      var sizes = DeepMedic.Sizes()
      (sizes.maps, sizes.factors, sizes.residuals) = ([2, 3, 4], [1, 3], [3])
      (sizes.hidden, sizes.hiddenKernel, sizes.hiddenResiduals) = ([9, 10], one.kernel!, [2])
      sizes.dropout = [0, 0, 0]
      try check(one, DeepMedic(1, sizes, rank: one.rank!, from: weights), one.apply)
    case "mirrored": try check(one, MirrorPadding(one.padding!), one.apply)
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
  /// A layer on sequences where the case has lengths, on a batch with channels first otherwise.
  fileprivate func apply(_ layer: some Layer, _ x: Tensor, _ context: Context) -> Tensor {
    guard let lengths else { return layer(Grids(channelsFirst: x), context).channelsFirst() }
    return layer(Grids(values: x, layout: GridLayout(lengths: lengths)), context).values
  }
}
