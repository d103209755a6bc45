import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// What a network is built for: its input and the number of its outputs.
public struct NetworkShape: Hashable, Sendable {
  /// Channels of a step, or features of a row.
  public var inputs: Int
  /// Tokens, where steps are tokens; 0 otherwise.
  public var tokens: Int
  /// The length of all sequences, where it is the same; nil where it varies.
  public var length: Int?
  /// Whether the input is one row of features rather than steps.
  public var isRow: Bool
  /// K.
  public var outputs: Int
  /// Whether every step has an output.
  public var isPerStep: Bool
}

/// One network: convolutions, recurrent layers and pooling as its architecture says, then a dense head; and perhaps a
/// linear path from the inputs.
public struct NetworkMember: Module {
  /// A vector for each token.
  public var embedding: Embedding?
  /// The first convolution.
  public var convolution: Conv1d?
  /// Residual blocks.
  public var blocks: [ResidualBlock]
  /// Recurrent layers.
  public var recurrent: Recurrent?
  /// The step from steps to one row.
  public var pooling: LengthPooling?
  /// The head.
  public var head: MultilayerPerceptron?
  /// Straight from the inputs to the outputs; where sequences differ in length, from the counts of their words.
  public var linear: Linear?
  private var words: WordCounts?
  private var places: PositionalWords?
  private let pool: MaxPool1d?
  private let architecture: Architecture
  let shape: NetworkShape

  init(_ architecture: Architecture, _ shape: NetworkShape, from weights: WeightBuilder) {
    let a = architecture
    self.architecture = a
    self.shape = shape
    var channels =
      shape.isRow ? (a.kind.isDense ? shape.inputs : min(a.stepSize, shape.inputs)) : shape.inputs
    if shape.tokens > 0 {
      embedding = Embedding(shape.tokens, a.embeddingSize, deviation: 0.5, from: weights.nested("embedding"))
      channels = a.embeddingSize
    }
    let flat = shape.isRow ? shape.inputs : (shape.length ?? 0) * channels
    blocks = []
    var pool: MaxPool1d?
    if a.kind.convolves {
      convolution = Conv1d(
        channels, a.filters, kernelSize: a.kernelSize, padding: .same, from: weights.nested("convolution"))
      channels = a.filters
      if a.kind == .cnnLSTM, a.poolSize > 1, !shape.isPerStep {
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
    self.pool = pool
    if let cell = a.kind.cell {
      recurrent = Recurrent(
        cell, inputSize: channels, hiddenSize: a.hiddenSize, layerCount: a.layers,
        isBidirectional: a.isBidirectional,
        dropout: a.layers > 1 ? a.dropout : 0, from: weights.nested("recurrent"))
      channels = recurrent!.outputSize
    }
    if a.kind == .linear {
      let weights = weights.nested("linear")
      linear = shape.isPerStep ? Linear(channels, shape.outputs, from: weights) : straight(flat, weights)
      return
    }
    if !a.kind.isDense, !shape.isPerStep {
      pooling = LengthPooling(
        a.pooling, size: channels, isBidirectional: a.kind.cell != nil && a.isBidirectional,
        attentionSize: min(channels, 64), from: weights.nested("pooling"))
    } else if a.kind.isDense, !shape.isPerStep {
      channels = flat
    }
    head = MultilayerPerceptron(
      [channels] + a.headHidden + [shape.outputs], dropout: a.dropout, from: weights.nested("head"))
    if a.hasLinearPath, !shape.isPerStep { linear = straight(flat, weights.nested("linear")) }
  }

  /// A layer from the inputs to the outputs: from `flat` numbers, from the words at every place, or, where lengths
  /// differ, from the counts of words; nil for tokens of no one length.
  private mutating func straight(_ flat: Int, _ weights: WeightBuilder) -> Linear? {
    let isOneHot = !shape.isRow && shape.tokens == 0
    if isOneHot, let length = shape.length, architecture.linearWordLength > 1 {
      places = PositionalWords(letters: shape.inputs, longest: architecture.linearWordLength)
      return Linear(length * places!.count, shape.outputs, from: weights)
    }
    if shape.isRow || shape.length != nil { return Linear(flat, shape.outputs, from: weights) }
    guard isOneHot else { return nil }
    words = WordCounts(letters: shape.inputs)
    return Linear(words!.count, shape.outputs, from: weights)
  }

  /// Outputs before the softmax: `[N, K]`, or `[sum of L, K]` where every step has one.
  public func callAsFunction(_ input: InputBatch, _ context: Context) -> Tensor {
    let drop = Dropout(architecture.dropout), dropInput = Dropout(architecture.inputDropout)
    var steps: Sequences?
    let inputs: Tensor?
    switch input {
    case .rows(let values):
      inputs = dropInput(values, context)
      if !architecture.kind.isDense { steps = cut(inputs!) }
    case .steps(let sequences):
      steps = sequences.mapValues { dropInput($0, context) }
      inputs = nil
    case .tokens(let tokens):
      guard let embedding else { preconditionFailure("NetworkMember: tokens without vectors") }
      steps = embedding(tokens).mapValues { dropInput($0, context) }
      if !context.isTraining { steps = steps!.sharingEqualSteps() }
      inputs = nil
    }
    func flat() -> Tensor { inputs ?? steps!.values }
    func row() -> Tensor {
      let flat = flat()
      return shape.isPerStep ? flat : flat.reshaped([input.count, flat.count / max(input.count, 1)])
    }
    let straight = linear.map { linear in
      guard case .steps(let sequences) = input else { return linear(row(), context) }
      if let places { return linear(dropInput(places(sequences), context), context) }
      if let words { return linear(words(sequences), context) }
      if shape.isPerStep { return linear(steps!.values, context) }
      return steps!.linearOverAllSteps(weight: linear.weight, bias: linear.bias)
    }
    guard let head else { return straight! }
    var x = architecture.kind.isDense ? row() : nil
    if var steps, !architecture.kind.isDense {
      if let convolution { steps = convolution(steps).mapValues { $0.relu() } }
      if let pool { steps = pool(steps) }
      if convolution != nil, blocks.isEmpty { steps = steps.mapValues { drop($0, context) } }
      for block in blocks { steps = block(steps, context) }
      if let recurrent { steps = recurrent(steps, context) }
      x = drop(pooling.map { $0(steps, context) } ?? steps.values, context)
    }
    let outputs = head(x!, context)
    return straight.map { outputs + $0 } ?? outputs
  }

  /// Rows of features as steps of `stepSize`, zeros after the last.
  private func cut(_ rows: Tensor) -> Sequences {
    let (n, width) = (rows.shape[0], rows.shape[1])
    let size = min(architecture.stepSize, width), length = (width + size - 1) / size
    let spare = length * size - width
    let full = spare == 0 ? rows : .concatenated([rows, .zeros([n, spare])])
    return Sequences(
      values: full.reshaped([n * length, size]),
      layout: SequenceLayout(lengths: [Int](repeating: length, count: n)))
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("convolution", &convolution)
    visit("blocks", &blocks)
    visit("recurrent", &recurrent)
    visit("pooling", &pooling)
    visit("head", &head)
    visit("linear", &linear)
  }
}
