import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The output of an encoder for a batch: the representation, and the input as a linear path reads it.
package struct EncodedBatch {
  /// One row for each record, or for each step where every step has outputs.
  package var representation: Tensor
  /// The batch after dropout, with tokens replaced by their embeddings.
  var input: InputBatch
}

/// The encoder of one input, according to its options.
package struct InputEncoder: Module {
  /// The embeddings of the tokens.
  var embedding: Embedding?
  /// Convolutions, recurrent layers and pooling; none where all features are read at once.
  var layers: Sequential
  /// The means and the inverse standard deviations of the counts of tokens, `[2, tokens + 1]`.
  var countScale: Tensor?
  private let options: EncoderOptions
  private let shape: InputShape
  private let isOfSteps: Bool
  /// The number of time steps of a window; 0 reads sequences at once.
  private let window: Int
  /// The number of channels of the representation.
  let outputSize: Int

  /// - Parameter isOfSteps: whether every step has outputs, so that there is no pooling.
  package init(
    _ options: EncoderOptions, _ shape: InputShape, isOfSteps: Bool, window: Int = 0,
    from weights: WeightBuilder
  ) {
    (self.options, self.shape, self.isOfSteps, self.window) = (options, shape, isOfSteps, window)
    var channels = shape.channels
    if shape.tokens > 0 {
      embedding = Embedding(shape.tokens, options.embeddingSize, from: weights.nested("embedding"))
      channels = options.embeddingSize
    }
    let list = options.layerList(shape, isOfSteps: isOfSteps)
    let read = LayerShape(shape, channels: channels)
    do {
      layers = try list.build(read, prefix: "layers.", from: weights)
      channels = try list.output(of: read).channels!
    } catch { preconditionFailure("InputEncoder: \(error)") }
    if options.kind.isDense {
      outputSize = isOfSteps || shape.isRow ? channels : (shape.length ?? 0) * channels
      return
    }
    if options.readsCounts, shape.tokens > 0, !isOfSteps {
      countScale = weights.constant("count_scale", [2, shape.tokens + 1], 0)
      channels += shape.tokens + 1
    }
    outputSize = channels
  }

  /// Encodes a batch.
  package func callAsFunction(_ input: InputBatch, _ context: Context) -> EncodedBatch {
    if window > 0, !isOfSteps, !shape.isRow {
      let x = inWindows(input, of: window, context)
      return EncodedBatch(representation: Dropout(options.dropout)(x, context), input: input)
    }
    let read = read(input, context)
    if options.kind.isDense { return EncodedBatch(representation: allAtOnce(read), input: read) }
    var x: Tensor
    switch read {
    case .rows(let rows) where context.sharesEqualSteps:
      x = layers(SharedSteps(alone: Grids(rows: rows)), context).grids.values
    case .rows(let rows): x = layers(Grids(rows: rows), context).values
    case .steps(let steps): x = layers(steps, context).values
    case .shared(let steps): x = layers(steps, context).grids.values
    case .tokens, .tokenShares: preconditionFailure("InputEncoder: tokens without vectors")
    }
    if let countScale, case .tokenShares(let shares) = input {
      let scaled = (counts(shares) - countScale.slicedFirst(0..<1)) * countScale.slicedFirst(1..<2)
      // Clipped to -3 and 3, as below, by operations that have gradients.
      x = .concatenated([x, (scaled + 3).relu() - (scaled - 3).relu() - 3])
    } else if let countScale, case .tokens(let tokens) = input {
      var scaled = (counts(tokens) - countScale.slicedFirst(0..<1)) * countScale.slicedFirst(1..<2)
      scaled.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = min(max($0[i], -3), 3) } }
      x = .concatenated([x, scaled])
    }
    return EncodedBatch(representation: Dropout(options.dropout)(x, context), input: read)
  }

  /// Returns the batch after dropout, with tokens replaced by their embeddings.
  func read(_ input: InputBatch, _ context: Context) -> InputBatch {
    let drop = Dropout(options.inputDropout)
    switch input {
    case .rows(let values): return .rows(drop(values, context))
    case .steps(let steps): return .steps(drop(steps, context))
    case .shared(let steps):
      return context.sharesEqualSteps ? input : .steps(drop(steps.grids, context))
    case .tokenShares(let shares):
      guard let embedding else { preconditionFailure("InputEncoder: tokens without vectors") }
      return .steps(
        drop(Grids(values: shares.values.matmul(embedding.weight), layout: shares.layout), context))
    case .tokens(let tokens):
      guard let embedding else { preconditionFailure("InputEncoder: tokens without vectors") }
      let steps = drop(embedding(tokens), context)
      return context.sharesEqualSteps ? .shared(SharedSteps(steps)) : .steps(steps)
    }
  }

  /// Returns the concatenated features of each record, or of each step. Steps of different lengths are read
  /// by a linear path alone.
  private func allAtOnce(_ input: InputBatch) -> Tensor {
    guard let values = input.steps?.values else { return input.rows! }
    return isOfSteps || shape.length == nil ? values : values.asRows(input.count)
  }

  /// Returns `ln(1 + count)` of every token and of all tokens, `[N, tokens + 1]`.
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

  /// Returns the same of shares of tokens.
  private func counts(_ shares: Grids) -> Tensor {
    let lengths = Tensor(shares.layout.lengths.map { Float($0) }, shape: [shares.count, 1])
    let sums = shares.meanOverLength() * lengths
    return (.concatenated([sums, sums.sum(alongAxis: 1).reshaped([shares.count, 1])]) + 1).log()
  }

  /// Fits the scaling of counts to mean 0 and standard deviation 1 over training records; constant counts are
  /// scaled to zero.
  package mutating func fitCounts(_ input: InputBatch) {
    guard countScale != nil, case .tokens(let tokens) = input else { return }
    let counts = counts(tokens)
    let means = counts.mean(alongAxis: 0), squares = (counts - means).squared().mean(alongAxis: 0)
    let inverses = squares.scalars.map { $0 > 1e-8 ? 1 / $0.squareRoot() : 0 }
    countScale = Tensor(means.scalars + inverses, shape: [2, means.count])
  }

  /// The names of the layers, in order.
  var layerNames: [String] { layers.names }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    layers.visitParameters(visit)
    if countScale != nil { visit.buffer("count_scale", &countScale!) }
  }
}

extension Tensor {
  /// Returns the same numbers as one row for each of `count` records.
  func asRows(_ count: Int) -> Tensor { reshaped([count, self.count / max(count, 1)]) }
}

extension Layer {
  /// Returns the outputs for the steps of a batch.
  func callAsFunction(steps input: InputBatch, _ context: Context) -> Grids? {
    switch input {
    case .steps(let steps): self(steps, context)
    case .shared(let steps): self(steps, context).grids
    case .rows, .tokens, .tokenShares: nil
    }
  }
}
