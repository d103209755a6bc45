import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The shape of a network for sequences or features. Sizes that a kind does not use are ignored.
public struct Architecture: Codable, Hashable, Sendable {
  /// What a network is made of.
  public enum Kind: String, Codable, CaseIterable, Sendable {
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

    /// The recurrence in it, if any.
    var cell: RecurrentCell? {
      switch self {
      case .lstm, .cnnLSTM: .lstm
      case .gru: .gru
      case .rnn: .tanh
      default: nil
      }
    }

    /// Whether convolutions come first.
    var convolves: Bool { self == .cnn || self == .cnnLSTM || self == .dilatedCNN }

    /// Whether all features enter at once, so that every example must have as many.
    var isDense: Bool { self == .mlp || self == .linear }
  }

  /// What it is made of.
  public var kind: Kind
  /// The size of a token's learned vector.
  public var embeddingSize = 16
  /// Features that make one step where a recurrent or convolutional network reads a table of features.
  public var stepSize = 64
  /// Filters of the convolutions.
  public var filters = 64
  /// Steps under a filter.
  public var kernelSize = 11
  /// Steps that are pooled into one after the first convolution; 1 pools none.
  public var poolSize = 4
  /// Residual blocks of a dilated network; block b has the dilation 2^b.
  public var blocks = 5
  /// H of the recurrent layers.
  public var hiddenSize = 64
  /// How many recurrent layers lie on top of each other.
  public var layers = 1
  /// Whether a backward direction runs beside the forward one.
  public var isBidirectional = true
  /// How the steps become one row.
  public var pooling = LengthPooling.Kind.attention
  /// Sizes of the hidden layers of the head.
  public var headHidden = [64]
  /// The probability with which inputs are dropped in training.
  public var inputDropout: Float = 0
  /// The probability with which hidden numbers are dropped in training.
  public var dropout: Float = 0.2
  /// Whether a linear layer leads from the inputs straight to the outputs, beside the network: from the residues of
  /// sequences of one length, else from the counts of their words.
  public var hasLinearPath = false
  /// How long the words are that a linear layer reads at every place of one-hot sequences of one length, 1 to 3; a
  /// length of which there are more than 64 words is left out. 0 lets training examples choose: 3 where words tell more
  /// of the classes at their places than anywhere (`PlacedWords`), else 1.
  public var linearWordLength = 1
  /// Networks of this shape that are trained side by side; predictions are their means.
  public var members = 1

  /// The defaults of a kind.
  public init(_ kind: Kind) {
    self.kind = kind
    if kind == .cnn { pooling = .max }
  }

  /// Why it cannot be built, if so.
  public var problem: String? {
    func outside(_ value: Int, _ range: ClosedRange<Int>, _ name: String) -> String? {
      range ~= value ? nil : "found \(name) \(value), expected \(range.lowerBound) to \(range.upperBound)"
    }
    for (value, range, name) in [
      (embeddingSize, 1...4096, "embeddingSize"), (stepSize, 1...65536, "stepSize"),
      (filters, 1...8192, "filters"),
      (kernelSize, 1...1024, "kernelSize"), (poolSize, 1...1024, "poolSize"), (blocks, 0...12, "blocks"),
      (linearWordLength, 0...3, "linearWordLength"), (hiddenSize, 1...8192, "hiddenSize"),
      (layers, 1...16, "layers"), (members, 1...64, "members"),
      (headHidden.count, 0...16, "layers of the head"),
    ] {
      if let problem = outside(value, range, name) { return problem }
    }
    for size in headHidden {
      if let problem = outside(size, 1...65536, "a layer of the head of") { return problem }
    }
    for (rate, name) in [(inputDropout, "inputDropout"), (dropout, "dropout")] where !(rate >= 0 && rate < 1)
    {
      return "found \(name) \(rate), expected 0 to below 1"
    }
    return nil
  }
}
