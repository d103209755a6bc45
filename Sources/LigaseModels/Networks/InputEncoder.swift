import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// What an encoder made of a batch: its representation, and the inputs as a linear path reads them.
package struct EncodedBatch {
  /// One row a record, or one a step where every step has outputs.
  package var representation: Tensor
  /// The inputs after dropout, where they are rows, for a linear path.
  var rows: Tensor?
  /// The inputs after dropout, where they are steps.
  var steps: Sequences?
}

/// Convolutions, recurrent layers and pooling over the steps of one input, as its options say.
package struct InputEncoder: Module {
  /// A vector for each token.
  var embedding: Embedding?
  /// The first convolution.
  var convolution: Conv1d?
  /// Further convolutions.
  var convolutions: [Conv1d] = []
  /// Residual blocks.
  var blocks: [ResidualBlock] = []
  /// Recurrent layers.
  var recurrent: Recurrent?
  /// The step from steps to one row.
  var pooling: LengthPooling?
  /// The means and the inverse deviations of the counts of tokens, `[2, tokens + 1]`.
  var countScale: Tensor?
  private var pool: MaxPool1d?
  private let options: EncoderOptions
  private let shape: InputShape
  private let isOfSteps: Bool
  /// Channels of the representation.
  let outputSize: Int

  /// - Parameter isOfSteps: whether every step has outputs, so that nothing is pooled.
  package init(_ options: EncoderOptions, _ shape: InputShape, isOfSteps: Bool, from weights: WeightBuilder) {
    let a = options
    (self.options, self.shape, self.isOfSteps) = (a, shape, isOfSteps)
    var channels =
      shape.isRow ? (a.kind.isDense ? shape.channels : min(a.stepSize, shape.channels)) : shape.channels
    if shape.tokens > 0 {
      embedding = Embedding(shape.tokens, a.embeddingSize, from: weights.nested("embedding"))
      channels = a.embeddingSize
    }
    guard !a.kind.isDense else {
      outputSize = isOfSteps ? channels : shape.isRow ? shape.channels : (shape.length ?? 0) * channels
      return
    }
    if a.kind.convolves {
      convolution = Conv1d(
        channels, a.filters, kernelSize: a.kernelSize, padding: .same, from: weights.nested("convolution"))
      channels = a.filters
      if a.kind == .cnn {
        convolutions = a.moreKernelSizes.enumerated().map { i, size in
          Conv1d(
            channels, a.filters, kernelSize: size, padding: .same, from: weights.nested("convolutions.\(i)"))
        }
      }
      if a.kind == .cnnLSTM, a.poolSize > 1, !isOfSteps {
        pool = MaxPool1d(kernelSize: a.poolSize, padding: .steps(a.poolSize / 2))
      }
      if a.kind == .dilatedCNN {
        blocks = (0..<a.blocks).map {
          ResidualBlock(
            channels: channels, kernelSize: min(a.kernelSize, 5), dilation: 1 << $0, dropout: a.dropout,
            from: weights.nested("blocks.\($0)"))
        }
      }
    }
    if let cell = a.kind.cell {
      recurrent = Recurrent(
        cell, inputSize: channels, hiddenSize: a.hiddenSize, layerCount: a.layers,
        isBidirectional: a.isBidirectional, dropout: a.layers > 1 ? a.dropout : 0,
        from: weights.nested("recurrent"))
      channels = recurrent!.outputSize
    }
    if !isOfSteps {
      pooling = LengthPooling(
        a.pooling, size: channels, isBidirectional: a.kind.cell != nil && a.isBidirectional,
        attentionSize: min(channels, 64), from: weights.nested("pooling"))
    }
    if a.readsCounts, shape.tokens > 0, !isOfSteps {
      countScale = weights.constant("count_scale", [2, shape.tokens + 1], 0)
      channels += shape.tokens + 1
    }
    outputSize = channels
  }

  /// Encodes a batch.
  package func callAsFunction(_ input: InputBatch, _ context: Context) -> EncodedBatch {
    let drop = Dropout(options.dropout), dropInput = Dropout(options.inputDropout)
    var steps: Sequences
    let flat: Tensor
    switch input {
    case .rows(let values):
      flat = dropInput(values, context)
      if options.kind.isDense { return EncodedBatch(representation: flat, rows: flat) }
      steps = cut(flat)
    case .steps(let sequences):
      steps = sequences.mapValues { dropInput($0, context) }
      flat = steps.values
    case .tokens(let tokens):
      guard let embedding else { preconditionFailure("InputEncoder: tokens without vectors") }
      steps = embedding(tokens).mapValues { dropInput($0, context) }
      flat = steps.values
      if !context.isTraining { steps = steps.sharingEqualSteps() }
    }
    var inputs = EncodedBatch(representation: flat, steps: steps)
    if case .rows = input { inputs = EncodedBatch(representation: flat, rows: flat) }
    if options.kind.isDense {
      // Steps of different lengths are read by a linear path alone.
      if !isOfSteps, shape.length != nil { inputs.representation = flat.asRows(input.count) }
      return inputs
    }
    if let convolution { steps = convolution(steps).mapValues { $0.relu() } }
    if let pool { steps = pool(steps) }
    if convolution != nil, blocks.isEmpty { steps = steps.mapValues { drop($0, context) } }
    for further in convolutions { steps = further(steps).mapValues { drop($0.relu(), context) } }
    for block in blocks { steps = block(steps, context) }
    if let recurrent { steps = recurrent(steps, context) }
    var x = pooling.map { $0(steps, context) } ?? steps.values
    if let countScale, case .tokens(let tokens) = input {
      var scaled = (counts(tokens) - countScale.slicedFirst(0..<1)) * countScale.slicedFirst(1..<2)
      scaled.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = min(max($0[i], -3), 3) } }
      x = .concatenated([x, scaled])
    }
    inputs.representation = drop(x, context)
    return inputs
  }

  /// Rows of features as steps of `stepSize`, zeros after the last.
  private func cut(_ rows: Tensor) -> Sequences {
    let (n, width) = (rows.shape[0], rows.shape[1])
    let size = min(options.stepSize, width), length = (width + size - 1) / size
    let spare = length * size - width
    let full = spare == 0 ? rows : .concatenated([rows, .zeros([n, spare])])
    return Sequences(
      values: full.reshaped([n * length, size]),
      layout: SequenceLayout(lengths: [Int](repeating: length, count: n)))
  }

  /// `ln(1 + count)` of every token and of all of them, `[N, tokens + 1]`.
  private func counts(_ tokens: Ragged<Int32>) -> Tensor {
    let width = shape.tokens + 1, layout = tokens.layout
    var counts = Tensor.zeros([layout.count, width])
    counts.withUnsafeMutableBufferPointer { out in
      for s in 0..<layout.count {
        for i in layout.offsets[s]..<layout.offsets[s + 1] { out[s * width + Int(tokens.elements[i])] += 1 }
        out[(s + 1) * width - 1] = Float(layout.lengths[s])
      }
    }
    return (counts + 1).log()
  }

  /// Scales the counts to mean 0 and deviation 1 over training records; a token that never varies counts nothing.
  package mutating func fitCounts(_ input: InputBatch) {
    guard countScale != nil, case .tokens(let tokens) = input else { return }
    let counts = counts(tokens)
    let means = counts.mean(alongAxis: 0), squares = (counts - means).squared().mean(alongAxis: 0)
    let inverses = squares.scalars.map { $0 > 1e-8 ? 1 / $0.squareRoot() : 0 }
    countScale = Tensor(means.scalars + inverses, shape: [2, means.count])
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("convolution", &convolution)
    visit("convolutions", &convolutions)
    visit("blocks", &blocks)
    visit("recurrent", &recurrent)
    visit("pooling", &pooling)
    if countScale != nil { visit.buffer("count_scale", &countScale!) }
  }
}

extension Tensor {
  /// The same numbers as one row for each of `count` records.
  func asRows(_ count: Int) -> Tensor { reshaped([count, self.count / max(count, 1)]) }
}
