import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// How one input becomes a representation. Sizes that a kind does not use are ignored.
package struct EncoderOptions: Codable, Hashable, Sendable {
  /// The kind of an encoder.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997).
    case lstm
    /// Gated recurrent units (Cho et al., 2014).
    case gru
    /// Elman's recurrent network.
    case rnn
    /// A motif scanner: convolution, the best place of each filter, a dense head (Alipanahi et al., 2015).
    case cnn
    /// Convolution and pooling below a bidirectional LSTM (Quang and Xie, 2016).
    case cnnLSTM = "cnn-lstm"
    /// Residual convolutions of growing dilation (Jaganathan et al., 2019).
    case dilatedCNN = "dilated-cnn"
    /// Dense layers over all features at once.
    case mlp
    /// One linear layer: softmax, logistic or linear regression. Of sequences it reads what a linear path does.
    case linear
    /// The layers that `layers` lists.
    case layers

    /// The recurrence in it, if any.
    var cell: RecurrentCell? {
      switch self {
      case .lstm, .cnnLSTM: .lstm
      case .gru: .gru
      case .rnn: .tanh
      default: nil
      }
    }

    /// Whether all features enter at once, so that every example must have as many.
    package var isDense: Bool { self == .mlp || self == .linear }
  }

  /// The kind.
  package var kind: Kind
  /// Kinds of which inner folds of the training examples choose one (`ArchitectureChoice`); empty where the kind is given,
  /// and nil in tasks without such a choice.
  package var candidates: [Kind]?
  /// Size of a token's learned vector.
  package var embeddingSize = 16
  /// Features that make one step where a recurrent or convolutional network reads a table of features.
  package var stepSize = 64
  /// Filters of the convolutions.
  package var filters = 64
  /// Steps under a filter.
  package var kernelSize = 11
  /// Steps under the filters of further convolutions of a `cnn`, one entry a layer.
  package var moreKernelSizes: [Int] = []
  /// Steps that are pooled into one after the first convolution; 1 pools none.
  package var poolSize = 4
  /// Residual blocks of a dilated network; block b has the dilation 2^b.
  package var blocks = 5
  /// H of the recurrent layers.
  package var hiddenSize = 64
  /// Number of recurrent layers.
  package var recurrentLayers = 1
  /// Whether a backward direction runs beside the forward one.
  package var isBidirectional = true
  /// How the steps become one row.
  package var pooling = LengthPooling.Kind.attention
  /// Sizes of hidden layers between the encoder and its factors, where inputs meet in a product or a gate.
  package var projection: [Int] = []
  /// The probability with which inputs are dropped in training.
  package var inputDropout: Float = 0
  /// The probability with which hidden numbers are dropped in training.
  package var dropout: Float = 0.2
  /// Whether a linear layer leads from the input straight to the outputs, or to the factors: from the residues of sequences
  /// of one length, else from the counts of their k-mers.
  package var hasLinearPath = false
  /// Length of the k-mers that a linear layer reads at every place of one-hot sequences of one length, 1 to 3; a length of
  /// which there are more than 64 is left out. 0 lets training examples choose: 3 where k-mers tell more of the classes at
  /// their places than anywhere (`AlignedSequences`), else 1.
  package var linearWordLength = 1
  /// Whether the counts of tokens stand beside the encoder's output.
  package var readsCounts = false
  /// Whether all members share the encoder; its projection is each member's own.
  package var isShared = false
  /// Whether records that training knows have a learned vector beside their encoder.
  package var embedsKnown = false
  /// The probability with which a learned vector is replaced by the one of the unknown in training.
  package var unknownRate: Float = 0
  /// The penalty on the squares of a batch's factors.
  package var factorPenalty: Float = 0
  /// The layers one after the other, of the kind `layers`; empty in the other kinds.
  package var layers: [ListedLayer] = []

  /// The defaults of a kind.
  package init(_ kind: Kind) {
    self.kind = kind
    if kind == .cnn { pooling = .max }
  }

  /// Its kind; a list of layers is one, whatever the kind says.
  package var chosenKind: Kind { layers.isEmpty ? kind : .layers }

  /// Why it cannot be built, if so.
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
    return factorPenalty >= 0 ? nil : "factorPenalty must be at least 0 (got \(factorPenalty))"
  }
}
