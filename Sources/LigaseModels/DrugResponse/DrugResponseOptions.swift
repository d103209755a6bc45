/// Everything a user can choose for `train drug-response`. The defaults need no tuning; they depend on what the model is
/// to predict.
public struct DrugResponseOptions: Codable, Hashable, Sendable {
  /// What a model is to predict.
  public enum Purpose: String, Codable, CaseIterable, Sendable {
    /// Missing pairs of lines and drugs that training knows.
    case known
    /// Lines that training does not know.
    case newLines = "new-lines"
    /// Drugs that training does not know.
    case newDrugs = "new-drugs"
    /// Lines and drugs that training does not know.
    case newBoth = "new-both"

    /// For people.
    var words: String {
      switch self {
      case .known: "known lines and drugs"
      case .newLines: "new lines"
      case .newDrugs: "new drugs"
      case .newBoth: "new lines and new drugs"
      }
    }
  }

  /// What is taken off the response before the network sees it, and added back to its predictions.
  public enum Residual: String, Codable, CaseIterable, Sendable {
    /// The mean of all training responses.
    case mean
    /// The mean of each drug.
    case drug
    /// The mean of each line.
    case line
    /// The effects of drugs and lines together.
    case both

    /// For people.
    var words: String {
      switch self {
      case .mean: "mean of all responses"
      case .drug: "drugs' means"
      case .line: "lines' means"
      case .both: "effects of drugs and lines"
      }
    }
  }

  /// How the network is trained.
  public struct Training: Codable, Hashable, Sendable {
    /// At most this many passes over the training pairs.
    public var epochs = 30
    /// Pairs a step.
    public var batchSize = 1024
    /// The highest learning rate.
    public var learningRate: Float = 0.01
    /// The share of the steps over which the learning rate climbs.
    public var warmup: Float = 0.05
    /// AdamW's weight decay of all but learned vectors.
    public var weightDecay: Float = 0
    /// The penalty on the squares of the lines' vectors in a batch.
    public var linePenalty: Float = 1e-4
    /// The penalty on the squares of the drugs' vectors in a batch.
    public var drugPenalty: Float = 1e-4
    /// The decay a step of the moving average of weights that is validated and kept; 0 keeps the weights themselves.
    public var averageDecay: Float = 0.99
    /// Stops after so many epochs without a better validation error; 0 never stops early.
    public var patience = 10
    /// Whether the network is trained again on training and validation pairs together, for as many epochs as were best,
    /// where the split did not name the validation pairs.
    public var refits = true
    /// Gradients longer than this are scaled down to it; 0 leaves them.
    public var clipNorm: Float = 5
    /// What is taken off the response.
    public var residual = Residual.both
    /// The share of a prediction that a kernel over similar profiles has; the network has the rest. It needs the
    /// residual `drug`.
    public var kernelShare: Float = 0

    /// The defaults for known lines and drugs.
    public init() {}
  }

  /// What the model is to predict.
  public var purpose: Purpose
  /// The network.
  public var architecture = DrugResponseArchitecture()
  /// Its training.
  public var training = Training()

  /// The defaults for a purpose.
  public init(for purpose: Purpose) {
    self.purpose = purpose
    if purpose == .newLines || purpose == .newBoth {
      architecture.members = 4
      architecture.expressionHidden = [128]
      architecture.hasLinearPath = true
      architecture.geneDropout = 0.75
      architecture.expressionDropout = 0.1
      architecture.latentDropout = 0
      architecture.headHidden = []
      architecture.embedsLines = false
      architecture.unknownRate = 0
      training.epochs = 16
      training.batchSize = 4096
      training.learningRate = 0.004
      training.weightDecay = 0.3
      training.linePenalty = 0
      training.averageDecay = 0.98
      training.residual = .drug
      training.kernelShare = 0.9
    }
    if purpose == .newDrugs || purpose == .newBoth {
      architecture.members = 2
      architecture.readsCounts = true
      architecture.structureHidden = 32
      architecture.drugDropout = 0.3
      architecture.geneDropout = 0.75
      architecture.latentSize = 16
      architecture.latentDropout = 0
      architecture.headHidden = []
      architecture.embedsDrugs = false
      architecture.unknownRate = 0
      training.epochs = 12
      training.batchSize = 4096
      training.learningRate = 0.005
      training.weightDecay = 0.1
      training.averageDecay = 0.98
      training.residual = purpose == .newDrugs ? .line : .mean
      training.kernelShare = 0
    }
  }

  /// What is wrong with the numbers, if anything.
  public var problem: String? {
    let t = training
    if let problem = architecture.problem { return problem }
    if !(1...1_000_000 ~= t.epochs) { return "found \(t.epochs) epochs, expected 1 to 1000000" }
    if !(1...1_000_000_000 ~= t.batchSize) {
      return "found a batch size of \(t.batchSize), expected 1 to 1000000000"
    }
    if !(t.learningRate > 0 && t.learningRate.isFinite) {
      return "found a learning rate of \(t.learningRate), expected more than 0"
    }
    if !(t.averageDecay >= 0 && t.averageDecay < 1) {
      return "found an average decay of \(t.averageDecay), expected at least 0 and less than 1"
    }
    if !(t.warmup >= 0 && t.warmup < 1) {
      return "found a warm-up of \(t.warmup), expected at least 0 and less than 1"
    }
    if !(0...1 ~= t.kernelShare) { return "found a kernel share of \(t.kernelShare), expected 0 to 1" }
    if t.kernelShare > 0 && t.residual != .drug {
      return
        "found a kernel share of \(t.kernelShare) with the residual \(t.residual.rawValue), expected drug"
    }
    if [t.weightDecay, t.linePenalty, t.drugPenalty, t.clipNorm].contains(where: { !($0 >= 0) })
      || t.patience < 0
    {
      return "found a negative decay, penalty, norm or patience, expected at least 0"
    }
    return nil
  }
}
