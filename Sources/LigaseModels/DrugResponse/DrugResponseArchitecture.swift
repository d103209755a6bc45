/// The shape of a drug-response network. `DrugResponseNetwork` says what each number means in the formula.
public struct DrugResponseArchitecture: Codable, Hashable, Sendable {
  /// How a SMILES string becomes a vector.
  public enum DrugEncoder: String, Codable, CaseIterable, Sendable {
    /// A bidirectional long short-term memory, averaged over the string.
    case lstm
    /// A bidirectional gated recurrent unit, averaged over the string.
    case gru
    /// A bidirectional Elman network, averaged over the string.
    case rnn
    /// Two convolutions over the tokens, the maximum over the string.
    case cnn
  }

  /// How a SMILES string becomes a vector.
  public var drugEncoder = DrugEncoder.lstm
  /// The size of a token's vector.
  public var tokenSize = 32
  /// The hidden size of one direction, or half the channels of the convolutions.
  public var drugHidden = 64
  /// How many recurrent layers lie on top of each other.
  public var drugLayers = 1
  /// Whether the drug encoder also reads how often each token occurs.
  public var readsCounts = false
  /// The size of a hidden layer between the drug encoder and K + 1; 0 leaves it out.
  public var structureHidden = 0
  /// The probability with which channels of the drug encoder's output are dropped in training.
  public var drugDropout: Float = 0.1
  /// How many members, which share the drug encoder, are averaged.
  public var members = 4
  /// The hidden sizes of the expression encoder.
  public var expressionHidden = [256]
  /// Whether a linear map of the genes runs beside the hidden layers.
  public var hasLinearPath = false
  /// The probability with which a gene is dropped in training.
  public var geneDropout: Float = 0.4
  /// The probability with which hidden units of the expression encoder are dropped in training.
  public var expressionDropout: Float = 0.2
  /// K, the size of the vectors in which lines and drugs meet.
  public var latentSize = 64
  /// The probability with which entries of those vectors and of their product are dropped in training.
  public var latentDropout: Float = 0.4
  /// The hidden sizes of the head; without any there is no head.
  public var headHidden = [128]
  /// The probability with which hidden units of the head are dropped in training.
  public var headDropout: Float = 0.2
  /// Whether the inner product of the two vectors is part of the prediction.
  public var usesProduct = true
  /// Whether lines seen in training have a learned vector beside their encoder.
  public var embedsLines = true
  /// Whether drugs seen in training have a learned vector beside their encoder.
  public var embedsDrugs = true
  /// The probability with which a learned vector is replaced by the one for the unknown in training.
  public var unknownRate: Float = 0.1

  /// The defaults.
  public init() {}

  /// What is wrong with the numbers, if anything.
  public var problem: String? {
    let sizes = [tokenSize, drugHidden, drugLayers, latentSize, members] + expressionHidden + headHidden
    if let size = sizes.first(where: { $0 < 1 || $0 > 65536 }) {
      return "found a size of \(size), expected 1 to 65536"
    }
    if structureHidden < 0 || structureHidden > 65536 { return "found a hidden layer of \(structureHidden)" }
    let rates = [drugDropout, geneDropout, expressionDropout, latentDropout, headDropout, unknownRate]
    if let rate = rates.first(where: { !($0 >= 0 && $0 < 1) }) {
      return "found a dropout of \(rate), expected at least 0 and less than 1"
    }
    if headHidden.isEmpty && !usesProduct {
      return "found neither a head nor the product, expected one of them"
    }
    return nil
  }
}
