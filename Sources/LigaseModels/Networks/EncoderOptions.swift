import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The options of the encoder of one input. Sizes that a kind does not use are ignored.
package struct EncoderOptions: Codable, Hashable, Sendable {
  /// The kind of an encoder.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997).
    case lstm
    /// Gated recurrent units (Cho et al., 2014).
    case gru
    /// Elman's recurrent network.
    case rnn
    /// A motif scanner: convolution, maximum of each filter, a dense head (Alipanahi et al., 2015).
    case cnn
    /// Convolution and pooling followed by a bidirectional LSTM (Quang and Xie, 2016).
    case cnnLSTM = "cnn-lstm"
    /// Residual convolutions of growing dilation (Jaganathan et al., 2019).
    case dilatedCNN = "dilated-cnn"
    /// A small residual network, three stages of growing width (He et al., 2016).
    case resnet
    /// Two convolutions, a maximum and dense layers, as tutorials on lung nodules have it.
    case lesionCNN = "lesion-cnn"
    /// Levels of convolutions at ever lower resolution and back up, for a class of each place (Ronneberger et al., 2015).
    case unet
    /// Pathways at three resolutions, for a class of each voxel (Kamnitsas et al., 2017).
    case deepMedic = "deepmedic"
    /// Two pathways of three small layers, as of the authors' example.
    case deepMedicTiny = "deepmedic-tiny"
    /// Dense layers over all features at once.
    case mlp
    /// One linear layer: softmax, logistic or linear regression. For sequences it reads the input of a linear
    /// path.
    case linear
    /// The layers that `layers` lists.
    case layers

    /// The recurrent cell, if any.
    var cell: RecurrentCell? {
      switch self {
      case .lstm, .cnnLSTM: .lstm
      case .gru: .gru
      case .rnn: .tanh
      default: nil
      }
    }

    /// Whether all features are read at once, so that every example must have the same number.
    package var isDense: Bool { self == .mlp || self == .linear }
  }

  /// The kind of encoder.
  package var kind: Kind
  /// Kinds of which inner folds of the training examples choose one (`ArchitectureChoice`); empty where the kind is given,
  /// and nil in tasks without such a choice.
  package var candidates: [Kind]?
  /// The size of token embeddings.
  package var embeddingSize = 16
  /// The number of features of a step where a recurrent or convolutional network reads a table of features.
  package var stepSize = 64
  /// The number of filters of the convolutions.
  package var filters = 64
  /// The kernel size of the first convolution.
  package var kernelSize = 11
  /// The kernel sizes of further convolutions of a `cnn`, one for each layer.
  package var moreKernelSizes: [Int] = []
  /// The number of steps that are pooled into one after the first convolution; 1 does not pool.
  package var poolSize = 4
  /// The number of residual blocks of a dilated network; block b has the dilation 2^b.
  package var blocks = 5
  /// The hidden size of the recurrent layers, H.
  package var hiddenSize = 64
  /// The number of recurrent layers.
  package var recurrentLayers = 1
  /// Whether recurrent layers are bidirectional.
  package var isBidirectional = true
  /// The pooling of the steps into one row.
  package var pooling = LengthPooling.Kind.attention
  /// The sizes of hidden layers between the encoder and its factors, where the fusion is a product or a gate.
  package var projection: [Int] = []
  /// The dropout rate of the inputs.
  package var inputDropout: Float = 0
  /// The dropout rate of the hidden layers.
  package var dropout: Float = 0.2
  /// Whether a linear layer connects the input to the outputs, or to the factors: from the residues of
  /// sequences of one length, else from the counts of their k-mers.
  package var hasLinearPath = false
  /// The length of the positional k-mers that a linear layer reads of one-hot sequences of one length, 1 to
  /// 3; lengths with more than 64 k-mers are skipped. With 0 it depends on the training examples: 3 where
  /// positional k-mers predict the classes better than k-mer counts (`AlignedSequences`), else 1.
  package var linearWordLength = 1
  /// Whether the counts of tokens are concatenated with the encoder's output.
  package var readsCounts = false
  /// Whether all networks of the ensemble share the encoder; each has its own projection.
  package var isShared = false
  /// Whether records that occur in training have learned embeddings, which are added to the output of the
  /// encoder.
  package var embedsKnown = false
  /// The probability in training with which a learned embedding is replaced by that of unknown records.
  package var unknownRate: Float = 0
  /// The penalty on the squared factors of a batch.
  package var factorPenalty: Float = 0
  /// The penalty on squared weights at this input; nil takes the training's.
  package var inputPenalty: Float?
  /// Where examples may lack the input, the probability with which it is hidden in training so that a learned vector stands for
  /// it; nil where every example has it.
  package var missingRate: Float?
  /// The layers of the kind `layers` in order; empty for other kinds.
  package var layers: [ListedLayer] = []

  /// Creates the default options of a kind.
  package init(_ kind: Kind) {
    self.kind = kind
    if kind == .cnn { pooling = .max }
  }

  /// The effective kind: a list of layers overrides `kind`.
  package var chosenKind: Kind { layers.isEmpty ? kind : .layers }

  /// The reason why the options cannot be used, if any.
  package var problem: String? {
    for (value, range, name) in [
      (embeddingSize, 1...4096, "embeddingSize"), (stepSize, 1...65536, "stepSize"),
      (filters, 1...8192, "filters"), (kernelSize, 1...1024, "kernelSize"), (poolSize, 1...1024, "poolSize"),
      (blocks, 0...12, "blocks"), (linearWordLength, 0...3, "linearWordLength"),
      (hiddenSize, 1...8192, "hiddenSize"), (recurrentLayers, 1...16, "recurrentLayers"),
      (moreKernelSizes.count, 0...16, "moreKernelSizes of length"),
      (projection.count, 0...16, "layers of the projection"),
    ] where !range.contains(value) {
      return "\(name) must be from \(range.lowerBound) to \(range.upperBound) (got \(value))"
    }
    if let size = projection.first(where: { !(1...65536 ~= $0) }) {
      return "layers of the projection must have from 1 to 65536 units (got \(size))"
    }
    if let size = moreKernelSizes.first(where: { !(1...1024 ~= $0) }) {
      return "kernel sizes must be from 1 to 1024 (got \(size))"
    }
    for (rate, name) in [
      (inputDropout, "inputDropout"), (dropout, "dropout"), (unknownRate, "unknownRate"),
    ] where !(rate >= 0 && rate < 1) {
      return "\(name) must be at least 0 and below 1 (got \(rate))"
    }
    if let other = candidates?.first(where: { $0 == .layers || $0.isDense }) {
      return "candidates must be recurrent or convolutional kinds (got \(other.rawValue))"
    }
    if kind == .layers, layers.isEmpty { return "the kind layers needs a list of layers" }
    if kind != .layers, !layers.isEmpty {
      return "a list of layers needs the kind layers (got \(kind.rawValue))"
    }
    if let inputPenalty, !(inputPenalty >= 0) {
      return "inputPenalty must be at least 0 (got \(inputPenalty))"
    }
    if let missingRate, !(missingRate >= 0 && missingRate < 1) {
      return "missingRate must be at least 0 and below 1 (got \(missingRate))"
    }
    return factorPenalty >= 0 ? nil : "factorPenalty must be at least 0 (got \(factorPenalty))"
  }
}
