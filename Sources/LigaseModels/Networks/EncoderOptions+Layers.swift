import LigaseDatasets
import LigaseNetworks

/// The layers of each kind of encoder, as a list that a user could write.
extension EncoderOptions {
  /// Returns the layers between the vectors of tokens, or the features, and the representation; none where
  /// all features are read at once.
  ///
  /// - Parameter isOfSteps: whether every step has outputs, so that there is no pooling.
  func layerList(_ shape: InputShape, isOfSteps: Bool) -> [ListedLayer] {
    if kind == .layers { return layers }
    if kind.isDense { return [] }
    var list: [ListedLayer] = []
    if shape.isRow { list.append(ListedLayer("cut", name: "cut", CutOptions(stepSize))) }
    switch kind {
    case .cnn: list += motifs
    case .cnnLSTM:
      list += convolution("convolution", kernelSize)
      if poolSize > 1, !isOfSteps {
        var pool = WindowPoolingOptions(layer: "maxPool")
        (pool.kernelSize, pool.padding) = (poolSize, poolSize / 2)
        list.append(ListedLayer("maxPool", name: "pool", pool))
      }
      list.append(drop("dropout"))
    case .dilatedCNN: list += dilated
    default: break
    }
    if let cell = kind.cell {
      let options = RecurrentOptions(
        cell, hiddenSize: hiddenSize, layers: recurrentLayers, isBidirectional: isBidirectional,
        dropout: recurrentLayers > 1 ? dropout : 0)
      list.append(ListedLayer(options.name, name: "recurrent", options))
    }
    if !isOfSteps { list.append(ListedLayer("pooling", name: "pooling", LengthPoolingOptions(pooling))) }
    return list
  }

  private func drop(_ name: String) -> ListedLayer {
    ListedLayer("dropout", name: name, DropoutOptions(dropout))
  }

  /// Returns a convolution that keeps the length, and a ReLU.
  private func convolution(_ name: String, _ size: Int, dilation: Int = 1) -> [ListedLayer] {
    var options = ConvolutionOptions()
    (options.filters, options.kernelSize, options.dilation) = (filters, size, dilation)
    return [ListedLayer("convolution", name: name, options), relu("\(name)_relu")]
  }

  private func relu(_ name: String) -> ListedLayer {
    ListedLayer("relu", name: name, ActivationOptions(layer: "relu"))
  }

  /// The convolutions of a motif scanner.
  private var motifs: [ListedLayer] {
    moreKernelSizes.enumerated().reduce(convolution("convolution", kernelSize) + [drop("dropout")]) {
      list, next in
      list + convolution("convolutions.\(next.offset)", next.element) + [drop("dropouts.\(next.offset)")]
    }
  }

  /// A convolution followed by residual blocks of growing dilation, `x +
  /// conv(relu(norm(conv(relu(norm(x))))))`.
  ///
  /// Source: He et al., "Identity mappings in deep residual networks" (2016); Jaganathan et al. (2019).
  private var dilated: [ListedLayer] {
    var list = convolution("convolution", kernelSize)
    if blocks == 0 { list.append(drop("dropout")) }
    for block in 0..<blocks {
      let inside = (0..<2).flatMap { i -> [ListedLayer] in
        [
          ListedLayer("layerNorm", name: "norms.\(i)", NormalizationOptions(layer: "layerNorm")),
          relu("relus.\(i)"), drop("dropouts.\(i)"),
          convolution("convolutions.\(i)", min(kernelSize, 5), dilation: 1 << block)[0],
        ]
      }
      list.append(ListedLayer("residual", name: "blocks.\(block)", ResidualOptions(inside)))
    }
    return list
  }

  /// Returns the reason why the layers do not fit an input, if any.
  ///
  /// - Parameter shape: the input; its number of channels may be unknown.
  package func layerProblem(_ shape: LayerShape, isOfSteps: Bool) -> String? {
    guard kind == .layers else { return nil }
    do {
      let output = try layers.output(of: shape)
      if isOfSteps, output.rank == 0 || !output.keepsPlaces {
        return
          "found layers that change the steps, expected as many steps as residues, since each has a class"
      }
      if !isOfSteps, output.rank > 0 {
        return
          "found layers that end in \(output.rank == 1 ? "steps" : "\(output.rank) axes of space"), expected one row "
          + "an example: add {\"layer\": \"pooling\"}"
      }
      return nil
    } catch { return error.description }
  }
}
