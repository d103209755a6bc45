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
    case .resnet: return list + residual(isOfSteps: isOfSteps)
    case .lesionCNN: return list + lesion
    case .deepMedic:
      return list + [ListedLayer("deepmedic", name: "deepmedic", DeepMedicOptions(DeepMedic.Sizes()))]
    case .deepMedicTiny:
      return list + [ListedLayer("deepmedic", name: "deepmedic", DeepMedicOptions(.tiny))]
    case .unet:
      var options = UNetOptions()
      (options.filters, options.levels) = (filters, blocks)
      list.append(ListedLayer("unet", name: "unet", options))
      if !isOfSteps {
        list.append(ListedLayer("pooling", name: "pooling", LengthPoolingOptions(pooling)))
      }
      return list
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

  /// A convolution of three places an axis, with the number of filters and the stride.
  private func convolution3(_ name: String, _ filters: Int, stride: Int = 1, bias: Bool = false)
    -> ListedLayer
  {
    var options = ConvolutionOptions()
    (options.filters, options.kernelSize, options.stride, options.bias) = (filters, 3, stride, bias)
    return ListedLayer("convolution", name: name, options)
  }

  private func norm(_ name: String) -> [ListedLayer] {
    [
      ListedLayer("batchNorm", name: "\(name)_norm", NormalizationOptions(layer: "batchNorm")),
      relu("\(name)_relu"),
    ]
  }

  /// A small residual network: three stages of `filters`, twice and four times as many maps, each of `blocks` blocks `x +
  /// conv(relu(norm(conv(relu(norm(x))))))` at half the extents of the stage before, and the mean over all places.
  ///
  /// Source: He et al., "Identity mappings in deep residual networks" (2016).
  private func residual(isOfSteps: Bool) -> [ListedLayer] {
    var list = [convolution3("stem", filters)]
    for stage in 0..<3 {
      let maps = filters << stage
      if stage > 0 {
        list +=
          norm("stages.\(stage).begin") + [
            convolution3("stages.\(stage).begin", maps, stride: isOfSteps ? 1 : 2)
          ]
      } else if poolSize > 1, !isOfSteps {
        var pool = WindowPoolingOptions(layer: "maxPool")
        pool.kernelSize = poolSize
        list.append(ListedLayer("maxPool", name: "pool", pool))
      }
      for block in 0..<blocks {
        let name = "stages.\(stage).blocks.\(block)"
        list.append(
          ListedLayer(
            "residual", name: name,
            ResidualOptions(
              norm("0") + [convolution3("0", maps)] + norm("1") + [convolution3("1", maps)])))
      }
    }
    list += norm("end")
    if !isOfSteps { list.append(ListedLayer("pooling", name: "pooling", LengthPoolingOptions(pooling))) }
    return list
  }

  /// The network of tutorials on lung nodules: two convolutions, of 16 and 32 filters, a maximum over 2 × 2 places, dropout of whole
  /// channels, and all that is left in one row.
  private var lesion: [ListedLayer] {
    var pool = WindowPoolingOptions(layer: "maxPool")
    pool.kernelSize = 2
    return [
      convolution3("conv1", 16, bias: true), relu("relu1"), convolution3("conv2", 32, bias: true),
      relu("relu2"),
      ListedLayer("maxPool", name: "pool", pool),
      ListedLayer("dropout2d", name: "drop", DropoutOptions(0.25, layer: "dropout2d")),
      ListedLayer("flatten", name: "flatten", FlattenOptions()),
    ]
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
  /// - Parameters:
  ///   - shape: the input; its number of channels may be unknown.
  ///   - input: the input as far as it is known; nil checks listed layers alone.
  package func layerProblem(_ shape: LayerShape, _ input: InputShape? = nil, isOfSteps: Bool) -> String? {
    guard kind == .layers || input != nil else { return nil }
    if [.deepMedic, .deepMedicTiny].contains(kind), !isOfSteps || input.map({ $0.axes < 2 }) ?? false {
      return "the architecture \(kind.rawValue) gives a class for each voxel, expected train segmentation"
    }
    do {
      let output = try (input.map { layerList($0, isOfSteps: isOfSteps) } ?? layers).output(of: shape)
      if kind != .layers {
        return isOfSteps && !kind.isDense && (output.rank == 0 || !output.keepsPlaces)
          ? "the architecture \(kind.rawValue) gives one row an example, expected a class for each step" : nil
      }
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
    } catch {
      return kind == .layers
        ? error.description : "the architecture \(kind.rawValue) does not fit the input: \(error)"
    }
  }
}
