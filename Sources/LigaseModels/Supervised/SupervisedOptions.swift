import LigaseDatasets
import LigaseNetworks

/// Everything a user can choose for `train sequence`, `residues`, `expression` and `genotype`. The defaults need no
/// tuning; they depend on the kind of data and its amount.
public struct SupervisedOptions: Codable, Hashable, Sendable {
  /// How the network is trained.
  public struct Training: Codable, Hashable, Sendable {
    /// At most this many passes over the training examples.
    public var epochs = 20
    /// Examples a step.
    public var batchSize = 64
    /// The highest learning rate.
    public var learningRate: Float = 0.002
    /// The share of the steps over which the learning rate climbs.
    public var warmup: Float = 0.05
    /// AdamW's weight decay.
    public var weightDecay: Float = 0.01
    /// The penalty on squared weights that is part of the loss, for weights at the inputs: `penalty / 2 · sum w²`.
    public var inputPenalty: Float = 0
    /// Whether genes count as much as each by itself tells of the target in training samples; see `FeatureRelevance`.
    public var weighsGenes = false
    /// Whether genotypes are read with the ancestry that they show, where the target is a class; see `AncestryFeatures`.
    public var findsAncestry = true
    /// The decay a step of the moving average of weights that is validated and kept; 0 keeps the weights themselves.
    public var averageDecay: Float = 0.99
    /// Stops after so many epochs without a better validation metric; 0 never stops early.
    public var patience = 10
    /// The share of the examples that is drawn for validation where no split names them.
    public var validationShare = 0.1
    /// Whether the network is trained again on training and validation examples together, for as many epochs as were
    /// best, where validation examples were drawn.
    public var refits = false
    /// Gradients longer than this are scaled down to it; 0 leaves them.
    public var clipNorm: Float = 5
    /// Whether every class weighs the same in the loss, however many examples it has.
    public var balancesClasses = false
    /// Whether either strand of a nucleic sequence means the same: every other training sequence is
    /// reverse-complemented, and predictions are means over both strands.
    public var usesBothStrands = false
    /// Training sequences move by up to so many residues either way.
    public var shift = 0

    /// The defaults.
    public init() {}

    /// All examples train for all epochs: none is set apart to choose one.
    mutating func choosesNoEpoch() { (validationShare, refits, patience) = (0, false, 0) }
  }

  /// The network.
  public var architecture: Architecture
  /// Its training.
  public var training = Training()

  /// The defaults for some examples.
  ///
  /// - Parameters:
  ///   - kind: the architecture the user named; nil takes the one for this kind of data.
  ///   - count: training examples.
  public init(_ kind: Architecture.Kind?, for inputs: RawInputs, target: Target, count: Int) {
    switch inputs {
    case .sequences(let sequences):
      if case .residues = target {
        architecture = Architecture(kind ?? .cnnLSTM)
        architecture.hiddenSize = 128
        architecture.filters = 128
        architecture.headHidden = []
        training.batchSize = 32
        training.epochs = Self.epochs(for: count, batchSize: 32, steps: 3500)
        training.weightDecay = 0.02
      } else {
        architecture = Architecture(kind ?? .cnnLSTM)
        architecture.hasLinearPath = true
        training.epochs = Self.epochs(
          for: count, batchSize: 64, steps: 4000, residues: sequences.reduce(0) { $0 + $1.count })
        training.refits = count < 5000
        architecture.members = count < 5000 ? 3 : 2
        architecture.inputDropout = count < 5000 ? 0.2 : 0.1
        architecture.dropout = count < 5000 ? 0.5 : 0.3
        training.learningRate = count < 5000 ? 0.003 : 0.002
        // Of words there are many, and each says little.
        let isEven = Set(sequences.lazy.map(\.count)).count == 1
        training.inputPenalty = isEven ? 0.01 : 0.2
        // What a network needs many examples to see: which residues stand together where.
        architecture.linearWordLength = count < 5000 ? 0 : 1
        if count < 2000, !target.isOfValues {
          // A tenth of so few would choose an epoch by chance, and a motif shows only after a plateau; smaller batches make
          // steps enough. Numbers, which are noisier than classes, still choose their epoch.
          training.batchSize = 16
          training.epochs = Self.epochs(
            for: count, batchSize: 16, steps: 4000, atMost: 100,
            residues: sequences.reduce(0) { $0 + $1.count })
          training.choosesNoEpoch()
        }
      }
    case .features(let table):
      // Where features are many times the samples, one layer over those that tell most is all that can be learned.
      let isWide = table.names.count >= 10 * count
      architecture = Architecture(kind ?? (isWide ? .linear : .mlp))
      architecture.dropout = 0.2
      architecture.hasLinearPath = true
      architecture.headHidden = [128]
      architecture.members = 4
      architecture.pooling = .mean
      architecture.poolSize = 1
      training.batchSize = 32
      training.epochs = min(400, max(20, 3000 * 32 / max(count, 1)))
      training.patience = max(10, training.epochs / 5)
      training.weightDecay = 0
      training.inputPenalty = 0.03
      training.weighsGenes = isWide
      training.refits = true
      if isWide, architecture.kind == .linear {
        // A convex problem that the penalty keeps from overfitting is solved: a share of few samples would choose an epoch
        // by chance. What features add up to grows with their number, so that steps shrink and the penalty grows with it.
        let features = Float(table.names.count), samples = Float(max(count, 1))
        training.choosesNoEpoch()
        training.epochs = max(20, 1000 * 32 / max(count, 1))
        training.learningRate = min(0.002, 2 / features)
        training.inputPenalty = (target.isOfValues ? 3 : 0.01) * features / samples
      }
    }
    if architecture.kind.isDense, architecture.kind == .linear { architecture.members = 1 }
  }

  /// As many passes as make about so many steps, over no more than 30 million residues, from 5 to `most`.
  private static func epochs(
    for count: Int, batchSize: Int, steps: Int, atMost most: Int = 60, residues: Int = 0
  ) -> Int {
    min(most, max(5, min(steps * batchSize / max(count, 1), 30_000_000 / max(residues, 1))))
  }

  /// Why they cannot be used, if so.
  public var problem: String? {
    if let problem = architecture.problem { return problem }
    let t = training
    if !(1...100_000 ~= t.epochs) { return "found epochs \(t.epochs), expected 1 to 100000" }
    if !(1...1_000_000 ~= t.batchSize) { return "found batchSize \(t.batchSize), expected 1 to 1000000" }
    if !(t.learningRate > 0 && t.learningRate.isFinite) { return "found learningRate \(t.learningRate)" }
    if !(0...0.9 ~= t.validationShare) {
      return "found validationShare \(t.validationShare), expected 0 to 0.9"
    }
    if !(t.weightDecay >= 0 && t.averageDecay >= 0 && t.averageDecay < 1 && t.clipNorm >= 0 && t.shift >= 0) {
      return "found a negative setting of training, or averageDecay from 1 up"
    }
    return nil
  }
}
